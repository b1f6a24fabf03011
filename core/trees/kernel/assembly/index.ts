// What the kernels export. AssemblyScript, not TypeScript: npm run build:kernels compiles it.
export { setFlags } from "./flags";
export { walkPerfect } from "./perfect";
