/** How many trees, nodes and levels a package may have: memory and the work of an explanation are bounded by them. */
export const maximumTrees = 100_000;
export const maximumNodes = 20_000_000;
/** Explaining a tree takes work that grows with leaves x levels squared; no library grows as deep on real data. */
export const maximumDepth = 256;
