// What the first kernels export: those that read files, load models and score rows. AssemblyScript, not TypeScript: npm run build:kernels compiles it.
export { decodeBlocks } from "./base64";
export { addCovers, firstFalling, firstOutside, joinFlags, measureTrees } from "./checks";
export { setFlags } from "./flags";
export { expandTrees } from "./forest";
export { addLeavesDouble, addLeavesSingle } from "./leaves";
export { walkLinked } from "./linked";
export { readNumbers } from "./numbers";
export { walkPerfect } from "./perfect";
export { writeBlocks, writeLinked, writePattern, writePerfect } from "./tables";
