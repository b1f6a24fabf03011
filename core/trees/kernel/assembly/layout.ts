// Where things lie in the memory of a model; ../memory.ts says the same to the host.

/** One byte a cut: what a split that compares this cut adds to the address of its left child. */
export const FLAGS: usize = 0;
/** Offsets that are constants cost nothing: the address of a node is a register, NODES is part of the instruction. */
export const NODES: usize = 0x10000;
