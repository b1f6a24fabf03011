/** The splits of a forest in the order in which an explanation works through them fastest. */
import type { TreeEnsemble } from "./ensemble.ts";
import { gaussLegendre, type Quadrature } from "./quadrature.ts";
import type { SplitTrees } from "./split-trees.ts";

/** Points of the quadrature that are worked on at once; the passes of the explainer are written out for as many. */
export const POINTS = 3;
/** What a pass reads and writes should stay in the processor's cache. */
const splitsPerBlock = 1_500;
/** Stands for 0, by which an edge that no training weight took would divide; what is below it then counts for nothing. */
const smallestShare = 1e-100;

/** Splits of one level of the trees: [first, repeated) split a column for the first time on their path, [repeated, end) again. */
export interface Range {
  readonly first: number;
  readonly repeated: number;
  readonly end: number;
}

/**
 * Some trees that need equally many points and add to the same output, their splits sorted by level, so that the loops
 * over them hold no branches. A cell is POINTS numbers, and is told by where it starts: one a split, then, in `above`, one
 * that nobody reads, and in `below` one a leaf.
 */
export interface SplitBlock {
  readonly splits: number;
  readonly output: number;
  readonly quadrature: Quadrature;
  readonly roots: number;
  /** From the roots down, without the splits whose sides are both leaves. */
  readonly rangesDown: readonly Range[];
  /** From the deepest up. */
  readonly rangesUp: readonly Range[];
  readonly slot: Int32Array;
  readonly threshold: Float64Array;
  readonly field: Int32Array;
  /** The split at the end of the edge above of the same column; `splits`: none. */
  readonly edgeAbove: Int32Array;
  /** Shares of that edge, and of the two sides times that. */
  readonly shareAbove: Float64Array;
  readonly leftShare: Float64Array;
  readonly rightShare: Float64Array;
  /** The splits on the sides; `splits` + 1: a leaf. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Their cells. */
  readonly leftAbove: Int32Array;
  readonly rightAbove: Int32Array;
  readonly leftBelow: Int32Array;
  readonly rightBelow: Int32Array;
  /** The node of each leaf in the predictor, in the order of their cells. */
  readonly leaves: Int32Array;
  readonly below: Float64Array;
}

export function splitBlocks(predictor: TreeEnsemble, trees: SplitTrees): SplitBlock[] {
  const { start, distinctColumns } = trees;
  const blocks: SplitBlock[] = [];
  const open = new Map<string, { trees: number[]; splits: number }>();
  const quadratures = new Map<number, Quadrature>();
  const close = (group: readonly number[]) => {
    const columns = distinctColumns[group[0] as number] as number;
    const points = Math.ceil(columns / 2 / POINTS) * POINTS;
    const quadrature = quadratures.get(points) ?? gaussLegendre(points);
    quadratures.set(points, quadrature);
    blocks.push(splitBlock(predictor, trees, group, quadrature));
  };
  for (let tree = 0; tree < distinctColumns.length; tree++) {
    const splits = (start[tree + 1] as number) - (start[tree] as number);
    if (splits === 0) continue;
    const passes = Math.ceil((distinctColumns[tree] as number) / 2 / POINTS);
    const key = `${passes} ${predictor.treeOutput[tree]}`;
    let group = open.get(key);
    if (group !== undefined && group.splits + splits > splitsPerBlock) {
      close(group.trees);
      group = undefined;
    }
    if (group === undefined) {
      group = { trees: [], splits: 0 };
      open.set(key, group);
    }
    group.trees.push(tree);
    group.splits += splits;
  }
  for (const group of open.values()) close(group.trees);
  return blocks;
}

// The order within a level.
const firstOfLeaves = 0;
const first = 1;
const repeated = 2;
const repeatedOfLeaves = 3;
const kinds = 4;

function splitBlock(
  predictor: TreeEnsemble,
  trees: SplitTrees,
  group: readonly number[],
  quadrature: Quadrature,
): SplitBlock {
  const sorted = sortedByLevel(trees, group);
  const splits = sorted.order.length;
  const leaves: number[] = [];
  const integers = () => new Int32Array(splits);
  const block = {
    splits,
    output: predictor.treeOutput[group[0] as number] as number,
    quadrature,
    roots: group.length,
    ...ranges(sorted.starts),
    slot: Int32Array.from(sorted.order, (at) => trees.slot[at] as number),
    threshold: Float64Array.from(sorted.order, (at) => trees.threshold[at] as number),
    field: Int32Array.from(sorted.order, (at) => trees.field[at] as number),
    edgeAbove: integers(),
    shareAbove: new Float64Array(splits),
    leftShare: new Float64Array(splits),
    rightShare: new Float64Array(splits),
    left: integers(),
    right: integers(),
    leftAbove: integers(),
    rightAbove: integers(),
    leftBelow: integers(),
    rightBelow: integers(),
  };
  for (const tree of group) {
    const start = trees.start[tree] as number;
    for (let at = start; at < (trees.start[tree + 1] as number); at++) {
      const i = sorted.positionOf(at);
      const edge = trees.edgeAbove[at] as number;
      block.edgeAbove[i] = edge < 0 ? splits : sorted.positionOf(start + edge);
      const shareAbove = Math.max(trees.shareAbove[at] as number, smallestShare);
      block.shareAbove[i] = shareAbove;
      block.leftShare[i] = shareAbove * (trees.leftShare[at] as number);
      block.rightShare[i] = shareAbove * (trees.rightShare[at] as number);
      for (const isLeft of [true, false]) {
        const target = (isLeft ? trees.left[at] : trees.right[at]) as number;
        const isLeaf = target < 0;
        const position = isLeaf ? splits + 1 : sorted.positionOf(start + target);
        const above = isLeaf ? splits : position;
        const below = isLeaf ? splits + leaves.length : position;
        (isLeft ? block.left : block.right)[i] = position;
        (isLeft ? block.leftAbove : block.rightAbove)[i] = above * POINTS;
        (isLeft ? block.leftBelow : block.rightBelow)[i] = below * POINTS;
        if (isLeaf) leaves.push(-1 - target);
      }
    }
  }
  const below = new Float64Array((splits + leaves.length) * POINTS);
  return { ...block, leaves: Int32Array.from(leaves), below };
}

interface Sorted {
  /** Splits by position. */
  readonly order: Int32Array;
  readonly positionOf: (split: number) => number;
  /** Where each kind of each level starts; one more at the end. */
  readonly starts: readonly number[];
}

/** A counting sort by level and kind. */
function sortedByLevel(trees: SplitTrees, group: readonly number[]): Sorted {
  const { start, left, right, edgeAbove } = trees;
  const lowest = start[group[0] as number] as number;
  const highest = start[(group.at(-1) as number) + 1] as number;
  const keys = new Int32Array(highest - lowest).fill(-1);
  const levels = new Int32Array(highest - lowest);
  const counts: number[] = [];
  for (const tree of group) {
    const from = start[tree] as number;
    for (let at = from; at < (start[tree + 1] as number); at++) {
      const level = levels[at - lowest] as number;
      const [toLeft, toRight] = [left[at] as number, right[at] as number];
      if (toLeft >= 0) levels[from + toLeft - lowest] = level + 1;
      if (toRight >= 0) levels[from + toRight - lowest] = level + 1;
      const isOfLeaves = toLeft < 0 && toRight < 0;
      const isRepeated = (edgeAbove[at] as number) >= 0;
      const kind = isRepeated
        ? isOfLeaves
          ? repeatedOfLeaves
          : repeated
        : isOfLeaves
          ? firstOfLeaves
          : first;
      const key = level * kinds + kind;
      keys[at - lowest] = key;
      counts[key] = (counts[key] ?? 0) + 1;
    }
  }
  const total = Math.ceil(counts.length / kinds) * kinds;
  const starts = [0];
  for (let key = 0; key < total; key++) starts.push((starts[key] as number) + (counts[key] ?? 0));
  const next = starts.slice();
  const order = new Int32Array(starts.at(-1) as number);
  const positions = new Int32Array(highest - lowest);
  keys.forEach((key, index) => {
    if (key < 0) return;
    const position = next[key] as number;
    next[key] = position + 1;
    order[position] = lowest + index;
    positions[index] = position;
  });
  return { order, positionOf: (split) => positions[split - lowest] as number, starts };
}

function ranges(starts: readonly number[]): { rangesDown: Range[]; rangesUp: Range[] } {
  const rangesDown: Range[] = [];
  const rangesUp: Range[] = [];
  for (let level = 0; level < starts.length - 1; level += kinds) {
    const at = (kind: number) => starts[level + kind] as number;
    rangesDown.push({ first: at(first), repeated: at(repeated), end: at(repeatedOfLeaves) });
    rangesUp.unshift({ first: at(firstOfLeaves), repeated: at(repeated), end: at(kinds) });
  }
  return { rangesDown, rangesUp };
}
