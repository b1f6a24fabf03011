// Addresses that are constants cost nothing: they are part of the instruction. ../kernels.ts has the same numbers.

/** One byte a cut: 0, or what is added to the address of a split's left child to get at the right one. */
export const FLAGS: usize = 0;
export const NODES: usize = 0x10000;

// What a walk does with the leaves it reaches.
export const SUM_SINGLE: i32 = 0;
export const SUM_DOUBLE: i32 = 1;
