import { maximumTreeDepth, type TreeEnsemble } from "../../ensemble.ts";
import { ModelFileError } from "../../model-file-error.ts";
import { LinearParts } from "./linear-parts.ts";
import { categoricalBit, defaultLeftBit, missingTypes, type TreeBlock } from "./tree-block.ts";

type NodeArrays = Pick<
  TreeEnsemble,
  | "treeStart"
  | "feature"
  | "threshold"
  | "left"
  | "right"
  | "missingLeft"
  | "zeroMissing"
  | "value"
  | "cover"
  | "categorySet"
  | "categorySets"
  | "linearLeaves"
>;

/**
 * The nodes of all trees in one row, every node before its children. LightGBM numbers splits and leaves apart, in the
 * order in which they were grown; here each tree is walked from its root, which also shows that it is a tree.
 */
export function nodesOf(trees: readonly TreeBlock[]): NodeArrays {
  // Refuses what is no tree before anything is made of those that are.
  for (const tree of trees) if (!growsForward(tree)) inPreorder(tree, () => {});
  const total = trees.reduce((sum, { leaves }) => sum + 2 * leaves - 1, 0);
  const splitsBySets = trees.some(({ decisionType }) => decisionType.some((type) => type & categoricalBit));
  const arrays = {
    treeStart: new Int32Array(trees.length + 1),
    feature: new Int32Array(total).fill(-1),
    threshold: new Float64Array(total),
    left: new Int32Array(total),
    right: new Int32Array(total),
    missingLeft: new Int32Array(total),
    value: new Float64Array(total),
    cover: new Float64Array(total),
    categorySet: splitsBySets ? new Int32Array(total).fill(-1) : undefined,
    categorySets: trees.flatMap(({ categories }) => categories),
  };
  const zeroMissing = new Int32Array(total);
  const linear = trees.some((tree) => tree.linear) ? new LinearParts(total) : undefined;
  let firstSet = 0;
  let start = 0;
  trees.forEach((tree, index) => {
    inPreorder(tree, (node, child, parent, isLeft) => {
      const at = start + node;
      if (parent >= 0) (isLeft ? arrays.left : arrays.right)[start + parent] = node;
      if (child < 0) {
        arrays.value[at] = linear ? linear.add(tree, ~child) : (tree.leafValue[~child] as number);
        arrays.cover[at] = tree.counts?.leaf[~child] ?? 0;
        return;
      }
      linear?.addNone();
      const type = tree.decisionType[child] as number;
      const threshold = tree.threshold[child] as number;
      arrays.feature[at] = tree.splitFeature[child] as number;
      arrays.cover[at] = tree.counts?.internal[child] ?? 0;
      if (type & categoricalBit) {
        const set = Math.trunc(threshold);
        if (!(set >= 0 && set < tree.categories.length)) {
          refuse(tree, `split ${child} asks for category set ${set}; the tree has ${tree.categories.length}`);
        }
        // A missing category goes right, whatever the type says.
        (arrays.categorySet as Int32Array)[at] = firstSet + set;
        return;
      }
      const missing = type >> 2;
      if (missing > missingTypes.nan)
        refuse(tree, `split ${child} has the missing type ${missing}, which is unknown`);
      arrays.threshold[at] = threshold;
      // Where nothing counts as missing, NaN is read as 0.
      const goesLeft = missing === missingTypes.none ? 0 <= threshold : (type & defaultLeftBit) !== 0;
      arrays.missingLeft[at] = goesLeft ? 1 : 0;
      zeroMissing[at] = missing === missingTypes.zero ? 1 : 0;
    });
    start += 2 * tree.leaves - 1;
    firstSet += tree.categories.length;
    arrays.treeStart[index + 1] = start;
  });
  return {
    ...arrays,
    ...(zeroMissing.includes(1) ? { zeroMissing } : {}),
    ...(linear ? { linearLeaves: linear.joined() } : {}),
  };
}

/** Whether splits have later splits below them, every node one parent, no level too deep: so LightGBM grows trees, and then they are trees. */
function growsForward({ leaves, leftChild, rightChild }: TreeBlock): boolean {
  const splits = leaves - 1;
  if (splits === 0) return true;
  const levels = new Uint16Array(splits);
  const isMet = new Uint8Array(leaves);
  for (let split = 0; split < splits; split++) {
    const level = (levels[split] as number) + 1;
    if (level > maximumTreeDepth) return false;
    for (let side = 0; side < 2; side++) {
      const child = (side === 0 ? leftChild : rightChild)[split] as number;
      if (child < 0) {
        if (isMet[~child] === 1) return false;
        isMet[~child] = 1;
      } else {
        if (child <= split || levels[child] !== 0) return false;
        levels[child] = level;
      }
    }
  }
  return true;
}

/**
 * Visits each node once, parents first. `child`: as the file has it, a split, or below 0 a leaf; `node` and `parent`: their numbers in the new
 * order, the root's parent being -1. Throws ModelFileError for a cycle, a node with two parents or none, and for depth.
 */
function inPreorder(
  tree: TreeBlock,
  visit: (node: number, child: number, parent: number, isLeft: boolean) => void,
): void {
  const nodes = 2 * tree.leaves - 1;
  const met = new Uint8Array(nodes);
  // Each node that was met leaves one more open at most.
  const open = new Int32Array(nodes + 1);
  const parents = new Int32Array(nodes + 1);
  const depths = new Int32Array(nodes + 1);
  const nameOf = (child: number) => (child < 0 ? `leaf ${~child}` : `split ${child}`);
  open[0] = tree.leaves > 1 ? 0 : -1;
  parents[0] = -1;
  let node = 0;
  for (let last = 0; last >= 0; node++) {
    const child = open[last] as number;
    const parent = parents[last] as number;
    const depth = depths[last] as number;
    const index = child < 0 ? tree.leaves - 1 + ~child : child;
    if (met[index]) refuse(tree, `${nameOf(child)} is the child of two splits`);
    met[index] = 1;
    if (depth > maximumTreeDepth) {
      refuse(tree, `${nameOf(child)} is deeper than the ${maximumTreeDepth} levels that are read`);
    }
    // A left side follows at once, a right side later.
    visit(node, child, parent, parent === node - 1);
    last--;
    if (child < 0) continue;
    for (const below of [tree.rightChild, tree.leftChild]) {
      last++;
      open[last] = below[child] as number;
      parents[last] = node;
      depths[last] = depth + 1;
    }
  }
  if (node < nodes) {
    refuse(tree, `only ${node} of its ${nodes} nodes can be reached from the first split`);
  }
}

function refuse(tree: TreeBlock, problem: string): never {
  throw new ModelFileError(`in the tree that starts here, ${problem}`, `line ${tree.line}`);
}
