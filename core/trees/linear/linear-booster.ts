import type { Evaluator } from "../evaluator.ts";
import type { LinearModel } from "./linear-model.ts";

/** A linear model in the order of XGBoost's gblinear, which works in float32; scikit-learn's work in double. */
export class LinearBooster implements Evaluator {
  readonly outputs: number;
  readonly #model: LinearModel;
  readonly #start: Float64Array;
  readonly #round: (value: number) => number;

  constructor(model: LinearModel) {
    this.outputs = model.outputs;
    this.#model = model;
    this.#round = model.precision === "float32" ? Math.fround : (value) => value;
    this.#start = model.bias.map((bias, k) => this.#round(bias + (model.base[k] as number)));
  }

  margin(features: Float64Array, out: Float64Array): void {
    const { outputs } = this.#model;
    for (let k = 0; k < outputs; k++) {
      let sum = this.#start[k] as number;
      for (let column = 0; column < features.length; column++) {
        const value = features[column] as number;
        if (this.#counts(value)) sum = this.#round(sum + this.#term(column, k, value));
      }
      out[k] = sum;
    }
  }

  margins(rows: Float64Array, count: number, out: Float64Array): void {
    const { outputs } = this.#model;
    const width = rows.length / count;
    for (let row = 0; row < count; row++) {
      this.margin(
        rows.subarray(row * width, (row + 1) * width),
        out.subarray(row * outputs, (row + 1) * outputs),
      );
    }
  }

  /** Writes one number a feature, then the bias, for output `k`. They are weight x feature; nothing is subtracted. */
  contributions(features: Float64Array, k: number, out: Float64Array): void {
    for (let column = 0; column < features.length; column++) {
      const value = features[column] as number;
      out[column] = this.#counts(value) ? this.#term(column, k, value) : 0;
    }
    out[features.length] = this.#start[k] as number;
  }

  /** XGBoost skips what is missing; scikit-learn refuses it, so that here it makes NaN. */
  #counts(value: number): boolean {
    return this.#model.precision === "float64" || !Number.isNaN(value);
  }

  #term(column: number, k: number, value: number): number {
    return this.#round(
      this.#round(value) * (this.#model.weights[column * this.#model.outputs + k] as number),
    );
  }
}
