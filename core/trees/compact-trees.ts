import type { TreeEnsemble } from "./ensemble.ts";
import { treeProblem } from "./kernel/kernels.ts";
import { MemoryPlan, ModelMemory } from "./kernel/model-memory.ts";
import type { Span, Workspace } from "./kernel/workspace.ts";
import type { Cuts, cutsOf, NumericCuts } from "./layouts/cuts.ts";

/**
 * A tree model as it is laid out for walks: the distinct questions of all splits, and the trees in pre-order (a split, all of its left
 * side, all of its right side), a node told by the flag it looks at. A few bytes a node; checked.
 */
export interface CompactTrees
  extends Pick<
    TreeEnsemble,
    | "outputs"
    | "input"
    | "flushTiny"
    | "accumulate"
    | "base"
    | "baseLast"
    | "divide"
    | "valuesPerLeaf"
    | "treeOutput"
    | "listedGo"
  > {
  readonly kind: "compact-trees";
  readonly cuts: Cuts;
  /** By node; 0 for leaves. */
  readonly flagOfNode: Uint16Array;
  /** Where each tree starts among the nodes, and one more. */
  readonly treeStart: Int32Array;
  /** Leaves x valuesPerLeaf, in the order of the nodes; float32 where that is what is added up. */
  readonly leafValue: Float32Array | Float64Array;
  readonly measures: TreeMeasures;
}

export interface TreeMeasures {
  readonly depth: number;
  /** The most nodes of a tree. */
  readonly largest: number;
  readonly leaves: number;
}

/** Compact trees with the training weight of every node: what a package holds. */
export interface ServedTrees extends CompactTrees {
  readonly cuts: Cuts & { readonly columns: readonly NumericCuts[] };
  /** Empty where the package has no contributions. */
  readonly cover: Float32Array | Float64Array;
}

/** Why trees are refused, and at which node. */
export interface TreeRefusal {
  readonly problem: string;
  readonly node: number;
}

/** The flags of nodes, of those that are leaves (1, uint8) and the cuts that the others ask (uint16); undefined where there are more or fewer cuts. */
export function joinFlags(workspace: Workspace, leaf: Span, cutOfSplit: Span): Span | undefined {
  const nodes = leaf.length;
  const at = workspace.reserve(nodes * 2);
  const { joinFlags } = workspace.memory.kernels;
  const needed = joinFlags(leaf.at, nodes, cutOfSplit.at, cutOfSplit.length, at);
  return needed === cutOfSplit.length ? { type: "uint16", at, length: nodes } : undefined;
}

/** Follows all trees: how large they are and where each starts, or what is wrong with them. `flags` (uint16) must be within the cuts. */
export function measureTrees(
  workspace: Workspace,
  flags: Span,
  trees: number,
  mostDepth: number,
): { readonly treeStart: Int32Array; readonly measures: TreeMeasures } | TreeRefusal {
  const starts = workspace.reserve((trees + 1) * 4);
  const stack = workspace.reserve((mostDepth + 1) * 4);
  const result = workspace.reserve(16);
  const { kernels, words } = workspace.memory;
  const problem = kernels.measureTrees(flags.at, flags.length, trees, mostDepth, starts, stack, result);
  const [depth = 0, largest = 0, leaves = 0, node = 0] = words.subarray(result >> 2, (result >> 2) + 4);
  if (problem === treeProblem.endsWithin) return { problem: "ends within a tree", node };
  if (problem === treeProblem.tooDeep) return { problem: `is deeper than ${mostDepth} levels`, node };
  if (problem === treeProblem.nodesLeft) return { problem: "has nodes behind the last tree", node };
  const treeStart = new Int32Array(words.subarray(starts >> 2, (starts >> 2) + trees + 1));
  return { treeStart, measures: { depth, largest, leaves } };
}

/**
 * From the cover of the leaves (float32) to that of all nodes: a split's is the float32 sum of its sides', moved by `steps` (int8) float32
 * numbers.
 */
export function addCovers(
  workspace: Workspace,
  flags: Span,
  leaves: Span,
  steps: Span,
  depth: number,
): Span | TreeRefusal {
  const nodes = flags.length;
  const at = workspace.reserve(nodes * 4);
  // The covers of the roots of all later trees stay below those of the one at work.
  const stack = workspace.reserve((leaves.length - steps.length + depth + 1) * 4);
  const { addCovers } = workspace.memory.kernels;
  const leavesEnd = leaves.at + leaves.length * 4;
  const wrong = addCovers(flags.at, nodes, leavesEnd, steps.at + steps.length, at, stack);
  return wrong < 0
    ? { type: "float32", at, length: nodes }
    : { problem: "adds up to no finite number from 0 on", node: wrong };
}

/** The first of the cuts of columns of numbers (float64) that is not above the one before it in its column; -1: there is none. */
export function firstFalling(
  workspace: Workspace,
  thresholds: Span,
  kinds: Span,
  starts: Int32Array<ArrayBuffer>,
): number {
  const startsAt = workspace.placeNumbers(starts).at;
  return workspace.memory.kernels.firstFalling(thresholds.at, kinds.at, startsAt, starts.length - 1);
}

/** The trees of an ensemble whose cuts are known, in pre-order. */
export function compactOf(
  ensemble: TreeEnsemble,
  { flagOfNode: flagByNode, ...cuts }: ReturnType<typeof cutsOf>,
  measures: TreeMeasures,
): CompactTrees {
  const { treeStart, feature, left, right, value, valuesPerLeaf, accumulate } = ensemble;
  const flagOfNode = new Uint16Array(feature.length);
  const LeafValues = accumulate === "float32" ? Float32Array : Float64Array;
  const leafValue = new LeafValues(measures.leaves * valuesPerLeaf);
  let next = 0;
  let nextValue = 0;
  for (let tree = 0; tree < ensemble.treeOutput.length; tree++) {
    const start = treeStart[tree] as number;
    const open = [start];
    while (open.length > 0) {
      const node = open.pop() as number;
      if ((feature[node] as number) >= 0) {
        flagOfNode[next++] = flagByNode[node] as number;
        open.push(start + (right[node] as number), start + (left[node] as number));
        continue;
      }
      next++;
      for (let i = 0; i < valuesPerLeaf; i++)
        leafValue[nextValue++] = value[node * valuesPerLeaf + i] as number;
    }
  }
  return { ...headerOf(ensemble), kind: "compact-trees", cuts, flagOfNode, treeStart, leafValue, measures };
}

/** The same model node by node: what explainers and the evaluator for odd models take. */
export function ensembleOf(trees: ServedTrees): TreeEnsemble {
  const { cuts, flagOfNode, treeStart, leafValue, valuesPerLeaf, cover, measures } = trees;
  const nodes = flagOfNode.length;
  const plan = new MemoryPlan(0);
  const flags = plan.reserve(nodes * 2);
  const starts = plan.reserve(treeStart.byteLength);
  const columns = plan.reserve(cuts.flags * 4);
  const thresholds = plan.reserve(cuts.flags * 8);
  const missing = plan.reserve(cuts.flags);
  const zero = plan.reserve(cuts.flags);
  const feature = plan.reserve(nodes * 4);
  const threshold = plan.reserve(nodes * 8);
  const [left, right] = [plan.reserve(nodes * 4), plan.reserve(nodes * 4)];
  const [missingLeft, zeroMissing] = [plan.reserve(nodes * 4), plan.reserve(nodes * 4)];
  const stack = plan.reserve((measures.depth + 1) * 4);
  // A memory of its own: the arrays are views of it.
  const { kernels, bytes, halves, words, doubles } = new ModelMemory(plan.size, true);
  halves.set(flagOfNode, flags >> 1);
  words.set(treeStart, starts >> 2);
  words[columns >> 2] = -1;
  let hasZero = false;
  for (const { feature: column, firstFlag, cuts: numbers, missingLeft, zeroMissing } of cuts.columns) {
    words.fill(column, (columns >> 2) + firstFlag, (columns >> 2) + firstFlag + numbers.length);
    doubles.set(numbers, (thresholds >> 3) + firstFlag);
    bytes.set(missingLeft, missing + firstFlag);
    if (zeroMissing === undefined) continue;
    bytes.set(zeroMissing, zero + firstFlag);
    hasZero = true;
  }
  kernels.expandTrees(
    flags,
    nodes,
    starts,
    columns,
    thresholds,
    missing,
    zero,
    feature,
    threshold,
    left,
    right,
    missingLeft,
    zeroMissing,
    stack,
  );
  const value = new Float64Array(nodes * valuesPerLeaf);
  for (let node = 0, leaf = 0; node < nodes; node++) {
    if (flagOfNode[node] !== 0) continue;
    for (let i = 0; i < valuesPerLeaf; i++) {
      value[node * valuesPerLeaf + i] = leafValue[leaf * valuesPerLeaf + i] as number;
    }
    leaf++;
  }
  const integers = (at: number) => new Int32Array(bytes.buffer, at, nodes);
  return {
    ...headerOf(trees),
    kind: "trees",
    treeStart,
    feature: integers(feature),
    threshold: new Float64Array(bytes.buffer, threshold, nodes),
    left: integers(left),
    right: integers(right),
    missingLeft: integers(missingLeft),
    ...(hasZero ? { zeroMissing: integers(zeroMissing) } : {}),
    value,
    cover: new Float64Array(cover),
    categorySet: undefined,
    categorySets: [],
  };
}

function headerOf(model: TreeEnsemble | CompactTrees) {
  const { outputs, input, flushTiny, accumulate, base, baseLast, divide, valuesPerLeaf } = model;
  const { treeOutput, listedGo } = model;
  return {
    outputs,
    input,
    flushTiny,
    accumulate,
    base,
    divide,
    valuesPerLeaf,
    treeOutput,
    ...(baseLast === undefined ? {} : { baseLast }),
    ...(listedGo === undefined ? {} : { listedGo }),
  };
}
