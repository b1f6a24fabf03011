import type { TreeEnsemble } from "../ensemble.ts";
import { type Cuts, cutsOf } from "./cuts.ts";
import { mostFlags } from "./flag-evaluator.ts";
import { mostLinkedNodes } from "./linked.ts";

export type Layout =
  | { readonly kind: "perfect"; readonly depth: number; readonly cuts: Cuts }
  | { readonly kind: "linked"; readonly cuts: Cuts }
  | { readonly kind: "direct" };

/** Padding to perfect trees pays as long as it multiplies the leaves by no more; docs/performance.md has the measurement. */
const mostPadding = 4;
const deepestPerfect = 12;
/** Of the tables that tell each category's flags. Codes may be few and great, or as many as customers. */
const mostCategoryBytes = 4 * 1024 * 1024;

/**
 * The layout in which a model is evaluated fastest, by its shape. This is the only place that decides it.
 *
 * perfect: trees of like depth, about as full as they can be (XGBoost's depth-wise growth); linked: leaf-wise growth, leaves with
 * several values; direct: whatever does not fit those, and leaves that are linear models.
 */
export function chooseLayout(ensemble: TreeEnsemble): Layout {
  if (ensemble.linearLeaves !== undefined || !isOfSingles(ensemble)) return { kind: "direct" };
  const { treeStart, treeOutput } = ensemble;
  const largest = treeOutput.reduce(
    (most, _, tree) => Math.max(most, (treeStart[tree + 1] as number) - (treeStart[tree] as number)),
    0,
  );
  if (largest > mostLinkedNodes || categoryBytes(ensemble) > mostCategoryBytes) return { kind: "direct" };
  const cuts = cutsOf(ensemble);
  if (cuts.flags > mostFlags) return { kind: "direct" };
  const { depth, leaves } = sizeOf(ensemble);
  const isDense = treeOutput.length * 2 ** depth <= mostPadding * leaves;
  return ensemble.valuesPerLeaf === 1 && depth <= deepestPerfect && isDense
    ? { kind: "perfect", depth, cuts }
    : { kind: "linked", cuts };
}

/** What is compared and added as float32 must be float32. Thresholds must be numbers in any case. */
function isOfSingles({ input, accumulate, threshold, feature, value, base }: TreeEnsemble): boolean {
  const isSingle = (each: number) => Math.fround(each) === each;
  if (accumulate === "float32" && !(value.every(isSingle) && base.every(isSingle))) return false;
  return threshold.every(
    (each, node) =>
      (feature[node] as number) < 0 || (input === "float32" ? isSingle(each) : !Number.isNaN(each)),
  );
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

function sizeOf({ treeStart, treeOutput, feature, left, right }: TreeEnsemble) {
  let depth = 0;
  let leaves = 0;
  const stack: [node: number, level: number][] = [];
  for (let tree = 0; tree < treeOutput.length; tree++) {
    const start = treeStart[tree] as number;
    stack.push([start, 0]);
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const [node, level] = next;
      if ((feature[node] as number) < 0) {
        leaves++;
        depth = Math.max(depth, level);
        continue;
      }
      stack.push([start + (left[node] as number), level + 1], [start + (right[node] as number), level + 1]);
    }
  }
  return { depth, leaves };
}
