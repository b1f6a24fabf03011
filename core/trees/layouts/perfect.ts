import type { TreeEnsemble } from "../ensemble.ts";
import { NODES } from "../kernel/kernels.ts";
import type { MemoryPlan, ModelMemory } from "../kernel/model-memory.ts";
import type { Cuts } from "./cuts.ts";
import type { NodeTables } from "./node-tables.ts";

/** All trees padded to perfect ones of the same depth; see kernel/assembly/perfect.ts. */
export function perfectNodes(
  plan: (start: number) => MemoryPlan,
  ensemble: TreeEnsemble,
  depth: number,
): { plan: MemoryPlan; nodes: NodeTables } {
  const trees = Math.ceil(ensemble.treeOutput.length / 8) * 8;
  const leaves = trees * 2 ** depth;
  const isSingle = ensemble.accumulate === "float32";
  const size = isSingle ? 4 : 8;
  const nodesPlan = plan(NODES + 2 * leaves);
  const firstLeaf = nodesPlan.reserve(leaves * size);
  const values = firstLeaf - leaves * size;
  return {
    plan: nodesPlan,
    nodes: {
      raised: 2,
      write: (memory, cuts) => writeNodes(memory, cuts, ensemble, trees, depth, firstLeaf),
      values,
      walk: ({ kernels }, mode, leavesAt, sum) =>
        kernels.walkPerfect(trees, depth, mode, values, leavesAt, sum),
    },
  };
}

function writeNodes(
  memory: ModelMemory,
  { flagOfNode }: Cuts,
  ensemble: TreeEnsemble,
  trees: number,
  depth: number,
  firstLeaf: number,
): void {
  const { treeStart, feature, left, right, value } = ensemble;
  const numbers = ensemble.accumulate === "float32" ? memory.singles : memory.doubles;
  const leaves = firstLeaf / numbers.BYTES_PER_ELEMENT;
  const placesAbove = trees * 2 ** depth;
  // x + -0 is x, of whatever sign: trees that only fill up the last eight change nothing.
  numbers.fill(-0, leaves + ensemble.treeOutput.length * 2 ** depth, leaves + trees * 2 ** depth);
  /** By node: its place; see kernel/assembly/perfect.ts. */
  const placeOf = new Int32Array(feature.length);
  for (let tree = 0; tree < ensemble.treeOutput.length; tree++) {
    const start = treeStart[tree] as number;
    const end = treeStart[tree + 1] as number;
    placeOf[start] = trees + tree;
    // A node stands before its children.
    for (let node = start; node < end; node++) {
      let place = placeOf[node] as number;
      if ((feature[node] as number) >= 0) {
        memory.halves[NODES / 2 + place] = flagOfNode[node] as number;
        placeOf[start + (left[node] as number)] = place * 2;
        placeOf[start + (right[node] as number)] = place * 2 + 1;
        continue;
      }
      let under = 1;
      for (; place < placesAbove; place *= 2) under *= 2;
      const first = leaves + place - placesAbove;
      for (let i = 0; i < under; i++) numbers[first + i] = value[node] as number;
    }
  }
}
