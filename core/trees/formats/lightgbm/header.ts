import { ModelFileError } from "../../model-file-error.ts";
import { refuse, type TextLine, type TextLines } from "./text-lines.ts";

/** What stands before the first tree. */
export interface Header {
  /** Undefined: a custom objective, so that outputs are raw. */
  readonly objective: { readonly words: readonly string[]; readonly line: TextLine } | undefined;
  readonly features: number;
  readonly featureNames: readonly string[];
  /** A word a column, or none at all. */
  readonly featureInfos: readonly string[];
  /** Trees of one iteration, each adding to an output of its own. */
  readonly outputs: number;
  /** Random forests: the output is the link of the mean over the iterations. */
  readonly averages: boolean;
  /** The first line after the header; undefined: the file ends there. */
  readonly next: TextLine | undefined;
}

const ignoredKeys = new Set([
  "version",
  "label_index",
  "monotone_constraints",
  // A hint for reading with several threads; the library itself does without.
  "tree_sizes",
]);
const readKeys = new Set([
  "num_class",
  "num_tree_per_iteration",
  "max_feature_idx",
  "objective",
  "average_output",
  "feature_names",
  "feature_infos",
]);
/** What stands behind the last tree; files before 2.3 have no "end of trees". */
export const endMarks: readonly string[] = ["end of trees", "feature importances:", "feature_importances:"];
/** What a header or a tree of before 2.1 may hold; LightGBM itself reads no such file any more. */
export const olderKeys: readonly string[] = ["sigmoid", "boost_from_average", "has_categorical"];
export const isOlder = "is a key of LightGBM before 2.1, whose files aren't read";
const maximumFeatures = 1 << 22;
const maximumOutputs = 100_000;
/** `multiclassova num_class:3 sigmoid:1` is the longest. */
const maximumObjectiveWords = 8;

/** Reads up to the first line that is no part of the header. Throws ModelFileError. */
export function readHeader(lines: TextLines): Header {
  const title = lines.next();
  if (title?.key !== "tree" || title.hasValue) {
    throw new ModelFileError('a LightGBM model starts with the line "tree"', "line 1");
  }
  const found = new Map<string, TextLine>();
  let next = lines.next();
  while (next && next.key !== "Tree" && (next.hasValue || next.key === "average_output")) {
    if (found.has(next.key)) refuse(next, "is told twice");
    if (olderKeys.includes(next.key)) refuse(next, isOlder);
    if (readKeys.has(next.key)) found.set(next.key, next);
    else if (!ignoredKeys.has(next.key)) refuse(next, "is no known key of a header");
    next = lines.next();
  }
  if (next && olderKeys.includes(next.key)) refuse(next, isOlder);
  if (next && next.key !== "Tree" && !endMarks.includes(next.key))
    refuse(next, "is neither key=value nor a tree");
  const required = (key: string): TextLine => {
    const line = found.get(key);
    if (!line) throw new ModelFileError(`the header has no ${key}`, `line ${title.number}`);
    return line;
  };
  const classes = lines.integer(required("num_class"), 1, maximumOutputs);
  const perIteration = found.get("num_tree_per_iteration");
  const features = 1 + lines.integer(required("max_feature_idx"), 0, maximumFeatures - 1);
  const featureNames = lines.texts(required("feature_names"), features, features);
  const objective = found.get("objective");
  const infoLine = found.get("feature_infos");
  const featureInfos = infoLine ? lines.texts(infoLine, features, features) : [];
  return {
    objective: objective && { words: lines.texts(objective, 0, maximumObjectiveWords), line: objective },
    features,
    featureNames,
    featureInfos,
    outputs: perIteration ? lines.integer(perIteration, 1, maximumOutputs) : classes,
    averages: found.has("average_output"),
    next,
  };
}
