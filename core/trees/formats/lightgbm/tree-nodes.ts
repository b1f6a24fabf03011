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
    for (const { node, child, parent, isLeft } of inPreorder(tree)) {
      const at = start + node;
      if (parent >= 0) (isLeft ? arrays.left : arrays.right)[start + parent] = node;
      if (child < 0) {
        arrays.value[at] = tree.leafValue[~child] as number;
        arrays.cover[at] = tree.counts?.leaf[~child] ?? 0;
        linear?.add(tree, ~child);
        continue;
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
        continue;
      }
      const missing = type >> 2;
      if (missing > missingTypes.nan)
        refuse(tree, `split ${child} has the missing type ${missing}, which is unknown`);
      arrays.threshold[at] = threshold;
      // Where nothing counts as missing, NaN is read as 0.
      const goesLeft = missing === missingTypes.none ? 0 <= threshold : (type & defaultLeftBit) !== 0;
      arrays.missingLeft[at] = goesLeft ? 1 : 0;
      zeroMissing[at] = missing === missingTypes.zero ? 1 : 0;
    }
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

interface Place {
  /** Its number in the new order. */
  readonly node: number;
  /** As the file has it: a split, or below 0 a leaf. */
  readonly child: number;
  /** -1: it is the root. */
  readonly parent: number;
  readonly isLeft: boolean;
}

/** Each node once, parents first. Throws ModelFileError for a cycle, a node with two parents or none, and for depth. */
function* inPreorder(tree: TreeBlock): Generator<Place> {
  const met = new Uint8Array(2 * tree.leaves - 1);
  const open = [{ child: tree.leaves > 1 ? 0 : -1, parent: -1, isLeft: false, depth: 0 }];
  let node = 0;
  for (let each = open.pop(); each; each = open.pop()) {
    const { child, parent, isLeft, depth } = each;
    const name = child < 0 ? `leaf ${~child}` : `split ${child}`;
    const index = child < 0 ? tree.leaves - 1 + ~child : child;
    if (met[index]) refuse(tree, `${name} is the child of two splits`);
    met[index] = 1;
    if (depth > maximumTreeDepth) {
      refuse(tree, `${name} is deeper than the ${maximumTreeDepth} levels that are read`);
    }
    yield { node, child, parent, isLeft };
    if (child >= 0) {
      const below = { parent: node, depth: depth + 1 };
      open.push({ child: tree.rightChild[child] as number, isLeft: false, ...below });
      open.push({ child: tree.leftChild[child] as number, isLeft: true, ...below });
    }
    node++;
  }
  if (node < met.length)
    refuse(tree, `only ${node} of its ${met.length} nodes can be reached from the first split`);
}

function refuse(tree: TreeBlock, problem: string): never {
  throw new ModelFileError(`in the tree that starts here, ${problem}`, `line ${tree.line}`);
}
