import { ModelFileError } from "../../model-file-error.ts";
import type { DocumentReader } from "../document-reader.ts";
import { type Categories, readCategories } from "./categories.ts";
import { checkedNumber, missing, readParameters, wholeNumber } from "./parameters.ts";
import { maximumTrees, TreeList } from "./tree-arrays.ts";
import type { Version } from "./version.ts";

/** What of a model document is needed, as it stands there. */
export interface XgboostDocument {
  readonly version: Version;
  readonly objective: string;
  readonly featureNames: readonly string[];
  readonly baseScore: string;
  /** The base score is to be estimated from the data: it is not before the first round. */
  readonly estimatesBase: boolean;
  readonly classes: number;
  readonly features: number;
  readonly targets: number;
  readonly bestIteration: number | undefined;
  readonly booster: Booster;
}

export type Booster =
  | TreeBooster
  | { readonly kind: "linear"; weights: Float64Array; rounds: number | undefined };

export interface TreeBooster {
  readonly kind: "trees";
  readonly trees: TreeList;
  /** The output of each tree. */
  readonly treeInfo: Float64Array;
  readonly roundStart: Float64Array | undefined;
  readonly treesPerRound: number;
  readonly weightDrop: Float64Array | undefined;
  readonly categories: Categories;
  /** Where the trees stand, for messages. */
  readonly pointer: string;
}

/** Columns of hashed words go into the millions; they have no names. */
const maximumFeatures = 1 << 22;
const maximumNames = 500_000;
const maximumOutputs = 100_000;

export function readDocument(reader: DocumentReader): XgboostDocument {
  let version: Version | undefined;
  let learner: Omit<XgboostDocument, "version"> | undefined;
  reader.object((key) => {
    if (key === "version") version = readVersion(reader);
    else if (key === "learner") learner = readLearner(reader);
    else if (key === "Config" || key === "Model") {
      reader.fail("this is a booster as pickles hold it, with its training's state; save it with save_model");
    } else if (key === "oblivious_trees") reader.fail("this is a CatBoost model, which isn't supported");
    else if (key === "tree_info" || key === "feature_importances" || isNamedTree(reader, key)) {
      reader.fail("this is LightGBM's JSON dump; save the model with save_model, which writes text");
    }
  });
  reader.end();
  if (learner === undefined) throw missing("/learner");
  if (version === undefined) throw missing("/version");
  return { version, ...learner };
}

/** How LightGBM's dumps begin. */
function isNamedTree(reader: DocumentReader, key: string): boolean {
  return key === "name" && reader.kind() === "string" && reader.string() === "tree";
}

function readVersion(reader: DocumentReader): Version {
  const numbers = reader.numbers();
  const [major, minor, patch] = numbers;
  if (numbers.length !== 3 || major === undefined || minor === undefined || patch === undefined) {
    return reader.fail("three numbers are expected");
  }
  if (major < 1 || major > 3) {
    reader.fail(`a file of XGBoost ${major}.${minor}; those of 1.0 to 3.x are read`);
  }
  return [major, minor, patch];
}

function readLearner(reader: DocumentReader): Omit<XgboostDocument, "version"> {
  let objective: string | undefined;
  let booster: Booster | undefined;
  let parameters: ReadonlyMap<string, string> | undefined;
  let bestIteration: number | undefined;
  const featureNames: string[] = [];
  reader.object((key) => {
    switch (key) {
      case "objective":
        reader.object((name) => {
          if (name === "name") objective = reader.string();
        });
        break;
      case "gradient_booster":
        booster = readBooster(reader);
        break;
      case "learner_model_param":
        parameters = readParameters(reader);
        break;
      case "feature_names":
        reader.array((index) => {
          if (index === maximumNames) reader.fail(`more than ${maximumNames} names of features`);
          featureNames.push(reader.string());
        });
        break;
      case "attributes":
        reader.object((name) => {
          if (name === "best_iteration") bestIteration = wholeNumber(reader, reader.string(), -1, 1e9);
        });
    }
  });
  if (booster === undefined) throw missing("/learner/gradient_booster");
  if (objective === undefined) throw missing("/learner/objective/name");
  if (parameters === undefined) throw missing("/learner/learner_model_param");
  const at = "/learner/learner_model_param";
  const count = (name: string, minimum: number, maximum: number, otherwise?: number) => {
    const text = parameters?.get(name);
    if (text === undefined && otherwise !== undefined) return otherwise;
    return checkedNumber(text, minimum, maximum, `${at}/${name}`);
  };
  const features = count("num_feature", 0, maximumFeatures);
  if (featureNames.length > 0 && featureNames.length !== features) {
    throw new ModelFileError(
      `${featureNames.length} names for ${features} features`,
      "/learner/feature_names",
    );
  }
  const baseScore = parameters.get("base_score");
  if (baseScore === undefined) throw missing(`${at}/base_score`);
  return {
    objective,
    featureNames,
    baseScore,
    estimatesBase: parameters.get("boost_from_average") !== "0",
    classes: count("num_class", 0, maximumOutputs),
    features,
    targets: count("num_target", 0, maximumOutputs, 1),
    bestIteration: bestIteration === undefined || bestIteration < 0 ? undefined : bestIteration,
    booster,
  };
}

function readBooster(reader: DocumentReader): Booster {
  let name: string | undefined;
  let trees: TreeBooster | undefined;
  let weights: Float64Array | undefined;
  let rounds: number | undefined;
  let weightDrop: Float64Array | undefined;
  reader.object((key) => {
    if (key === "name") {
      name = reader.string();
      if (name !== "gbtree" && name !== "dart" && name !== "gblinear") {
        reader.fail(`the booster "${name.slice(0, 64)}" isn't supported; gbtree, dart and gblinear are`);
      }
    } else if (key === "gbtree") {
      // Before 3.3, dart holds a whole gbtree.
      reader.object((inner) => {
        if (inner === "model") trees = readTrees(reader);
      });
    } else if (key === "weight_drop") weightDrop = reader.numbers().slice();
    else if (key === "model") {
      // Keys may come in any order, so that the content tells gblinear from trees.
      trees = readTrees(reader, (inner) => {
        if (inner === "weights") weights = reader.numbers().slice();
        else if (inner === "boosted_rounds") rounds = wholeNumber(reader, reader.number(), 0, 1e9);
      });
    }
  });
  const at = "/learner/gradient_booster";
  if (name === undefined) throw missing(`${at}/name`);
  if (name === "gblinear") {
    if (weights === undefined) throw missing(`${at}/model/weights`);
    return { kind: "linear", weights, rounds };
  }
  if (trees === undefined) throw missing(`${at}/model/trees`);
  return { ...trees, weightDrop: trees.weightDrop ?? weightDrop };
}

/** Gives undefined where there are no trees. */
function readTrees(reader: DocumentReader, other: (key: string) => void = () => {}): TreeBooster | undefined {
  const pointer = `${reader.pointer()}/trees`;
  let trees: TreeList | undefined;
  let treeInfo = new Float64Array(0);
  let roundStart: Float64Array | undefined;
  let weightDrop: Float64Array | undefined;
  let categories: Categories = [];
  let parameters: ReadonlyMap<string, string> = new Map();
  reader.object((key) => {
    switch (key) {
      case "trees": {
        const found = new TreeList();
        reader.array((index) => {
          if (index === maximumTrees) reader.fail(`more than ${maximumTrees} trees`);
          found.read(reader);
        });
        trees = found;
        break;
      }
      case "tree_info":
        treeInfo = reader.numbers().slice();
        break;
      case "iteration_indptr":
        roundStart = reader.numbers().slice();
        break;
      case "weight_drop":
        weightDrop = reader.numbers().slice();
        break;
      case "cats":
        categories = readCategories(reader);
        break;
      case "gbtree_model_param":
        parameters = readParameters(reader);
        break;
      default:
        other(key);
    }
  });
  if (trees === undefined) return undefined;
  const at = pointer.replace(/trees$/, "gbtree_model_param");
  const told = parameters.get("num_trees");
  if (told !== undefined) {
    checkedNumber(told, trees.length, trees.length, `${at}/num_trees`);
  }
  const perRound = parameters.get("num_parallel_tree") ?? "1";
  return {
    kind: "trees",
    trees,
    treeInfo,
    roundStart,
    // 1.0 wrote 0.
    treesPerRound: Math.max(checkedNumber(perRound, 0, maximumTrees, `${at}/num_parallel_tree`), 1),
    weightDrop,
    categories,
    pointer,
  };
}
