import type { CompactTrees } from "../compact-trees.ts";
import { NODES } from "../kernel/kernels.ts";
import type { MemoryPlan } from "../kernel/model-memory.ts";
import type { NodeTables } from "./node-tables.ts";

/** All trees padded to perfect ones of the same depth; see kernel/assembly/perfect.ts. */
export function perfectNodes(
  plan: (start: number) => MemoryPlan,
  { treeOutput, accumulate, measures }: CompactTrees,
): { plan: MemoryPlan; nodes: NodeTables } {
  const { depth } = measures;
  const trees = treeOutput.length;
  const roots = Math.ceil(trees / 8) * 8;
  const leaves = roots * 2 ** depth;
  const size = accumulate === "float32" ? 4 : 8;
  const nodesPlan = plan(NODES + 2 * leaves);
  const firstLeaf = nodesPlan.reserve(leaves * size);
  const values = firstLeaf - leaves * size;
  return {
    plan: nodesPlan,
    nodes: {
      raised: 2,
      write({ kernels, singles, doubles }, { flags, leafValues, stack }) {
        kernels.writePerfect(flags, trees, roots, depth, leafValues, size, firstLeaf, stack);
        // x + -0 is x, of whatever sign: trees that only fill up the last eight change nothing.
        const first = firstLeaf / size + trees * 2 ** depth;
        (size === 4 ? singles : doubles).fill(-0, first, firstLeaf / size + leaves);
      },
      values,
      perfect: { roots, depth, firstLeaf },
      walk: ({ kernels }, mode, leavesAt, sum) =>
        kernels.walkPerfect(roots, depth, mode, values, leavesAt, sum),
    },
  };
}
