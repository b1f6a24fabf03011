import type { Evaluator } from "../trees/evaluator.ts";

/** Of an evaluator of two outputs, the second less the first in double: of a softmax of two classes, the log-odds. */
export class DifferenceEvaluator implements Evaluator {
  readonly outputs = 1;
  readonly #evaluator: Evaluator;
  #both = new Float64Array(2);

  constructor(evaluator: Evaluator) {
    this.#evaluator = evaluator;
  }

  margin(features: Float64Array, out: Float64Array): void {
    this.#evaluator.margin(features, this.#both);
    this.#subtract(1, out);
  }

  margins(rows: Float64Array, count: number, out: Float64Array): void {
    if (this.#both.length < 2 * count) this.#both = new Float64Array(2 * count);
    this.#evaluator.margins(rows, count, this.#both);
    this.#subtract(count, out);
  }

  #subtract(count: number, out: Float64Array): void {
    const both = this.#both;
    for (let row = 0; row < count; row++) {
      out[row] = (both[2 * row + 1] as number) - (both[2 * row] as number);
    }
  }
}
