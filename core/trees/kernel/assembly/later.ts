// What the later kernels export, which are compiled when they are first asked for: those for many rows at once, and for contributions.
export { writeBlock } from "./blocks";
export { explainPairs, explainRow } from "./contributions";
export { splitForest } from "./forest";
export { addPerfectDouble, addPerfectSingle, addTreesDouble, addTreesSingle } from "./plane-trees";
export { setPlanes } from "./planes";
export { writeHeap, writeProgram } from "./tables";
