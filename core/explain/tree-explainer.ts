import { TreeInputs } from "../model/tree-inputs.ts";
import type { TreesPredictor } from "../package/serving.ts";
import type { Explainer } from "./explainer.ts";
import { gaussLegendre, type Quadrature } from "./quadrature.ts";
import { type SplitTrees, splitTrees } from "./split-trees.ts";

/**
 * Path-dependent TreeSHAP (Lundberg et al. 2018), exact, by quadrature.
 *
 * A leaf of value v under splits on the columns S, each with its share z of the training weight that took the leaf's
 * side and with o = 1 where the lead takes that side too (else 0), gives column j the Shapley value
 *
 *     v (o_j - z_j) ∫ Π_{i in S, i ≠ j} f_i(t) dt   over t from 0 to 1,   f_i(t) = z_i (1 - t) + o_i t,
 *
 * a polynomial of degree |S| - 1: Gauss-Legendre with ceil(|S| / 2) points integrates it without error. At every point
 * one pass down a tree makes the products of the factors above each split, one pass up the weighted sums of the leaves
 * below it, and each split adds the difference that its two sides make.
 *
 * Where a column splits again below itself, the factor of the upper edge a is replaced by that of the lower edge e, and
 * the lower one adds (o_e z_a - o_a z_e) / f_a² of the product: nothing where the lead has left the path at a (o_a = 0).
 */
export class TreeExplainer implements Explainer {
  readonly #predictor: TreesPredictor;
  readonly #inputs: TreeInputs;
  readonly #prepared: Float64Array;
  readonly #splits: SplitTrees;
  /** By tree. */
  readonly #quadratures: readonly Quadrature[];
  /** Of the tree at work: products above and sums below, at every point of every split. */
  readonly #above: Float64Array;
  readonly #below: Float64Array;
  /** 1: the lead takes the side that leads to the split, wherever the split's column is split above. */
  readonly #isTaken: Uint8Array;
  /** Leaf values weighted over the outputs, where a leaf has several. */
  readonly #combined: Float64Array;

  constructor(predictor: TreesPredictor, fieldOfColumn: Int32Array) {
    this.#predictor = predictor;
    this.#inputs = new TreeInputs(predictor);
    this.#prepared = new Float64Array(this.#inputs.slots);
    this.#splits = splitTrees(predictor, this.#inputs.slotOfNode, fieldOfColumn);
    const { distinctColumns, start } = this.#splits;
    const quadratures = new Map<number, Quadrature>();
    this.#quadratures = Array.from(distinctColumns, (columns) => {
      const count = Math.max(1, Math.ceil(columns / 2));
      const quadrature = quadratures.get(count) ?? gaussLegendre(count);
      quadratures.set(count, quadrature);
      return quadrature;
    });
    const splits = Array.from(
      distinctColumns,
      (_, tree) => (start[tree + 1] as number) - (start[tree] as number),
    );
    const cells = splits.map((each, tree) => each * (this.#quadratures[tree] as Quadrature).points.length);
    this.#above = new Float64Array(greatest(cells));
    this.#below = new Float64Array(greatest(cells));
    this.#isTaken = new Uint8Array(greatest(splits));
    this.#combined = new Float64Array(predictor.valuesPerLeaf > 1 ? predictor.feature.length : 0);
  }

  contributions(features: Float64Array, weights: Float64Array, out: Float64Array): void {
    const { treeOutput, valuesPerLeaf, value, divide } = this.#predictor;
    out.fill(0);
    this.#inputs.prepare(features, this.#prepared);
    const leaves = valuesPerLeaf > 1 ? this.#combine(weights) : value;
    for (let tree = 0; tree < treeOutput.length; tree++) {
      const weight = valuesPerLeaf > 1 ? 1 : (weights[treeOutput[tree] as number] as number);
      if (weight === 0) continue;
      this.#pushDown(tree, weight);
      this.#pullUp(tree, leaves, out);
    }
    if (divide !== null) for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) / divide;
  }

  #combine(weights: Float64Array): Float64Array {
    const { value, valuesPerLeaf } = this.#predictor;
    const combined = this.#combined;
    for (let node = 0; node < combined.length; node++) {
      let sum = 0;
      for (let k = 0; k < valuesPerLeaf; k++) {
        sum += (weights[k] as number) * (value[node * valuesPerLeaf + k] as number);
      }
      combined[node] = sum;
    }
    return combined;
  }

  #pushDown(tree: number, weight: number): void {
    const { start, slot, threshold, left, right, leftShare, rightShare, edgeAbove, shareAbove } =
      this.#splits;
    const { points, weights } = this.#quadratures[tree] as Quadrature;
    const above = this.#above;
    const isTaken = this.#isTaken;
    const count = points.length;
    const first = start[tree] as number;
    const end = start[tree + 1] as number;
    for (let q = 0; q < count; q++) above[q] = (weights[q] as number) * weight;
    for (let at = first; at < end; at++) {
      const goesLeft = (this.#prepared[slot[at] as number] as number) <= (threshold[at] as number);
      const edge = edgeAbove[at] as number;
      const upperTaken = edge < 0 || isTaken[edge] === 1;
      const upperShare = shareAbove[at] as number;
      const own = (at - first) * count;
      for (let side = 0; side < 2; side++) {
        const target = (side === 0 ? left[at] : right[at]) as number;
        if (target < 0) continue;
        const share = (side === 0 ? leftShare[at] : rightShare[at]) as number;
        const below = target * count;
        const taken = upperTaken && goesLeft === (side === 0);
        isTaken[target] = taken ? 1 : 0;
        if (!upperTaken) {
          for (let q = 0; q < count; q++) above[below + q] = (above[own + q] as number) * share;
        } else if (edge < 0) {
          for (let q = 0; q < count; q++) {
            const t = points[q] as number;
            above[below + q] = (above[own + q] as number) * (share * (1 - t) + (taken ? t : 0));
          }
        } else {
          for (let q = 0; q < count; q++) {
            const t = points[q] as number;
            const upper = upperShare * (1 - t) + t;
            above[below + q] =
              ((above[own + q] as number) * (upperShare * share * (1 - t) + (taken ? t : 0))) / upper;
          }
        }
      }
    }
  }

  #pullUp(tree: number, leaves: Float64Array, out: Float64Array): void {
    const { start, slot, threshold, field, left, right, leftShare, rightShare, edgeAbove, shareAbove } =
      this.#splits;
    const { points } = this.#quadratures[tree] as Quadrature;
    const above = this.#above;
    const sums = this.#below;
    const count = points.length;
    const first = start[tree] as number;
    for (let at = (start[tree + 1] as number) - 1; at >= first; at--) {
      const goesLeft = (this.#prepared[slot[at] as number] as number) <= (threshold[at] as number);
      const edge = edgeAbove[at] as number;
      const upperTaken = edge < 0 || this.#isTaken[edge] === 1;
      const own = (at - first) * count;
      const [toLeft, toRight] = [left[at] as number, right[at] as number];
      const [lowerLeft, lowerRight] = [leftShare[at] as number, rightShare[at] as number];
      const upperShare = shareAbove[at] as number;
      const [takenLeft, takenRight] = goesLeft ? [1, 0] : [0, 1];
      let contribution = 0;
      for (let q = 0; q < count; q++) {
        const sumLeft = (toLeft < 0 ? leaves[-1 - toLeft] : sums[toLeft * count + q]) as number;
        const sumRight = (toRight < 0 ? leaves[-1 - toRight] : sums[toRight * count + q]) as number;
        if (!upperTaken) {
          sums[own + q] = lowerLeft * sumLeft + lowerRight * sumRight;
          continue;
        }
        const t = points[q] as number;
        const upper = upperShare * (1 - t) + t;
        const [shareLeft, shareRight] = [upperShare * lowerLeft, upperShare * lowerRight];
        sums[own + q] =
          ((shareLeft * (1 - t) + takenLeft * t) * sumLeft +
            (shareRight * (1 - t) + takenRight * t) * sumRight) /
          upper;
        contribution +=
          ((above[own + q] as number) / (upper * upper)) *
          ((takenLeft * upperShare - shareLeft) * sumLeft +
            (takenRight * upperShare - shareRight) * sumRight);
      }
      const target = field[at] as number;
      out[target] = (out[target] as number) + contribution;
    }
  }
}

function greatest(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.max(a, b), 0);
}
