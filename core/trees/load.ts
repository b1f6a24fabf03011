import { baseline } from "./baseline.ts";
import { TreeExplainer } from "./explain/tree-explainer.ts";
import { readModel } from "./formats/read-model.ts";
import { LinearBooster } from "./linear/linear-booster.ts";
import { ModelFileError } from "./model-file-error.ts";
import type { RawModel, ReadOptions } from "./raw-model.ts";
import { treeEvaluator } from "./tree-evaluator.ts";

/** A model that answers. Its methods are synchronous and keep no reference to the arrays they are given. */
export interface Model {
  /** What the file holds. */
  readonly raw: RawModel;
  /** Columns of a row. */
  readonly features: number;
  /** Margins of a row: 1, or one a class or target. */
  readonly outputs: number;
  /** Numbers that `transform` gives. */
  readonly transformedOutputs: number;
  /** Writes the margins (raw scores) of a row of raw feature values; NaN is missing. */
  predict(row: Float64Array, margins: Float64Array): void;
  /** Writes what the library's own `predict` makes of these margins: a probability, a class, a mean. */
  transform(margins: Float64Array, out: Float64Array): void;
  /**
   * Writes, for each output in turn, a number a feature and then the bias: exact path-dependent TreeSHAP. They add up to
   * the output's margin. Throws a `ModelFileError` where the model has none (`raw.noContributions`).
   */
  contributions(row: Float64Array, out: Float64Array): void;
}

/**
 * Reads a model file of any supported format, which its content tells. Throws a `ModelFileError` for what is damaged,
 * hostile or not supported.
 */
export function load(bytes: Uint8Array, options: ReadOptions = {}): Model {
  return modelOf(readModel(bytes, options));
}

export function modelOf(raw: RawModel): Model {
  const { features, link, predictor } = raw;
  const evaluator = predictor.kind === "linear" ? new LinearBooster(predictor) : treeEvaluator(predictor);
  let explain: ((row: Float64Array, out: Float64Array) => void) | undefined;
  return {
    raw,
    features,
    outputs: predictor.outputs,
    transformedOutputs: link.outputs,
    predict: (row, margins) => evaluator.margin(row, margins),
    transform: (margins, out) => link.apply(margins, out),
    contributions: (row, out) => {
      if (raw.noContributions !== undefined) {
        throw new ModelFileError(`no contributions: ${raw.noContributions}`, "the model");
      }
      explain ??= explainerOf(raw);
      explain(row, out);
    },
  };
}

function explainerOf({ predictor, features }: RawModel): (row: Float64Array, out: Float64Array) => void {
  const { outputs } = predictor;
  const partOf = (out: Float64Array, k: number) => out.subarray(k * (features + 1), (k + 1) * (features + 1));
  if (predictor.kind === "linear") {
    const booster = new LinearBooster(predictor);
    return (row, out) => {
      for (let k = 0; k < outputs; k++) booster.contributions(row, k, partOf(out, k));
    };
  }
  const explainer = new TreeExplainer(
    predictor,
    Int32Array.from({ length: features }, (_, column) => column),
  );
  const biases = baseline(predictor);
  const weights = new Float64Array(outputs);
  return (row, out) => {
    for (let k = 0; k < outputs; k++) {
      weights.fill(0);
      weights[k] = 1;
      const part = partOf(out, k);
      explainer.contributions(row, weights, part.subarray(0, features));
      part[features] = biases[k] as number;
    }
  };
}
