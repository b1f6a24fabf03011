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
  // x + -0 is x, of whatever sign: trees that only fill up the last eight change nothing.
  numbers.fill(-0, leaves + ensemble.treeOutput.length * 2 ** depth, leaves + trees * 2 ** depth);
  const write = (start: number, node: number, level: number, indexInLevel: number): void => {
    const index = start + node;
    if ((feature[index] as number) < 0) {
      const under = 2 ** (depth - level);
      const first = leaves + indexInLevel * under;
      numbers.fill(value[index] as number, first, first + under);
      return;
    }
    const place = trees * 2 ** level + indexInLevel;
    memory.halves[NODES / 2 + place] = flagOfNode[index] as number;
    write(start, left[index] as number, level + 1, indexInLevel * 2);
    write(start, right[index] as number, level + 1, indexInLevel * 2 + 1);
  };
  for (let tree = 0; tree < ensemble.treeOutput.length; tree++) write(treeStart[tree] as number, 0, 0, tree);
}
