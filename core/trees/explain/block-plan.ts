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
  readonly levels: readonly {
    /** Of two neighbours the left sides are neighbours, too, and so are the right ones. */
    readonly joinedSplits: number;
    readonly splits: number;
    readonly repeatedSplits: number;
  }[];
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
  const { levels, quartets, pairs, repeatedPairs, leaves } = sortNodes(ensemble, forest, trees);
  const lists = levels.flatMap(({ joined, apart, repeated }) => [joined, apart, repeated]);
  lists.push(quartets, pairs, repeatedPairs, leaves);
  for (const list of lists) if (list.length % 2 === 1) list.push(-1);
  return {
    points: Math.max(leastPointsOfPass, Math.ceil(needed / passes)),
    passes,
    output: ensemble.treeOutput[first] as number,
    nodes: Int32Array.from(lists.flat()),
    levels: levels.map(({ joined, apart, repeated }) => ({
      joinedSplits: joined.length,
      splits: apart.length,
      repeatedSplits: repeated.length,
    })),
    quartets: quartets.length,
    pairs: pairs.length,
    repeatedPairs: repeatedPairs.length,
    leaves: leaves.length,
    roots: Int32Array.from(trees, (tree) => ensemble.treeStart[tree] as number),
  };
}

/** Nodes of one kind: two by two those that are the same side of two joined splits, then all others. */
class NodesOfKind {
  readonly coupled: number[] = [];
  readonly single: number[] = [];

  get all(): number[] {
    return [...this.coupled, ...this.single];
  }
}

const kinds = 1 + Math.max(LEAF, PAIR, REPEATED_PAIR, QUARTET, SPLIT, REPEATED_SPLIT);

/** From the roots down, so that as many splits as possible come to stand beside one with sides of the same kinds. */
function sortNodes(
  { treeStart }: TreeEnsemble,
  { kind, left, right }: SplitForest,
  trees: readonly number[],
) {
  const byKind = Array.from({ length: kinds }, () => new NodesOfKind());
  const nodesLike = (node: number) => byKind[kind[node] as number] as NodesOfKind;
  const kindsOfSides = (split: number) =>
    (kind[left[split] as number] as number) * kinds + (kind[right[split] as number] as number);
  const levels: { joined: number[]; apart: number[]; repeated: number[] }[] = [];
  for (const tree of trees) {
    const root = treeStart[tree] as number;
    nodesLike(root).single.push(root);
  }
  for (;;) {
    const first = byKind[SPLIT] as NodesOfKind;
    const repeated = (byKind[REPEATED_SPLIT] as NodesOfKind).all;
    if (first.coupled.length + first.single.length + repeated.length === 0) break;
    byKind[SPLIT] = new NodesOfKind();
    byKind[REPEATED_SPLIT] = new NodesOfKind();
    const joined: number[] = [];
    const apart: number[] = [];
    for (let i = 0; i < first.coupled.length; i += 2) {
      const [a, b] = [first.coupled[i] as number, first.coupled[i + 1] as number];
      (kindsOfSides(a) === kindsOfSides(b) ? joined : apart).push(a, b);
    }
    /** By the kinds of their sides. */
    const waiting = new Map<number, number>();
    for (const split of first.single) {
      const key = kindsOfSides(split);
      const other = waiting.get(key);
      if (other === undefined) waiting.set(key, split);
      else {
        joined.push(other, split);
        waiting.delete(key);
      }
    }
    apart.push(...waiting.values());
    levels.push({ joined, apart, repeated });
    for (const side of [left, right]) {
      for (const split of joined) {
        const node = side[split] as number;
        nodesLike(node).coupled.push(node);
      }
      for (const splits of [apart, repeated]) {
        for (const split of splits) {
          const node = side[split] as number;
          nodesLike(node).single.push(node);
        }
      }
    }
  }
  const nodesOf = (is: number) => (byKind[is] as NodesOfKind).all;
  return {
    levels,
    quartets: nodesOf(QUARTET),
    pairs: nodesOf(PAIR),
    repeatedPairs: nodesOf(REPEATED_PAIR),
    leaves: nodesOf(LEAF),
  };
}
