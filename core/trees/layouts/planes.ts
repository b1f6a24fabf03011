import type { CompactTrees } from "../compact-trees.ts";
import type { PlaneKernels } from "../kernel/kernels.ts";
import { MemoryPlan, type ModelMemory } from "../kernel/model-memory.ts";
import type { ColumnTables } from "./column-tables.ts";
import { type NodeTables, placeTrees, reserveTrees } from "./node-tables.ts";

/** Rows that are scored at once. */
export const ROWS = 128;
/** With fewer rows, setting a plane for every cut costs more than it saves; docs/performance.md has the measurement. */
export const fewestRows = 40;
/** Larger trees are walked faster than all their splits are looked at. */
const mostLeaves = 1024;
/** The number of a leaf of a perfect tree is a byte. */
const deepestPerfect = 8;
/** A split of a perfect tree costs less than half of another. */
const mostPadding = 2;
const perfectWorkBytes = 512;
const bytesPerPlane = 16;

/** Many rows at once, for the layouts that use flags; see kernel/assembly/planes.ts. */
export interface PlaneTables {
  /** Where rows are put, float64 one behind the other. */
  readonly rows: number;
  /** Where the sums of 128 rows stand, output by output; they start with what is there. */
  readonly sums: number;
  /** Adds the leaves of the first `count` rows to the sums. */
  addTrees(count: number): void;
}

/**
 * Extends the model's memory by what many rows need, the trees once more in the form that suits them. Undefined where that form does not pay or
 * there is no memory for it.
 */
export function planeTables(
  memory: ModelMemory,
  compact: CompactTrees,
  columns: ColumnTables,
  nodes: NodeTables,
  width: number,
): PlaneTables | undefined {
  const { outputs, accumulate, cuts } = compact;
  const kernels = memory.laterKernels;
  if (kernels === undefined) return undefined;
  const plan = new MemoryPlan(memory.bytes.length);
  const rows = plan.reserve(ROWS * width * 8);
  const sums = plan.reserve(ROWS * outputs * (accumulate === "float32" ? 4 : 8));
  const work = plan.reserve(Math.max(columns.longest + 66, 2 * ROWS) * bytesPerPlane);
  const planes = plan.reserve(cuts.flags * bytesPerPlane);
  const trees = perfectTrees(plan, compact, nodes) ?? otherTrees(plan, compact);
  if (trees === undefined || !memory.grow(plan.size)) return undefined;
  const add = trees(memory, kernels, planes, sums);
  return {
    rows,
    sums,
    addTrees(count) {
      kernels.setPlanes(columns.columns, columns.end, rows, width * 8, count, planes, work);
      add();
    },
  };
}

/** Prepares trees in a memory with room for them; what is returned adds their leaves. */
type WriteTrees = (memory: ModelMemory, kernels: PlaneKernels, planes: number, sums: number) => () => void;

/** Undefined: not perfect, of other depths, or so sparse that the splits by themselves are fewer. */
function perfectTrees(
  plan: MemoryPlan,
  compact: CompactTrees,
  { isPerfect }: NodeTables,
): WriteTrees | undefined {
  const { treeOutput, measures, accumulate } = compact;
  const { depth } = measures;
  const trees = treeOutput.length;
  const leaves = trees * 2 ** depth;
  if (!isPerfect || depth < 1 || depth > deepestPerfect || leaves > mostPadding * measures.leaves)
    return undefined;
  const isSingle = accumulate === "float32";
  const size = isSingle ? 4 : 8;
  const nodes = plan.reserve(leaves * 2);
  const firstLeaf = plan.reserve(leaves * size);
  const at = reserveTrees(plan, compact);
  const treeOutputs = plan.reserve(trees * 4);
  const work = plan.reserve(perfectWorkBytes);
  return (memory, kernels, planes, sums) => {
    placeTrees(memory, compact, at);
    memory.words.set(treeOutput, treeOutputs >> 2);
    kernels.writeHeap(at.flags, trees, depth, at.leafValues, size, nodes, firstLeaf, at.stack);
    const add = isSingle ? kernels.addPerfectSingle : kernels.addPerfectDouble;
    return () => add(trees, depth, treeOutputs, planes, nodes, firstLeaf, work, sums);
  };
}

/** Undefined: so large that walks are faster. */
function otherTrees(plan: MemoryPlan, compact: CompactTrees): WriteTrees | undefined {
  const { treeOutput, valuesPerLeaf, measures, accumulate } = compact;
  const { largest, leaves } = measures;
  if (largest >= 2 * mostLeaves) return undefined;
  const isSingle = accumulate === "float32";
  const size = isSingle ? 4 : 8;
  const trees = treeOutput.length;
  const programBytes = trees * 8 + (leaves - trees) * 12;
  const program = plan.reserve(programBytes);
  const values = plan.reserve(leaves * valuesPerLeaf * size);
  // The kernel keeps 16 planes and 256 bytes before them.
  const nodes = plan.reserve(512 + largest * bytesPerPlane) + 512;
  const at = reserveTrees(plan, compact);
  const treeOutputs = plan.reserve(trees * 4);
  return (memory, kernels, planes, sums) => {
    placeTrees(memory, compact, at);
    memory.words.set(treeOutput, treeOutputs >> 2);
    kernels.writeProgram(
      at.flags,
      at.starts,
      trees,
      treeOutputs,
      ROWS * size,
      at.leafValues,
      valuesPerLeaf * size,
      program,
      values,
      planes,
      nodes,
      at.links,
      at.queue,
      at.stack,
    );
    const add = isSingle ? kernels.addTreesSingle : kernels.addTreesDouble;
    return () => add(program, program + programBytes, nodes, values, valuesPerLeaf, sums);
  };
}
