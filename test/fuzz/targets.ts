import { PackageError } from "../../core/package/load.ts";
import { readServingFile } from "../../core/package/read-serving.ts";
import { load, ModelFileError } from "../../core/trees/index.ts";
import { treeEvaluator } from "../../core/trees/tree-evaluator.ts";

/** A parser of untrusted bytes. */
export interface Target {
  /** What the format is made of, to write changes with. */
  readonly words: readonly string[];
  /** Reads the bytes; throws what this parser may throw only for a fault of its own. */
  readonly run: (bytes: Uint8Array) => void;
}

const xgboostWords = [
  '"learner":', '"gradient_booster":', '"model":', '"trees":', '"tree_info":', '"left_children":', '"right_children":',
  '"split_conditions":', '"split_indices":', '"split_type":', '"default_left":', '"categories":', '"categories_nodes":',
  '"categories_segments":', '"categories_sizes":', '"base_weights":', '"sum_hessian":', '"tree_param":', '"num_nodes":', '"num_feature":',
  '"size_leaf_vector":', '"weight_drop":', '"gbtree":', '"gblinear"', '"dart"', '"weights":', '"iteration_indptr":', '"objective":',
  '"name":', '"binary:logistic"', '"multi:softprob"', '"num_class":', '"num_target":', '"base_score":', '"cats":', '"enc":', '"version":',
  '"attributes":', '"best_iteration":', '"leaf_weights":', "null", "true", "NaN", "[[", "]]", "{}", "[]", '""', ",", "\\u0000",
]; // biome-ignore format: a list
const ubjsonWords = [
  "[$d#L",
  "[$l#L",
  "[$i#L",
  "[$L#L",
  "[#L",
  "[#i",
  "{",
  "}",
  "Si",
  "SL",
  "d",
  "D",
  "l",
  "L",
  "U",
  "i",
  "I",
  "Z",
  "T",
  "F",
  "N",
  "C",
  "H",
];
const lightgbmWords = [
  "tree\n", "Tree=0\n", "\n\n", "end of trees\n", "num_class=", "num_tree_per_iteration=", "max_feature_idx=", "objective=", "feature_names=",
  "average_output\n", "num_leaves=", "num_cat=", "split_feature=", "threshold=", "decision_type=", "left_child=", "right_child=",
  "leaf_value=", "leaf_count=", "internal_count=", "cat_boundaries=", "cat_threshold=", "is_linear=1\n", "leaf_const=", "num_features=",
  "leaf_features=", "leaf_coeff=", "sigmoid:", "num_class:", "multiclass", "custom", "-nan ", "inf ", " ", "\r\n", "=", "-1 ", "~",
]; // biome-ignore format: a list
const servingWords = [
  '"predictor":', '"difference":true,', '"kind":', '"trees"', '"linear"', '"treeStart":', '"feature":', '"threshold":', '"left":', '"type":', '"float32"', '"int32"',
  '"uint8"', '"data":', '"categorySets":', '"categorySet":', '"columns":', '"op":', '"category-code"', '"known":', '"calibration":',
  '"isotonic"', '"margins":', '"tiers":', '"cuts":', '"leaf":', '"split":', '"leafValue":', '"count":', '"divide":', '"valuesPerLeaf":', '"linearLeaves":', '"node":', '"constant":',
  '"column":', '"coefficient":', '"explanation":', '"noContributions":', "AAAA", "////", "null", "[]", "{}", '"__proto__":',
]; // biome-ignore format: a list

/** Loads a model and asks it one row; a `ModelFileError` is an answer. */
function loadAndPredict(bytes: Uint8Array): void {
  try {
    const model = load(bytes);
    // The row is part of the test, not of the file: its length is the file's word.
    const row = new Float64Array(model.features).fill(Number.NaN);
    const margins = new Float64Array(model.outputs);
    model.predict(row, margins);
    model.transform(margins, new Float64Array(model.transformedOutputs));
    if (model.features * model.outputs < 10_000) {
      model.contributions(row, new Float64Array(model.outputs * (model.features + 1)));
    }
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    if (/\n/.test(error.message)) throw new Error("a refusal of more than one line");
  }
}

function readServing(bytes: Uint8Array): void {
  try {
    const { predictor, columns } = readServingFile(bytes);
    if (predictor.kind === "linear") return;
    const row = new Float64Array(columns.length).fill(Number.NaN);
    treeEvaluator(predictor).margin(row, new Float64Array(predictor.outputs));
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
  }
}

export const targets = {
  "xgboost-json": { words: xgboostWords, run: loadAndPredict },
  "xgboost-ubjson": {
    words: [...ubjsonWords, ...xgboostWords.map((word) => word.replace(/[":]/g, ""))],
    run: loadAndPredict,
  },
  "lightgbm-text": { words: lightgbmWords, run: loadAndPredict },
  predictor: {
    words: [...servingWords, '"format":"leadgauge-predictor"', '"link":', "1e999"],
    run: loadAndPredict,
  },
  serving: { words: servingWords, run: readServing },
} satisfies Record<string, Target>;

export type TargetName = keyof typeof targets;
