import type { TreeEnsemble } from "../ensemble.ts";
import { MemoryPlan, ModelMemory } from "../kernel/model-memory.ts";

/** What a node is to an explanation. */
export const LEAF = 0;
/** Both sides are leaves; the first split of its column on its path. */
export const PAIR = 1;
/** Likewise, of a column that was split above. */
export const REPEATED_PAIR = 2;
/** Both sides are pairs, and none of the three columns was split above: worked on as one. */
export const QUARTET = 3;
/** A side of a quartet. */
export const QUARTET_SIDE = 4;
/** Any other split. */
export const SPLIT = 5;
export const REPEATED_SPLIT = 6;

/**
 * What an explanation needs to know of the nodes of an ensemble, by node. Of a tree that is not `even` only `even` is
 * told.
 */
export interface SplitForest {
  readonly kind: Uint8Array;
  /** The nodes on the sides of a split, counted through all trees. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly level: Uint16Array;
  /** The share of the training weight of a split that went left; the others went right. */
  readonly leftShare: Float64Array;
  /** Of a repeated split: the nearest split above of the same column, and which of its sides leads here (1: the left). */
  readonly splitAbove: Int32Array;
  readonly isLeftOfAbove: Uint8Array;
  /** The share of that side, times that of the side of the same column above it, and so on. */
  readonly shareAbove: Float64Array;
  /** By tree: the most distinct columns on a path. */
  readonly distinctColumns: Uint16Array;
  /** By tree, 1: at each split the weights of the two sides add up to that of the split. */
  readonly even: Uint8Array;
}

/** Libraries keep weights as float32 or as counts: a sum may be off by its rounding. */
const roundingOfWeights = 1e-6;

/** `webAssembly` false: in JavaScript, to the same bits. */
export function splitForest(ensemble: TreeEnsemble, webAssembly: boolean): SplitForest {
  const nodes = ensemble.feature.length;
  const trees = ensemble.treeStart.length - 1;
  if (webAssembly) {
    const found = splitInMemory(ensemble, nodes, trees);
    if (found !== undefined) return found;
  }
  const forest = {
    kind: new Uint8Array(nodes),
    left: new Int32Array(nodes),
    right: new Int32Array(nodes),
    level: new Uint16Array(nodes),
    leftShare: new Float64Array(nodes),
    splitAbove: new Int32Array(nodes).fill(-1),
    isLeftOfAbove: new Uint8Array(nodes),
    shareAbove: new Float64Array(nodes),
    distinctColumns: new Uint16Array(trees),
    even: new Uint8Array(trees),
  };
  const parent = new Int32Array(nodes).fill(-1);
  const distinct = new Uint16Array(nodes);
  for (let tree = 0; tree < trees; tree++) {
    forest.even[tree] = isEven(ensemble, tree) ? 1 : 0;
    if (forest.even[tree] === 0) continue;
    forest.distinctColumns[tree] = followPaths(ensemble, tree, forest, parent, distinct);
    tellKinds(ensemble, tree, forest);
  }
  return forest;
}

/** By ../kernel/assembly/forest.ts, which is fast from its first run on. The arrays are views of one memory. */
function splitInMemory(ensemble: TreeEnsemble, nodes: number, trees: number): SplitForest | undefined {
  const { treeStart, feature, left, right, cover } = ensemble;
  const plan = new MemoryPlan(0);
  const forestAt = plan.reserve(16 * 4);
  const at = {
    starts: plan.reserve((trees + 1) * 4),
    feature: plan.reserve(nodes * 4),
    left: plan.reserve(nodes * 4),
    right: plan.reserve(nodes * 4),
    cover: plan.reserve(nodes * 8),
    kind: plan.reserve(nodes),
    level: plan.reserve(nodes * 2),
    leftShare: plan.reserve(nodes * 8),
    splitAbove: plan.reserve(nodes * 4),
    isLeftOfAbove: plan.reserve(nodes),
    shareAbove: plan.reserve(nodes * 8),
    distinctColumns: plan.reserve(trees * 2),
    even: plan.reserve(trees),
    parent: plan.reserve(nodes * 4),
    distinct: plan.reserve(nodes * 2),
  };
  const memory = new ModelMemory(plan.size, true);
  if (memory.laterKernels === undefined) return undefined;
  const { buffer } = memory.bytes;
  memory.words.set([trees, ...Object.values(at)], forestAt >> 2);
  memory.words.set(treeStart, at.starts >> 2);
  memory.words.set(feature, at.feature >> 2);
  memory.words.set(left, at.left >> 2);
  memory.words.set(right, at.right >> 2);
  memory.doubles.set(cover, at.cover >> 3);
  memory.words.fill(-1, at.splitAbove >> 2, (at.splitAbove >> 2) + nodes);
  memory.words.fill(-1, at.parent >> 2, (at.parent >> 2) + nodes);
  memory.laterKernels.splitForest(forestAt);
  return {
    kind: new Uint8Array(buffer, at.kind, nodes),
    left: new Int32Array(buffer, at.left, nodes),
    right: new Int32Array(buffer, at.right, nodes),
    level: new Uint16Array(buffer, at.level, nodes),
    leftShare: new Float64Array(buffer, at.leftShare, nodes),
    splitAbove: new Int32Array(buffer, at.splitAbove, nodes),
    isLeftOfAbove: new Uint8Array(buffer, at.isLeftOfAbove, nodes),
    shareAbove: new Float64Array(buffer, at.shareAbove, nodes),
    distinctColumns: new Uint16Array(buffer, at.distinctColumns, trees),
    even: new Uint8Array(buffer, at.even, trees),
  };
}

function isEven({ feature, left, right, cover, treeStart }: TreeEnsemble, tree: number): boolean {
  const start = treeStart[tree] as number;
  const end = treeStart[tree + 1] as number;
  for (let node = start; node < end; node++) {
    if ((feature[node] as number) < 0) continue;
    const whole = cover[node] as number;
    const parts =
      (cover[start + (left[node] as number)] as number) + (cover[start + (right[node] as number)] as number);
    if (!(Math.abs(parts - whole) <= roundingOfWeights * whole)) return false;
  }
  return true;
}

/** From the root down: a node comes after the one above it. Returns the most distinct columns on a path. */
function followPaths(
  { feature, left, right, cover, treeStart }: TreeEnsemble,
  tree: number,
  forest: SplitForest,
  parent: Int32Array,
  distinct: Uint16Array,
): number {
  const start = treeStart[tree] as number;
  const end = treeStart[tree + 1] as number;
  const { level, leftShare, splitAbove, isLeftOfAbove, shareAbove } = forest;
  let most = 0;
  for (let node = start; node < end; node++) {
    const column = feature[node] as number;
    if (column < 0) continue;
    const [l, r] = [start + (left[node] as number), start + (right[node] as number)];
    const leftCover = cover[l] as number;
    const whole = leftCover + (cover[r] as number);
    forest.left[node] = l;
    forest.right[node] = r;
    // Where no training weight came, neither side is likelier.
    leftShare[node] = whole > 0 ? leftCover / whole : 0.5;
    parent[l] = node;
    parent[r] = node;
    level[l] = (level[node] as number) + 1;
    level[r] = (level[node] as number) + 1;
    let below = node;
    let above = parent[node] as number;
    while (above >= 0 && feature[above] !== column) {
      below = above;
      above = parent[above] as number;
    }
    const onPath = (parent[node] as number) < 0 ? 0 : (distinct[parent[node] as number] as number);
    distinct[node] = onPath + (above < 0 ? 1 : 0);
    most = Math.max(most, distinct[node] as number);
    if (above < 0) continue;
    const isLeft = forest.left[above] === below;
    const share = leftShare[above] as number;
    splitAbove[node] = above;
    isLeftOfAbove[node] = isLeft ? 1 : 0;
    shareAbove[node] =
      (isLeft ? share : 1 - share) * ((splitAbove[above] as number) < 0 ? 1 : (shareAbove[above] as number));
  }
  return most;
}

/** From the leaves up. */
function tellKinds({ feature, treeStart }: TreeEnsemble, tree: number, forest: SplitForest): void {
  const { kind, left, right, splitAbove } = forest;
  const start = treeStart[tree] as number;
  for (let node = (treeStart[tree + 1] as number) - 1; node >= start; node--) {
    if ((feature[node] as number) < 0) continue;
    const [l, r] = [left[node] as number, right[node] as number];
    const isRepeated = (splitAbove[node] as number) >= 0;
    if (kind[l] === LEAF && kind[r] === LEAF) kind[node] = isRepeated ? REPEATED_PAIR : PAIR;
    else if (kind[l] === PAIR && kind[r] === PAIR && !isRepeated) {
      kind[node] = QUARTET;
      kind[l] = QUARTET_SIDE;
      kind[r] = QUARTET_SIDE;
    } else kind[node] = isRepeated ? REPEATED_SPLIT : SPLIT;
  }
}
