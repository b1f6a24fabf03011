/**
 * Classic path-dependent TreeSHAP, algorithm 2 of Lundberg, Erion and Lee, "Consistent Individualized Feature Attribution
 * for Tree Ensembles" (2018), in float64: slow, and written to be compared with. A test compares it with LightGBM, shap
 * and XGBoost.
 */
import type { TreeEnsemble } from "../core/trees/ensemble.ts";
import { goesLeft } from "./random-trees.ts";

/** A feature on the path; `weight` is that of the sets of as many features as the step's index. */
interface Step {
  readonly column: number;
  readonly zeroFraction: number;
  readonly oneFraction: number;
  readonly weight: number;
}

/** Contributions of each column to an output, without the bias. */
export function classicTreeShap(
  ensemble: TreeEnsemble,
  row: Float64Array,
  columns: number,
  output: number,
): Float64Array {
  const { feature, left, right, cover, value, valuesPerLeaf, treeStart, treeOutput, divide } = ensemble;
  const result = new Float64Array(columns);
  const visit = (start: number, node: number, path: readonly Step[]): void => {
    const index = start + node;
    const column = feature[index] as number;
    if (column < 0) {
      const leaf = value[index * valuesPerLeaf + (valuesPerLeaf > 1 ? output : 0)] as number;
      for (let i = 1; i < path.length; i++) {
        const { column: of, oneFraction, zeroFraction } = path[i] as Step;
        const weight = unwind(path, i).reduce((sum, step) => sum + step.weight, 0);
        result[of] = (result[of] as number) + weight * (oneFraction - zeroFraction) * leaf;
      }
      return;
    }
    const before = path.findIndex((step) => step.column === column);
    const known = before < 0 ? { zeroFraction: 1, oneFraction: 1 } : (path[before] as Step);
    const rest = before < 0 ? path : unwind(path, before);
    const isLeft = goesLeft(ensemble, index, row);
    for (const [child, isHot] of [
      [left[index] as number, isLeft],
      [right[index] as number, !isLeft],
    ] as const) {
      const weight = cover[index] as number;
      const share = weight > 0 ? (cover[start + child] as number) / weight : 0.5;
      visit(start, child, extend(rest, known.zeroFraction * share, isHot ? known.oneFraction : 0, column));
    }
  };
  treeOutput.forEach((of, tree) => {
    if (valuesPerLeaf > 1 || of === output) visit(treeStart[tree] as number, 0, extend([], 1, 1, -1));
  });
  return divide === null ? result : result.map((sum) => sum / divide);
}

function extend(path: readonly Step[], zeroFraction: number, oneFraction: number, column: number): Step[] {
  const length = path.length;
  const weights = [...path.map(({ weight }) => weight), length === 0 ? 1 : 0];
  for (let i = length - 1; i >= 0; i--) {
    const weight = weights[i] as number;
    weights[i + 1] = (weights[i + 1] as number) + (oneFraction * weight * (i + 1)) / (length + 1);
    weights[i] = (zeroFraction * weight * (length - i)) / (length + 1);
  }
  return [...path, { column, zeroFraction, oneFraction, weight: 0 }].map((step, i) => ({
    ...step,
    weight: weights[i] as number,
  }));
}

function unwind(path: readonly Step[], at: number): Step[] {
  const last = path.length - 1;
  const { oneFraction, zeroFraction } = path[at] as Step;
  const weights = path.map(({ weight }) => weight);
  let next = weights[last] as number;
  for (let i = last - 1; i >= 0; i--) {
    if (oneFraction !== 0) {
      const weight = weights[i] as number;
      weights[i] = (next * (last + 1)) / ((i + 1) * oneFraction);
      next = weight - ((weights[i] as number) * zeroFraction * (last - i)) / (last + 1);
    } else if (zeroFraction !== 0) {
      weights[i] = ((weights[i] as number) * (last + 1)) / (zeroFraction * (last - i));
    } else weights[i] = 0;
  }
  const others = path.filter((_, i) => i !== at);
  return others.map((step, i) => ({ ...step, weight: weights[i] as number }));
}
