import { type CompactTrees, compactOf, type TreeMeasures } from "../compact-trees.ts";
import type { TreeEnsemble } from "../ensemble.ts";
import { cutsOf } from "./cuts.ts";
import { mostFlags } from "./flag-evaluator.ts";
import { mostLinkedNodes } from "./linked.ts";

export type Layout =
  | { readonly kind: "perfect" | "linked"; readonly trees: CompactTrees }
  | { readonly kind: "direct" };

/** Padding to perfect trees pays as long as it multiplies the leaves by no more; docs/performance.md has the measurement. */
const mostPadding = 6;
const deepestPerfect = 12;
/** Of the tables that tell each category's flags. Codes may be few and great, or as many as customers. */
const mostCategoryBytes = 4 * 1024 * 1024;

/**
 * The layout in which a model is evaluated fastest, by its shape. This is the only place that decides it.
 *
 * perfect: trees of like depth, about as full as they can be (XGBoost's depth-wise growth); linked: leaf-wise growth, leaves with
 * several values; direct: whatever does not fit those, and leaves that are linear models.
 */
export function chooseLayout(model: TreeEnsemble | CompactTrees): Layout {
  const trees = model.kind === "trees" ? withFlags(model) : model;
  if (trees === undefined || trees.measures.largest > mostLinkedNodes || trees.cuts.flags > mostFlags) {
    return { kind: "direct" };
  }
  const { depth, leaves } = trees.measures;
  const isDense = trees.treeOutput.length * 2 ** depth <= mostPadding * leaves;
  return trees.valuesPerLeaf === 1 && depth <= deepestPerfect && isDense
    ? { kind: "perfect", trees }
    : { kind: "linked", trees };
}

/** Undefined: not all splits can be told by flags, or not within the memory that this may take. */
function withFlags(ensemble: TreeEnsemble): CompactTrees | undefined {
  if (ensemble.linearLeaves !== undefined || !isOfSingles(ensemble)) return undefined;
  const measures = measuresOf(ensemble);
  if (measures.largest > mostLinkedNodes || categoryBytes(ensemble) > mostCategoryBytes) return undefined;
  const cuts = cutsOf(ensemble);
  return cuts.flags > mostFlags ? undefined : compactOf(ensemble, cuts, measures);
}

/** What is compared and added as float32 must be float32. Thresholds must be numbers in any case. */
function isOfSingles({ input, accumulate, threshold, feature, value, base }: TreeEnsemble): boolean {
  if (accumulate === "float32") {
    for (const numbers of [value, base]) {
      for (let i = 0; i < numbers.length; i++) {
        if (Math.fround(numbers[i] as number) !== numbers[i]) return false;
      }
    }
  }
  const comparesSingles = input === "float32";
  for (let node = 0; node < threshold.length; node++) {
    const limit = threshold[node] as number;
    const isFit = comparesSingles ? Math.fround(limit) === limit : !Number.isNaN(limit);
    if (!isFit && (feature[node] as number) >= 0) return false;
  }
  return true;
}

function categoryBytes({ feature, categorySet, categorySets }: TreeEnsemble): number {
  if (categorySet === undefined) return 0;
  const columns = new Map<number, { splits: number; codes: number; listed: number }>();
  for (let node = 0; node < feature.length; node++) {
    const set = categorySets[categorySet[node] as number];
    if (set === undefined) continue;
    const column = columns.get(feature[node] as number) ?? { splits: 0, codes: 0, listed: 0 };
    columns.set(feature[node] as number, column);
    column.splits++;
    column.listed += set.length;
    for (const code of set) column.codes = Math.max(column.codes, code + 1);
  }
  return [...columns.values()].reduce(
    (bytes, { splits, codes, listed }) => bytes + 4 * codes + splits * Math.min(codes, listed),
    0,
  );
}

export function measuresOf({ treeStart, treeOutput, feature, left, right }: TreeEnsemble): TreeMeasures {
  const level = new Uint16Array(feature.length);
  let largest = 0;
  let depth = 0;
  let leaves = 0;
  for (let tree = 0; tree < treeOutput.length; tree++) {
    const start = treeStart[tree] as number;
    const end = treeStart[tree + 1] as number;
    largest = Math.max(largest, end - start);
    // A node stands before its children.
    for (let node = start; node < end; node++) {
      const own = level[node] as number;
      if ((feature[node] as number) >= 0) {
        level[start + (left[node] as number)] = own + 1;
        level[start + (right[node] as number)] = own + 1;
        continue;
      }
      leaves++;
      if (own > depth) depth = own;
    }
  }
  return { largest, depth, leaves };
}
