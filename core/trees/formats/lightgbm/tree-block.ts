import { ModelFileError } from "../../model-file-error.ts";
import { isOlder, olderKeys } from "./header.ts";
import { refuse, type TextLine, type TextLines } from "./text-lines.ts";

/** One `Tree=` block as it stands in the file. Splits count from 0; a child below 0 is the leaf `-1 - child`. */
export interface TreeBlock {
  /** The line of `Tree=`, for messages. */
  readonly line: number;
  readonly leaves: number;
  readonly splitFeature: Int32Array;
  /** For a split by categories: an index of `categories`. */
  readonly threshold: Float64Array;
  readonly decisionType: Int32Array;
  readonly leftChild: Int32Array;
  readonly rightChild: Int32Array;
  readonly leafValue: Float64Array;
  /** Undefined: the file does not tell how many training rows reached the nodes. */
  readonly counts: { readonly internal: Int32Array; readonly leaf: Int32Array } | undefined;
  readonly categories: readonly (readonly number[])[];
  readonly linear: LinearBlock | undefined;
}

/** The linear models of a tree's leaves, one behind the other. */
export interface LinearBlock {
  readonly constants: Float64Array;
  readonly featureCounts: Int32Array;
  readonly features: Int32Array;
  readonly coefficients: Float64Array;
}

/** decision_type: bit 0, split by categories; bit 1, missing values go left; bits 2 and 3, what is missing. */
export const categoricalBit = 1;
export const defaultLeftBit = 2;
export const missingTypes = { none: 0, zero: 1, nan: 2 } as const;

/** What training tells about a tree without a meaning for predictions. */
const ignoredKeys = new Set([
  "split_gain",
  "leaf_weight",
  "internal_value",
  "internal_weight",
  "leaf_parent",
  "shrinkage",
]);
const readKeys = new Set([
  "num_leaves",
  "num_cat",
  "split_feature",
  "threshold",
  "decision_type",
  "left_child",
  "right_child",
  "leaf_value",
  "leaf_count",
  "internal_count",
  "cat_boundaries",
  "cat_threshold",
  "is_linear",
  "leaf_const",
  "num_features",
  "leaf_features",
  "leaf_coeff",
]);
/** A split that parts missing values from all others has an infinite threshold. */
const infinities = new Map([
  ["inf", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
]);
/** What training that went astray leaves in a file, as C's printf writes it: all that it reaches is no number either. */
const anyNumber = new Map([
  ...infinities,
  ...["nan", "-nan", "nan(ind)", "-nan(ind)"].map((word) => [word, Number.NaN] as const),
]);
const maximumLeaves = 1 << 24;
const largestCount = 0x7fffffff;
/** Codes that the splits of all trees list together. LightGBM lists 32 a split, unless it is told otherwise. */
const maximumCodes = 4_000_000;

/**
 * Reads the block after the line `Tree=`, up to a blank line. `codesBefore`: how many category codes the trees before it
 * list. Throws ModelFileError.
 */
export function readTreeBlock(
  lines: TextLines,
  title: TextLine,
  features: number,
  codesBefore: number,
): TreeBlock {
  const found = new Map<string, TextLine>();
  for (let line = lines.nextOfBlock(); line; line = lines.nextOfBlock()) {
    if (!line.hasValue) refuse(line, "is not key=value");
    if (found.has(line.key)) refuse(line, "is told twice in one tree");
    if (readKeys.has(line.key)) found.set(line.key, line);
    else if (olderKeys.includes(line.key)) refuse(line, isOlder);
    else if (!ignoredKeys.has(line.key)) refuse(line, "is no known key of a tree");
  }
  const required = (key: string): TextLine => {
    const line = found.get(key);
    if (!line) throw new ModelFileError(`the tree has no ${key}`, `line ${title.number}`);
    return line;
  };
  const flag = (key: string, maximum: number) => {
    const line = found.get(key);
    return line ? lines.integer(line, 0, maximum) : 0;
  };
  const leaves = lines.integer(required("num_leaves"), 1, maximumLeaves);
  const splits = leaves - 1;
  const common = {
    line: title.number,
    leaves,
    leafValue: lines.doubles(required("leaf_value"), leaves, anyNumber),
    linear: flag("is_linear", 1) === 1 ? readLinear(lines, found, leaves, features) : undefined,
  };
  if (splits === 0) {
    const none = new Int32Array(0);
    return {
      ...common,
      splitFeature: none,
      threshold: new Float64Array(0),
      decisionType: none,
      leftChild: none,
      rightChild: none,
      counts: { internal: none, leaf: Int32Array.of(1) },
      categories: [],
    };
  }
  const decisions = found.get("decision_type");
  const [internalCounts, leafCounts] = [found.get("internal_count"), found.get("leaf_count")];
  return {
    ...common,
    splitFeature: lines.integers(required("split_feature"), splits, 0, features - 1),
    threshold: lines.doubles(required("threshold"), splits, infinities),
    // The oldest files have none: numeric splits without missing values.
    decisionType: decisions ? lines.integers(decisions, splits, 0, 15) : new Int32Array(splits),
    leftChild: lines.integers(required("left_child"), splits, -leaves, splits - 1),
    rightChild: lines.integers(required("right_child"), splits, -leaves, splits - 1),
    counts:
      internalCounts && leafCounts
        ? {
            internal: lines.integers(internalCounts, splits, 0, largestCount),
            leaf: lines.integers(leafCounts, leaves, 0, largestCount),
          }
        : undefined,
    categories: readCategories(lines, required, flag("num_cat", splits), codesBefore),
  };
}

/** The bitsets as lists of codes, ascending. */
function readCategories(
  lines: TextLines,
  required: (key: string) => TextLine,
  count: number,
  codesBefore: number,
): number[][] {
  if (count === 0) return [];
  const boundaryLine = required("cat_boundaries");
  const boundaries = lines.integers(boundaryLine, count + 1, 0, largestCount);
  for (let set = 0; set < count; set++) {
    if ((boundaries[set + 1] as number) < (boundaries[set] as number)) refuse(boundaryLine, "must not fall");
  }
  const wordLine = required("cat_threshold");
  if (boundaries[0] !== 0) refuse(boundaryLine, "must start with 0");
  const words = lines.words(wordLine, boundaries[count] as number);
  if (words.reduce((bits, word) => bits + bitsOf(word), codesBefore) > maximumCodes) {
    refuse(wordLine, `the trees up to here list more than ${maximumCodes} categories`);
  }
  return Array.from({ length: count }, (_, set) => {
    const codes: number[] = [];
    const first = boundaries[set] as number;
    for (let at = first; at < (boundaries[set + 1] as number); at++) {
      for (let word = (words[at] as number) | 0; word !== 0; word &= word - 1) {
        codes.push(32 * (at - first) + 31 - Math.clz32(word & -word));
      }
    }
    return codes;
  });
}

function bitsOf(word: number): number {
  let count = 0;
  for (let rest = word | 0; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function readLinear(
  lines: TextLines,
  found: ReadonlyMap<string, TextLine>,
  leaves: number,
  features: number,
): LinearBlock {
  const constants = found.get("leaf_const");
  const counts = found.get("num_features");
  if (!constants || !counts) {
    const line = found.get("is_linear") as TextLine;
    refuse(line, "is 1, but the tree lacks leaf_const or num_features");
  }
  const featureCounts = lines.integers(counts, leaves, 0, features);
  const total = featureCounts.reduce((sum, each) => sum + each, 0);
  const list = (key: string): TextLine => {
    const line = found.get(key);
    if (!line) refuse(counts, `asks for ${total} features, but the tree has no ${key}`);
    return line;
  };
  return {
    constants: lines.doubles(constants, leaves, anyNumber),
    featureCounts,
    features: total > 0 ? lines.integers(list("leaf_features"), total, 0, features - 1) : new Int32Array(0),
    coefficients: total > 0 ? lines.doubles(list("leaf_coeff"), total, anyNumber) : new Float64Array(0),
  };
}
