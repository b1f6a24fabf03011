import type { CompactTrees } from "../compact-trees.ts";
import { MemoryPlan, type ModelMemory } from "../kernel/model-memory.ts";
import type { ColumnTables } from "./column-tables.ts";
import { placeTrees, reserveTrees } from "./node-tables.ts";

/** Rows that are scored at once. */
export const ROWS = 128;
/** With fewer rows, setting a plane for every cut costs more than it saves; docs/performance.md has the measurement. */
export const fewestRows = 56;
/** Larger trees are walked faster than all their splits are looked at. */
const mostLeaves = 1024;
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
 * Extends the model's memory and writes the trees into it once more, in the form that suits many rows. Undefined where that
 * form does not pay or there is no memory for it.
 */
export function planeTables(
  memory: ModelMemory,
  compact: CompactTrees,
  columns: ColumnTables,
  width: number,
): PlaneTables | undefined {
  const { treeOutput, valuesPerLeaf, outputs, measures, accumulate, cuts } = compact;
  const kernels = memory.planeKernels;
  const { largest, leaves } = measures;
  if (kernels === undefined || largest >= 2 * mostLeaves) return undefined;
  const isSingle = accumulate === "float32";
  const size = isSingle ? 4 : 8;
  const trees = treeOutput.length;
  const splits = leaves - trees;
  const plan = new MemoryPlan(memory.bytes.length);
  const programBytes = trees * 8 + splits * 12;
  const program = plan.reserve(programBytes);
  const values = plan.reserve(leaves * valuesPerLeaf * size);
  const rows = plan.reserve(ROWS * width * 8);
  const sums = plan.reserve(ROWS * outputs * size);
  const buckets = plan.reserve(Math.max(columns.longest + 3, 2 * ROWS) * bytesPerPlane);
  const planes = plan.reserve(cuts.flags * bytesPerPlane);
  // The kernel keeps 16 planes and 256 bytes before them.
  const nodes = plan.reserve(512 + largest * bytesPerPlane) + 512;
  const at = reserveTrees(plan, compact);
  const treeOutputs = plan.reserve(trees * 4);
  if (!memory.grow(plan.size)) return undefined;
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
  const addTrees = isSingle ? kernels.addTreesSingle : kernels.addTreesDouble;
  return {
    rows,
    sums,
    addTrees(count) {
      kernels.setPlanes(columns.columns, columns.end, rows, width * 8, count, planes, buckets);
      addTrees(program, program + programBytes, nodes, values, valuesPerLeaf, sums);
    },
  };
}
