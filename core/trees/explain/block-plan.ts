import type { TreeEnsemble } from "../ensemble.ts";
import {
  LEAF,
  PAIR,
  QUARTET,
  REPEATED_PAIR,
  REPEATED_SPLIT,
  SPLIT,
  type SplitForest,
} from "./split-forest.ts";

/** What a kernel works on at once should stay in the first cache of the processor. */
const nodesPerBlock = 2_000;
/** More points are taken in several passes: they would not fit into the registers. */
const mostPointsOfPass = 4;
/** The passes are written out for 2, 3 and 4 points. */
const leastPointsOfPass = 2;

/**
 * Some trees that need equally many points and add to one output. Its nodes are sorted so that loops over them hold no
 * branches. Every count is even: lists are filled up with -1, which stands for no node.
 */
export interface BlockPlan {
  readonly points: number;
  readonly passes: number;
  readonly output: number;
  /** Splits by level, quartets, pairs, repeated pairs, and the leaves that are sides of splits. */
  readonly nodes: Int32Array;
  /** By level: how many splits of a column for the first time on their path, and again. */
  readonly levels: readonly { readonly splits: number; readonly repeatedSplits: number }[];
  readonly quartets: number;
  readonly pairs: number;
  readonly repeatedPairs: number;
  readonly leaves: number;
  readonly roots: Int32Array;
}

export function planBlocks(ensemble: TreeEnsemble, forest: SplitForest): BlockPlan[] {
  const { treeStart, treeOutput } = ensemble;
  const plans: BlockPlan[] = [];
  const open = new Map<string, { trees: number[]; nodes: number }>();
  for (let tree = 0; tree < treeOutput.length; tree++) {
    const columns = forest.distinctColumns[tree] as number;
    if (forest.even[tree] === 0 || columns === 0) continue;
    const key = `${Math.ceil(columns / 2)} ${treeOutput[tree]}`;
    const nodes = (treeStart[tree + 1] as number) - (treeStart[tree] as number);
    let group = open.get(key);
    if (group !== undefined && group.nodes + nodes > nodesPerBlock) {
      plans.push(planBlock(ensemble, forest, group.trees));
      group = undefined;
    }
    if (group === undefined) {
      group = { trees: [], nodes: 0 };
      open.set(key, group);
    }
    group.trees.push(tree);
    group.nodes += nodes;
  }
  for (const { trees } of open.values()) plans.push(planBlock(ensemble, forest, trees));
  return plans;
}

function planBlock(ensemble: TreeEnsemble, forest: SplitForest, trees: readonly number[]): BlockPlan {
  const [first] = trees as [number];
  // Gauss-Legendre with n points is exact up to degree 2n - 1; a path of n columns asks for degree n - 1.
  const needed = Math.ceil((forest.distinctColumns[first] as number) / 2);
  const passes = Math.ceil(needed / mostPointsOfPass);
  const { splits, repeatedSplits, quartets, pairs, repeatedPairs, leaves } = sortNodes(
    ensemble,
    forest,
    trees,
  );
  const lists = [...splits.flatMap((list, level) => [list, repeatedSplits[level] as number[]])];
  lists.push(quartets, pairs, repeatedPairs, leaves);
  for (const list of lists) if (list.length % 2 === 1) list.push(-1);
  return {
    points: Math.max(leastPointsOfPass, Math.ceil(needed / passes)),
    passes,
    output: ensemble.treeOutput[first] as number,
    nodes: Int32Array.from(lists.flat()),
    levels: splits.map(({ length }, level) => ({
      splits: length,
      repeatedSplits: (repeatedSplits[level] as number[]).length,
    })),
    quartets: quartets.length,
    pairs: pairs.length,
    repeatedPairs: repeatedPairs.length,
    leaves: leaves.length,
    roots: Int32Array.from(trees, (tree) => ensemble.treeStart[tree] as number),
  };
}

function sortNodes(
  { treeStart }: TreeEnsemble,
  { kind, level, left, right }: SplitForest,
  trees: readonly number[],
) {
  const splits: number[][] = [];
  const repeatedSplits: number[][] = [];
  const quartets: number[] = [];
  const pairs: number[] = [];
  const repeatedPairs: number[] = [];
  const leaves: number[] = [];
  for (const tree of trees) {
    const start = treeStart[tree] as number;
    for (let node = start; node < (treeStart[tree + 1] as number); node++) {
      const is = kind[node];
      if (is === QUARTET) quartets.push(node);
      else if (is === PAIR) pairs.push(node);
      else if (is === REPEATED_PAIR) repeatedPairs.push(node);
      else if (is === SPLIT || is === REPEATED_SPLIT) {
        const depth = level[node] as number;
        while (splits.length <= depth) {
          splits.push([]);
          repeatedSplits.push([]);
        }
        ((is === SPLIT ? splits : repeatedSplits)[depth] as number[]).push(node);
        for (const side of [left, right]) {
          const child = side[node] as number;
          if (kind[child] === LEAF) leaves.push(child);
        }
      }
    }
  }
  return { splits, repeatedSplits, quartets, pairs, repeatedPairs, leaves };
}
