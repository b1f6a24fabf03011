import { maximumTreeDepth, type TreeEnsemble } from "../../ensemble.ts";
import { ModelFileError } from "../../model-file-error.ts";
import { nextDown } from "./float32.ts";
import type { TreeArrays, TreeList } from "./tree-arrays.ts";

/** What the trees of a model have in common. */
export interface EnsembleFrame {
  readonly features: number;
  readonly outputs: number;
  readonly base: Float64Array;
  readonly baseLast: boolean;
  /** By tree. */
  readonly treeOutput: Int32Array;
  /** By tree, what its leaves are multiplied by. */
  readonly weights: Float32Array | undefined;
  /** In 1.6, a category beyond those that a split's bits have room for takes the side of the missing ones. */
  readonly strayCategoriesAreMissing: boolean;
  /** JSON pointer of the trees. */
  readonly pointer: string;
}

const none = -1;
const bitsPerWord = 32;
/** Of a model of 1.6. */
const maximumUnlisted = 1_000_000;

/**
 * The first `count` trees without their deleted nodes, each breadth first, so that no child stands before its parent. A file's trees
 * are hostile: every node that can be reached is checked, and is reached once.
 */
export function ensembleOf(trees: TreeList, count: number, frame: EnsembleFrame): TreeEnsemble {
  const { outputs, base, baseLast, treeOutput } = frame;
  const valuesPerLeaf = count > 0 ? trees.leafSize(0) : 1;
  checkGrowth(trees, count, frame.pointer);
  const bound = trees.nodes(count);
  const nodes = {
    feature: new Int32Array(bound),
    threshold: new Float64Array(bound),
    left: new Int32Array(bound),
    right: new Int32Array(bound),
    missingLeft: new Int32Array(bound),
    value: new Float64Array(bound * valuesPerLeaf),
    cover: new Float64Array(bound),
    categorySet: new Int32Array(bound).fill(none),
  };
  const categorySets: (readonly number[])[] = [];
  let unlistedCount = 0;
  const treeStart = new Int32Array(count + 1);
  for (let t = 0; t < count; t++) {
    const tree = trees.at(t);
    const start = treeStart[t] as number;
    const where = `${frame.pointer}/${t}`;
    if (tree.leafSize !== valuesPerLeaf) {
      throw new ModelFileError(
        `leaves of ${tree.leafSize} values, those of tree 0 have ${valuesPerLeaf}`,
        where,
      );
    }
    const valueAt = leafValues(tree, where);
    const order = breadthFirst(tree, where);
    const weight = frame.weights?.[t];
    let free = 1;
    order.forEach((node, place) => {
      const at = start + place;
      nodes.cover[at] = tree.cover[node] as number;
      if (tree.leftChildren[node] === none) {
        nodes.feature[at] = none;
        nodes.left[at] = none;
        nodes.right[at] = none;
        for (let k = 0; k < valuesPerLeaf; k++) {
          const value = valueAt(node, k);
          nodes.value[at * valuesPerLeaf + k] = weight === undefined ? value : Math.fround(value * weight);
        }
        return;
      }
      const column = tree.splitIndices[node] as number;
      if (!(Number.isInteger(column) && column >= 0 && column < frame.features)) {
        throw new ModelFileError(
          `is ${column}; the model has ${frame.features} features`,
          `${where}/split_indices/${node}`,
        );
      }
      nodes.feature[at] = column;
      const listed = tree.categories.get(node);
      const limit = tree.splitConditions[node] as number;
      const missingLeft = tree.defaultLeft[node] as number;
      // Sides that are changed over tell what the form here has no words for. Nothing is below -Infinity or NaN: all that is
      // not missing goes right, also -Infinity, which <= would send left. And stray categories that go right.
      const strayGoRight = listed !== undefined && frame.strayCategoriesAreMissing && missingLeft === 0;
      const changesOver = strayGoRight || (listed === undefined && !(limit > Number.NEGATIVE_INFINITY));
      if (strayGoRight) {
        const others = unlisted(listed, maximumUnlisted - unlistedCount, `${where}/categories`);
        unlistedCount += others.length;
        nodes.categorySet[at] = categorySets.push(others) - 1;
      } else if (listed !== undefined) nodes.categorySet[at] = categorySets.push(listed) - 1;
      else nodes.threshold[at] = changesOver ? Number.POSITIVE_INFINITY : nextDown(limit);
      nodes.missingLeft[at] = changesOver ? 1 - missingLeft : missingLeft;
      nodes.left[at] = changesOver ? free + 1 : free;
      nodes.right[at] = changesOver ? free : free + 1;
      free += 2;
    });
    treeStart[t + 1] = start + order.length;
  }
  const end = treeStart[count] as number;
  return {
    kind: "trees",
    outputs,
    input: "float32",
    flushTiny: false,
    accumulate: "float32",
    base,
    ...(baseLast ? { baseLast } : {}),
    divide: null,
    valuesPerLeaf,
    treeOutput,
    treeStart,
    feature: nodes.feature.subarray(0, end),
    threshold: nodes.threshold.subarray(0, end),
    left: nodes.left.subarray(0, end),
    right: nodes.right.subarray(0, end),
    missingLeft: nodes.missingLeft.subarray(0, end),
    value: nodes.value.subarray(0, end * valuesPerLeaf),
    cover: nodes.cover.subarray(0, end),
    categorySet: categorySets.length > 0 ? nodes.categorySet.subarray(0, end) : undefined,
    categorySets,
    ...(categorySets.length > 0 ? { listedGo: "right" as const } : {}),
  };
}

/** The other categories that the bits of these have room for. */
function unlisted(listed: readonly number[], most: number, where: string): number[] {
  const highest = listed.reduce((greatest, category) => Math.max(greatest, category), 0);
  const room = (Math.floor(highest / bitsPerWord) + 1) * bitsPerWord;
  if (room > most) {
    throw new ModelFileError(
      `category ${highest} of a file of 1.6, whose splits may have room for ${maximumUnlisted} categories in all`,
      where,
    );
  }
  const isListed = new Set(listed);
  return Array.from({ length: room }, (_, category) => category).filter(
    (category) => !isListed.has(category),
  );
}

/** Refuses what is no tree before anything is made of those that are. */
function checkGrowth(trees: TreeList, count: number, pointer: string): void {
  let largest = 0;
  for (let t = 0; t < count; t++) largest = Math.max(largest, trees.nodes(t + 1) - trees.nodes(t));
  const levels = new Uint16Array(largest);
  for (let t = 0; t < count; t++) {
    if (!trees.growsForward(t, maximumTreeDepth, levels)) breadthFirst(trees.at(t), `${pointer}/${t}`);
  }
}

/** Nodes that can be reached, siblings side by side. */
function breadthFirst(tree: TreeArrays, where: string): Int32Array {
  const { leftChildren, rightChildren, nodes, leafSize } = tree;
  const order = new Int32Array(nodes);
  const isReached = new Uint8Array(nodes);
  const levels = new Int32Array(nodes);
  isReached[0] = 1;
  let end = 1;
  for (let place = 0; place < end; place++) {
    const node = order[place] as number;
    const isLeaf = leftChildren[node] === none;
    if (isLeaf && leafSize === 1 && rightChildren[node] !== none) {
      throw new ModelFileError("a leaf has a right child", `${where}/right_children/${node}`);
    }
    if (isLeaf) continue;
    for (const [name, children] of [
      ["left_children", leftChildren],
      ["right_children", rightChildren],
    ] as const) {
      const child = children[node] as number;
      const problem = !(Number.isInteger(child) && child >= 0 && child < nodes)
        ? `is ${child}; the tree has ${nodes} nodes`
        : isReached[child] === 1
          ? `is ${child}, which is the root or another node's child`
          : undefined;
      if (problem !== undefined) throw new ModelFileError(problem, `${where}/${name}/${node}`);
      isReached[child] = 1;
      levels[child] = (levels[node] as number) + 1;
      if ((levels[child] as number) > maximumTreeDepth) {
        throw new ModelFileError(`deeper than the ${maximumTreeDepth} levels that are read`, where);
      }
      order[end++] = child;
    }
  }
  return order.subarray(0, end);
}

/** Where a tree keeps its leaves' values changed with the versions. */
function leafValues(tree: TreeArrays, where: string): (leaf: number, k: number) => number {
  const { splitConditions, leafSize, leafWeights, nodeWeights, rightChildren, nodes } = tree;
  if (leafSize === 1) return (leaf) => splitConditions[leaf] as number;
  if (leafWeights !== undefined) {
    return (leaf, k) => {
      const index = rightChildren[leaf] as number;
      if (!(Number.isInteger(index) && index >= 0 && (index + 1) * leafSize <= leafWeights.length)) {
        throw new ModelFileError(
          `is ${index}, which is no leaf of leaf_weights`,
          `${where}/right_children/${leaf}`,
        );
      }
      return leafWeights[index * leafSize + k] as number;
    };
  }
  if (nodeWeights?.length !== nodes * leafSize) {
    throw new ModelFileError(`has no ${nodes} x ${leafSize} numbers`, `${where}/base_weights`);
  }
  return (leaf, k) => nodeWeights[leaf * leafSize + k] as number;
}
