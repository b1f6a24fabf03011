import type { LinearModel } from "../../linear/linear-model.ts";
import { ModelFileError } from "../../model-file-error.ts";
import type { RawModel, ReadOptions } from "../../raw-model.ts";
import type { DocumentReader } from "../document-reader.ts";
import { readDocument, type TreeBooster, type XgboostDocument } from "./document.ts";
import { ensembleOf } from "./ensemble.ts";
import { objectiveNames, objectiveOf } from "./objectives.ts";
import { isAtLeast, type Version } from "./version.ts";

const { fround } = Math;
const baseScoreAt = "/learner/learner_model_param/base_score";

/** Reads XGBoost's model document, 1.0 to 3.x, in either of its encodings. */
export function readXgboost(
  reader: DocumentReader,
  format: "xgboost-json" | "xgboost-ubjson",
  options: ReadOptions,
): RawModel {
  const document = readDocument(reader);
  const { version, objective: name, features, featureNames, booster } = document;
  const objective = objectiveOf(name);
  if (objective === undefined) {
    throw new ModelFileError(
      `the objective ${JSON.stringify(name.slice(0, 64))} isn't supported; these are: ${objectiveNames.join(", ")}`,
      "/learner/objective/name",
    );
  }
  const outputs = Math.max(document.classes, document.targets, 1);
  const hasTrained = booster.kind === "trees" ? booster.trees.length > 0 : booster.rounds !== 0;
  // Since 3.1 a base score that was to be estimated, and wasn't, is no base score of the objective's scale.
  const isRaw = !hasTrained && document.estimatesBase && isAtLeast(version, 3, 1);
  const base = baseScores(document, outputs).map((score, output, scores) => {
    if (isRaw) return score;
    if (objective.takes?.holds(score, version) === false) {
      throw new ModelFileError(`is ${score}; ${name} takes one that is ${objective.takes.text}`, baseScoreAt);
    }
    return objective.marginOf(score, version, scores[output - 1]);
  });
  const common = {
    format,
    libraryVersion: version.join("."),
    objective: name,
    features,
    ...(featureNames.length > 0 ? { featureNames } : {}),
    link: objective.link(outputs, version),
  };
  if (booster.kind === "linear") {
    const rounds = booster.rounds ?? 0;
    if (options.rounds === "best") {
      throw new ModelFileError("gblinear keeps no rounds to choose from", "/learner/gradient_booster");
    }
    // XGBoost 3.1 to 3.4 write a base score for every output, and their gblinear adds the first of them to all outputs.
    const firstBase = base.fill(base[0] as number);
    return {
      ...common,
      predictor: linearModel(booster.weights, features, firstBase),
      rounds: { total: rounds },
    };
  }
  const { starts, total, best } = roundsOf(booster, document);
  const { categories, trees, weightDrop, pointer } = booster;
  if (options.rounds === "best" && best === undefined) {
    throw new ModelFileError(
      "this file records no best iteration that it holds",
      "/learner/attributes/best_iteration",
    );
  }
  const count = options.rounds === "best" ? (starts[best as number] as number) : trees.length;
  return {
    ...common,
    ...(categories.some((codes) => codes !== undefined) ? { categories } : {}),
    ...(!trees.haveCover(count)
      ? { noContributions: "the trees have no sum_hessian, by which their splits would be weighed" }
      : {}),
    predictor: ensembleOf(trees, count, {
      features,
      outputs,
      base,
      baseLast: count > 0 && addsBaseLast(version, booster.weightDrop !== undefined),
      strayCategoriesAreMissing: isAtLeast(version, 1, 6) && !isAtLeast(version, 1, 7),
      treeOutput: treeOutputs(booster, outputs).subarray(0, count),
      weights: weightDrop && dropWeights(weightDrop, trees.length),
      pointer,
    }),
    rounds: { total, ...(best === undefined ? {} : { best }) },
  };
}

/** Up to 1.2 every booster added the base after the trees, up to 1.3 dart still did. */
function addsBaseLast(version: Version, isDart: boolean): boolean {
  return !isAtLeast(version, 1, isDart ? 4 : 3);
}

/** One number for all outputs, or since 3.1 a list with one an output. */
function baseScores({ baseScore }: XgboostDocument, outputs: number): Float64Array {
  const texts = baseScore.replace(/^\[(.*)\]$/s, "$1").split(",");
  if (texts.length !== 1 && texts.length !== outputs) {
    throw new ModelFileError(`${texts.length} numbers for ${outputs} outputs`, baseScoreAt);
  }
  const scores = texts.map((text) => {
    const isNumber = /^\s*-?\d{1,40}(\.\d{0,60})?([eE][+-]?\d{1,4})?\s*$/.test(text);
    if (!isNumber) throw new ModelFileError(`${JSON.stringify(text.slice(0, 32))} is no number`, baseScoreAt);
    return fround(Number(text));
  });
  return Float64Array.from({ length: outputs }, (_, k) => scores[k] ?? (scores[0] as number));
}

/** By tree, the output that it adds to; 0 where its leaves have a value for each. */
function treeOutputs({ trees, treeInfo, pointer }: TreeBooster, outputs: number): Int32Array {
  const where = pointer.replace(/trees$/, "tree_info");
  if (treeInfo.length !== trees.length) {
    throw new ModelFileError(`has ${treeInfo.length} entries for ${trees.length} trees`, where);
  }
  return Int32Array.from(treeInfo, (output, tree) => {
    const leafSize = trees.leafSize(tree);
    if (leafSize > 1) {
      if (leafSize === outputs) return 0;
      throw new ModelFileError(`leaves of ${leafSize} values for ${outputs} outputs`, `${pointer}/${tree}`);
    }
    if (Number.isInteger(output) && output >= 0 && output < outputs) return output;
    throw new ModelFileError(`is ${output}; the model has ${outputs} outputs`, `${where}/${tree}`);
  });
}

/** Missing weights are 1. */
function dropWeights(weightDrop: Float64Array, trees: number): Float32Array {
  if (weightDrop.length > trees) {
    throw new ModelFileError(
      `${weightDrop.length} weights for ${trees} trees`,
      "/learner/gradient_booster/weight_drop",
    );
  }
  const weights = new Float32Array(trees).fill(1);
  weights.set(weightDrop);
  return weights;
}

/** `starts`: by round, and one more, the first of its trees. `best`: how many rounds there are up to the best. */
function roundsOf(
  { trees, roundStart, treesPerRound, pointer }: TreeBooster,
  { bestIteration, classes, targets }: XgboostDocument,
): { starts: Float64Array; total: number; best?: number } {
  const where = pointer.replace(/trees$/, "iteration_indptr");
  const groups = trees.length > 0 && trees.leafSize(0) > 1 ? 1 : Math.max(classes, targets, 1);
  const perRound = treesPerRound * groups;
  const starts =
    roundStart ??
    Float64Array.from({ length: Math.floor(trees.length / perRound) + 1 }, (_, i) => i * perRound);
  const rises = starts.every(
    (start, i) => Number.isInteger(start) && start >= (i === 0 ? 0 : (starts[i - 1] as number)),
  );
  if (roundStart !== undefined && !(rises && starts[0] === 0 && starts.at(-1) === trees.length)) {
    throw new ModelFileError(`does not rise from 0 to the number of trees, ${trees.length}`, where);
  }
  const total = starts.length - 1;
  // A model that was cut afterwards may keep a best iteration that it no longer has.
  const hasBest = bestIteration !== undefined && bestIteration < total;
  return { starts, total, ...(hasBest ? { best: bestIteration + 1 } : {}) };
}

/** Weights by feature and output, and the biases last. */
function linearModel(weights: Float64Array, features: number, base: Float64Array): LinearModel {
  const outputs = base.length;
  const terms = features * outputs;
  // Before the first round there are none.
  if (weights.length === 0 && terms + outputs > 0) {
    return linearModel(new Float64Array(terms + outputs), features, base);
  }
  if (weights.length !== terms + outputs) {
    throw new ModelFileError(
      `has ${weights.length} numbers; ${features} features and ${outputs} outputs need ${terms + outputs}`,
      "/learner/gradient_booster/model/weights",
    );
  }
  const rounded = weights.map(fround);
  return {
    kind: "linear",
    precision: "float32",
    outputs,
    weights: rounded.slice(0, terms),
    bias: rounded.slice(terms),
    base,
  };
}
