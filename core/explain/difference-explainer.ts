import type { Explainer } from "../trees/explainer.ts";

/** Of an explainer of two outputs, the contributions to the second less the first: they are linear in the outputs, so that one pass gives them. */
export class DifferenceExplainer implements Explainer {
  readonly #explainer: Explainer;
  #both = new Float64Array(2);

  constructor(explainer: Explainer) {
    this.#explainer = explainer;
  }

  contributions(features: Float64Array, weights: Float64Array, out: Float64Array): void {
    this.#explainer.contributions(features, this.#weightsOfBoth(weights, 1), out);
  }

  contributionsOfRows(rows: Float64Array, weights: Float64Array, count: number, out: Float64Array): void {
    this.#explainer.contributionsOfRows(rows, this.#weightsOfBoth(weights, count), count, out);
  }

  #weightsOfBoth(weights: Float64Array, count: number): Float64Array {
    if (this.#both.length < 2 * count) this.#both = new Float64Array(2 * count);
    const both = this.#both.subarray(0, 2 * count);
    for (let row = 0; row < count; row++) {
      const weight = weights[row] as number;
      both[2 * row] = -weight;
      both[2 * row + 1] = weight;
    }
    return both;
  }
}
