import type { LinearPredictor } from "../package/serving.ts";
import type { Explainer } from "../trees/explainer.ts";

/** coefficient x (value - mean), added up over the columns of a field. A value that may be missing is then 0. */
export class LinearExplainer implements Explainer {
  readonly #predictor: LinearPredictor;
  readonly #means: Float64Array;
  readonly #fieldOfColumn: Int32Array;

  constructor(predictor: LinearPredictor, means: Float64Array, fieldOfColumn: Int32Array) {
    this.#predictor = predictor;
    this.#means = means;
    this.#fieldOfColumn = fieldOfColumn;
  }

  contributions(features: Float64Array, weights: Float64Array, out: Float64Array): void {
    const { coefficients, outputs } = this.#predictor;
    const columns = features.length;
    out.fill(0);
    for (let output = 0; output < outputs; output++) {
      const weight = weights[output] as number;
      if (weight === 0) continue;
      for (let column = 0; column < columns; column++) {
        const value = features[column] as number;
        const difference = (Number.isNaN(value) ? 0 : value) - (this.#means[column] as number);
        const field = this.#fieldOfColumn[column] as number;
        out[field] =
          (out[field] as number) + weight * (coefficients[output * columns + column] as number) * difference;
      }
    }
  }

  contributionsOfRows(rows: Float64Array, weights: Float64Array, count: number, out: Float64Array): void {
    const part = (of: Float64Array, row: number) =>
      of.subarray((row * of.length) / count, ((row + 1) * of.length) / count);
    for (let row = 0; row < count; row++) {
      this.contributions(part(rows, row), part(weights, row), part(out, row));
    }
  }
}
