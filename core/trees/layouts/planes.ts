import type { TreeEnsemble } from "../ensemble.ts";
import { MemoryPlan, type ModelMemory } from "../kernel/model-memory.ts";
import type { ColumnTables } from "./column-tables.ts";
import type { Cuts } from "./cuts.ts";

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
  ensemble: TreeEnsemble,
  cuts: Cuts,
  columns: ColumnTables,
  width: number,
): PlaneTables | undefined {
  const { treeStart, treeOutput, valuesPerLeaf, outputs } = ensemble;
  const kernels = memory.planeKernels;
  const largest = treeOutput.reduce(
    (most, _, tree) => Math.max(most, (treeStart[tree + 1] as number) - (treeStart[tree] as number)),
    1,
  );
  if (kernels === undefined || largest >= 2 * mostLeaves) return undefined;
  const isSingle = ensemble.accumulate === "float32";
  const size = isSingle ? 4 : 8;
  const trees = treeOutput.length;
  const splits = (ensemble.feature.length - trees) / 2;
  const longest = cuts.columns.reduce(
    (most, { raisedByMissing }) => Math.max(most, raisedByMissing.length),
    0,
  );
  const plan = new MemoryPlan(memory.bytes.length);
  const programBytes = trees * 8 + splits * 12;
  const program = plan.reserve(programBytes);
  const values = plan.reserve((splits + trees) * valuesPerLeaf * size);
  const rows = plan.reserve(ROWS * width * 8);
  const sums = plan.reserve(ROWS * outputs * size);
  const buckets = plan.reserve(Math.max(longest + 3, 2 * ROWS) * bytesPerPlane);
  const planes = plan.reserve(cuts.flags * bytesPerPlane);
  // The kernel keeps 16 planes and 256 bytes before them.
  const nodes = plan.reserve(512 + largest * bytesPerPlane) + 512;
  if (!memory.grow(plan.size)) return undefined;
  writeTrees(memory, ensemble, cuts, { program, values, planes, nodes });
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

/**
 * A tree: how many splits it has, where its output's sums are, and for each split the planes of its flag and of its children; leaves
 * come after all splits.
 */
function writeTrees(
  { words, singles, doubles }: ModelMemory,
  { treeStart, treeOutput, feature, left, right, value, valuesPerLeaf, accumulate }: TreeEnsemble,
  { flagOfNode }: Cuts,
  at: { readonly program: number; readonly values: number; readonly planes: number; readonly nodes: number },
): void {
  const numbers = accumulate === "float32" ? singles : doubles;
  let word = at.program / 4;
  let nextValue = at.values / numbers.BYTES_PER_ELEMENT;
  for (let tree = 0; tree < treeOutput.length; tree++) {
    const start = treeStart[tree] as number;
    const splits = ((treeStart[tree + 1] as number) - start - 1) / 2;
    words[word++] = splits;
    words[word++] = (treeOutput[tree] as number) * ROWS * numbers.BYTES_PER_ELEMENT;
    // Breadth first, so that each split stands before those below it.
    const queue = [start];
    let nextLeaf = splits;
    const planeOf = (node: number): number => {
      if ((feature[node] as number) >= 0) return at.nodes + (queue.push(node) - 1) * bytesPerPlane;
      for (let i = 0; i < valuesPerLeaf; i++)
        numbers[nextValue++] = value[node * valuesPerLeaf + i] as number;
      return at.nodes + nextLeaf++ * bytesPerPlane;
    };
    if (splits === 0) planeOf(start);
    for (let i = 0; i < splits; i++) {
      const node = queue[i] as number;
      words[word++] = at.planes + (flagOfNode[node] as number) * bytesPerPlane;
      words[word++] = planeOf(start + (left[node] as number));
      words[word++] = planeOf(start + (right[node] as number));
    }
  }
}
