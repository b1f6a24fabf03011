import type { LinearPredictor } from "../package/serving.ts";
import type { Evaluator } from "../trees/evaluator.ts";

const { fround } = Math;

/** ((intercept + c0 x0) + c1 x1) + …, in doubles, or as XGBoost's gblinear in float32 without what is missing. */
export class LinearEvaluator implements Evaluator {
  readonly outputs: number;
  readonly #predictor: LinearPredictor;

  constructor(predictor: LinearPredictor) {
    this.outputs = predictor.outputs;
    this.#predictor = predictor;
  }

  margins(rows: Float64Array, count: number, out: Float64Array): void {
    const width = rows.length / count;
    for (let i = 0; i < count; i++) {
      const margins = out.subarray(i * this.outputs, (i + 1) * this.outputs);
      this.margin(rows.subarray(i * width, (i + 1) * width), margins);
    }
  }

  margin(features: Float64Array, out: Float64Array): void {
    const { coefficients, intercepts, precision } = this.#predictor;
    const isSingle = precision === "float32";
    const columns = features.length;
    for (let output = 0; output < this.outputs; output++) {
      let sum = intercepts[output] as number;
      const start = output * columns;
      for (let column = 0; column < columns; column++) {
        const coefficient = coefficients[start + column] as number;
        const value = features[column] as number;
        if (!isSingle) sum += coefficient * value;
        else if (!Number.isNaN(value)) sum = fround(sum + fround(fround(value) * coefficient));
      }
      out[output] = sum;
    }
  }
}
