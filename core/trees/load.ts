import { baseline } from "./baseline.ts";
import type { TreeEnsemble } from "./ensemble.ts";
import type { Evaluator } from "./evaluator.ts";
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
  /**
   * Writes the margins (raw scores) of a row of raw feature values; NaN is missing. Of several rows, one behind the other,
   * it writes those of each: many together take less time than one by one.
   */
  predict(rows: Float64Array, margins: Float64Array): void;
  /** Writes what the library's own `predict` makes of these margins: a probability, a class, a mean. */
  transform(margins: Float64Array, out: Float64Array): void;
  /**
   * Writes, for each output in turn, a number a feature and then the bias: exact path-dependent TreeSHAP. They add up to
   * the output's margin, as far as its library's rounding and that of double go. Takes several rows as `predict` does. Throws a `ModelFileError` where the model has none
   * (`raw.noContributions`, or leaves that are no finite numbers).
   */
  contributions(rows: Float64Array, out: Float64Array): void;
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
  let explain: Explain | undefined;
  return {
    raw,
    features,
    outputs: predictor.outputs,
    transformedOutputs: link.outputs,
    predict: (rows, margins) => {
      const count = rowsIn(rows, features);
      if (count === 1) evaluator.margin(rows, margins);
      else evaluator.margins(rows, count, margins);
    },
    transform: (margins, out) => link.apply(margins, out),
    contributions: (rows, out) => {
      if (raw.noContributions !== undefined) {
        throw new ModelFileError(`no contributions: ${raw.noContributions}`, "the model");
      }
      explain ??= explainerOf(raw, evaluator);
      explain(rows, rowsIn(rows, features), out);
    },
  };
}

/** A model without features knows one row only. */
function rowsIn(rows: Float64Array, features: number): number {
  return features === 0 ? 1 : rows.length / features;
}

type Explain = (rows: Float64Array, count: number, out: Float64Array) => void;

function explainerOf({ predictor, features }: RawModel, evaluator: Evaluator): Explain {
  const { outputs } = predictor;
  const width = features + 1;
  const partOf = (out: Float64Array, row: number, k: number) => {
    const start = (row * outputs + k) * width;
    return out.subarray(start, start + width);
  };
  if (predictor.kind === "linear") {
    const booster = new LinearBooster(predictor);
    return (rows, count, out) => {
      for (let row = 0; row < count; row++) {
        const own = rows.subarray(row * features, (row + 1) * features);
        for (let k = 0; k < outputs; k++) booster.contributions(own, k, partOf(out, row, k));
      }
    };
  }
  if (!predictor.value.every(Number.isFinite)) {
    throw new ModelFileError("no contributions: a leaf's value is not a finite number", "the model");
  }
  const explainer = new TreeExplainer(
    predictor,
    Int32Array.from({ length: features }, (_, column) => column),
  );
  const biases = baseline(predictor);
  const takesRest = greatestSum(predictor) > greatestPlainSum;
  return (rows, count, out) => {
    const margins = new Float64Array(takesRest ? count * outputs : 0);
    if (takesRest) evaluator.margins(rows, count, margins);
    const weights = new Float64Array(count * outputs);
    const found = new Float64Array(count * features);
    for (let k = 0; k < outputs; k++) {
      for (let i = 0; i < weights.length; i++) weights[i] = i % outputs === k ? 1 : 0;
      if (count === 1) explainer.contributions(rows, weights, found);
      else explainer.contributionsOfRows(rows, weights, count, found);
      for (let row = 0; row < count; row++) {
        const part = partOf(out, row, k);
        part.set(found.subarray(row * features, (row + 1) * features));
        part[features] = takesRest
          ? (margins[row * outputs + k] as number) - part.subarray(0, features).reduce((a, b) => a + b, 0)
          : (biases[k] as number);
      }
    }
  };
}

/**
 * Up to it sums of leaves in double are right within 1e-6, so that contributions and the bias, which is the same for all rows, add up to
 * the margin. Of greater leaves, which may cancel, the bias takes what rounding leaves over.
 */
const greatestPlainSum = 2 ** 30;

/** No sum of leaves is greater. */
function greatestSum({ base, value, valuesPerLeaf, treeStart, divide }: TreeEnsemble): number {
  let sum = base.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  for (let tree = 0; tree + 1 < treeStart.length; tree++) {
    const end = (treeStart[tree + 1] as number) * valuesPerLeaf;
    let most = 0;
    for (let at = (treeStart[tree] as number) * valuesPerLeaf; at < end; at++) {
      most = Math.max(most, Math.abs(value[at] as number));
    }
    sum += most;
  }
  return divide === null ? sum : sum / divide;
}
