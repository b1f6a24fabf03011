import type { TreesPredictor } from "../package/serving.ts";
import type { Evaluator } from "./evaluator.ts";
import { TreeInputs } from "./tree-inputs.ts";

/** Trees over flat arrays, summed in their order with the rounding of the library that grew them. */
export class TreeEvaluator implements Evaluator {
  readonly outputs: number;
  readonly #predictor: TreesPredictor;
  readonly #inputs: TreeInputs;
  readonly #prepared: Float64Array;

  constructor(predictor: TreesPredictor) {
    this.outputs = predictor.outputs;
    this.#predictor = predictor;
    this.#inputs = new TreeInputs(predictor);
    this.#prepared = new Float64Array(this.#inputs.slots);
  }

  margin(features: Float64Array, out: Float64Array): void {
    const { feature, threshold, left, right, value, treeStart, treeOutput, valuesPerLeaf } = this.#predictor;
    const rounds = this.#predictor.accumulate === "float32";
    const slotOfNode = this.#inputs.slotOfNode;
    const x = this.#prepared;
    this.#inputs.prepare(features, x);
    out.set(this.#predictor.base);
    for (let tree = 0; tree < treeOutput.length; tree++) {
      const start = treeStart[tree] as number;
      let node = start;
      while ((feature[node] as number) >= 0) {
        const goesLeft = (x[slotOfNode[node] as number] as number) <= (threshold[node] as number);
        node = start + ((goesLeft ? left[node] : right[node]) as number);
      }
      const first = treeOutput[tree] as number;
      for (let i = 0; i < valuesPerLeaf; i++) {
        const sum = (out[first + i] as number) + (value[node * valuesPerLeaf + i] as number);
        out[first + i] = rounds ? Math.fround(sum) : sum;
      }
    }
    const { divide } = this.#predictor;
    if (divide !== null) for (let i = 0; i < this.outputs; i++) out[i] = (out[i] as number) / divide;
  }
}
