import type { LinearModel } from "./linear-model.ts";

const { fround } = Math;

/** XGBoost's gblinear, in its order and in float32. */
export class LinearBooster {
  readonly #model: LinearModel;
  readonly #start: Float64Array;

  constructor(model: LinearModel) {
    this.#model = model;
    this.#start = model.bias.map((bias, k) => fround(bias + (model.base[k] as number)));
  }

  margin(features: Float64Array, out: Float64Array): void {
    const { outputs } = this.#model;
    for (let k = 0; k < outputs; k++) {
      let sum = this.#start[k] as number;
      for (let column = 0; column < features.length; column++) {
        const value = features[column] as number;
        if (!Number.isNaN(value)) sum = fround(sum + this.#term(column, k, value));
      }
      out[k] = sum;
    }
  }

  /** Writes one number a feature, then the bias, for output `k`. They are weight x feature; nothing is subtracted. */
  contributions(features: Float64Array, k: number, out: Float64Array): void {
    for (let column = 0; column < features.length; column++) {
      const value = features[column] as number;
      out[column] = Number.isNaN(value) ? 0 : this.#term(column, k, value);
    }
    out[features.length] = this.#start[k] as number;
  }

  #term(column: number, k: number, value: number): number {
    return fround(fround(value) * (this.#model.weights[column * this.#model.outputs + k] as number));
  }
}
