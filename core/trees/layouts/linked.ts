import type { CompactTrees } from "../compact-trees.ts";
import { NODES } from "../kernel/kernels.ts";
import type { MemoryPlan } from "../kernel/model-memory.ts";
import type { NodeTables } from "./node-tables.ts";

const bytesPerNode = 4;
/** A child is told by a distance in 16 bits. */
export const mostLinkedNodes = 0x10000 / bytesPerNode;

/** Trees of any shape; see kernel/assembly/linked.ts. */
export function linkedNodes(
  plan: (start: number) => MemoryPlan,
  { treeOutput, flagOfNode, accumulate, valuesPerLeaf }: CompactTrees,
): { plan: MemoryPlan; nodes: NodeTables } {
  const trees = treeOutput.length;
  const walked = Math.ceil(trees / 8) * 8;
  const nodes = flagOfNode.length;
  const leafBytes = valuesPerLeaf * (accumulate === "float32" ? 4 : 8);
  const nodesPlan = plan(NODES + (nodes + 1) * bytesPerNode);
  const roots = nodesPlan.reserve(walked * 4);
  const values = nodesPlan.reserve((nodes + 1) * leafBytes);
  return {
    plan: nodesPlan,
    nodes: {
      raised: bytesPerNode,
      write({ kernels, words, singles, doubles }, { flags, starts, leafValues, links, queue, stack }) {
        kernels.writeLinked(flags, starts, trees, leafValues, leafBytes, values, links, queue, stack);
        for (let tree = 0; tree < walked; tree++) {
          const start = tree < trees ? (words[(starts >> 2) + tree] as number) : nodes;
          words[(roots >> 2) + tree] = start * bytesPerNode;
        }
        // x + -0 is x, of whatever sign: what only fills up the last eight trees changes nothing.
        const numbers = accumulate === "float32" ? singles : doubles;
        const nothing = (values + nodes * leafBytes) / numbers.BYTES_PER_ELEMENT;
        numbers.fill(-0, nothing, nothing + valuesPerLeaf);
      },
      values,
      scale: leafBytes / bytesPerNode,
      isPerfect: false,
      walk: ({ kernels }, mode, leavesAt, sum) =>
        kernels.walkLinked(roots, roots + walked * 4, mode, values, leavesAt, sum),
    },
  };
}
