import type { TreeEnsemble } from "../ensemble.ts";
import { NODES } from "../kernel/kernels.ts";
import type { MemoryPlan, ModelMemory } from "../kernel/model-memory.ts";
import type { Cuts } from "./cuts.ts";
import type { NodeTables } from "./node-tables.ts";

const bytesPerNode = 4;
/** A child is told by a distance in 16 bits. */
export const mostLinkedNodes = 0x10000 / bytesPerNode;

/** Trees of any shape; see kernel/assembly/linked.ts. */
export function linkedNodes(
  plan: (start: number) => MemoryPlan,
  ensemble: TreeEnsemble,
): { plan: MemoryPlan; nodes: NodeTables } {
  const trees = Math.ceil(ensemble.treeOutput.length / 8) * 8;
  const nodes = ensemble.feature.length;
  const size = ensemble.accumulate === "float32" ? 4 : 8;
  const nodesPlan = plan(NODES + (nodes + 1) * bytesPerNode);
  const roots = nodesPlan.reserve(trees * 4);
  const values = nodesPlan.reserve((nodes + 1) * ensemble.valuesPerLeaf * size);
  return {
    plan: nodesPlan,
    nodes: {
      raised: bytesPerNode,
      write: (memory, cuts) => writeNodes(memory, cuts, ensemble, roots, trees, values),
      values,
      walk: ({ kernels }, mode, leavesAt, sum) =>
        kernels.walkLinked(roots, roots + trees * 4, mode, values, leavesAt, sum),
    },
  };
}

function writeNodes(
  memory: ModelMemory,
  { flagOfNode }: Cuts,
  ensemble: TreeEnsemble,
  roots: number,
  trees: number,
  values: number,
): void {
  const { treeStart, feature, left, right, value, valuesPerLeaf } = ensemble;
  const numbers = ensemble.accumulate === "float32" ? memory.singles : memory.doubles;
  const firstValue = values / numbers.BYTES_PER_ELEMENT;
  const firstNode = NODES / 2;
  /** By place: the node that stands there. */
  const nodeAt = new Int32Array(feature.length);
  for (let tree = 0; tree < ensemble.treeOutput.length; tree++) {
    const start = treeStart[tree] as number;
    const end = treeStart[tree + 1] as number;
    memory.words[(roots >> 2) + tree] = start * bytesPerNode;
    nodeAt[start] = start;
    let free = start + 1;
    // Breadth first: a node's place is settled before its children get theirs.
    for (let place = start; place < end; place++) {
      const node = nodeAt[place] as number;
      if ((feature[node] as number) < 0) {
        for (let i = 0; i < valuesPerLeaf; i++) {
          numbers[firstValue + place * valuesPerLeaf + i] = value[node * valuesPerLeaf + i] as number;
        }
        continue;
      }
      memory.halves[firstNode + place * 2] = flagOfNode[node] as number;
      memory.halves[firstNode + place * 2 + 1] = (free - place) * bytesPerNode;
      nodeAt[free++] = start + (left[node] as number);
      nodeAt[free++] = start + (right[node] as number);
    }
  }
  // x + -0 is x, of whatever sign: what only fills up the last eight trees changes nothing.
  const nothing = feature.length;
  numbers.fill(-0, firstValue + nothing * valuesPerLeaf, firstValue + (nothing + 1) * valuesPerLeaf);
  memory.words.fill(nothing * bytesPerNode, (roots >> 2) + ensemble.treeOutput.length, (roots >> 2) + trees);
}
