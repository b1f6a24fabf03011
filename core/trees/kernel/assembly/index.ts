// What the kernels export. AssemblyScript, not TypeScript: npm run build:kernels compiles it.
export { decodeBlocks } from "./base64";
export { writeBlock } from "./blocks";
export { addCovers, firstFalling, firstOutside, joinFlags, measureTrees } from "./checks";
export { explainPairs, explainRow } from "./contributions";
export { setFlags } from "./flags";
export { expandTrees, splitForest } from "./forest";
export { addLeavesDouble, addLeavesSingle } from "./leaves";
export { walkLinked } from "./linked";
export { readNumbers } from "./numbers";
export { walkPerfect } from "./perfect";
export { addPerfectDouble, addPerfectSingle, addTreesDouble, addTreesSingle } from "./plane-trees";
export { setPlanes } from "./planes";
export { writeBlocks, writeHeap, writeLinked, writePattern, writePerfect, writeProgram } from "./tables";
