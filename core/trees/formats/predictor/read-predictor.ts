import type { TreeEnsemble } from "../../ensemble.ts";
import type { LinearModel } from "../../linear/linear-model.ts";
import { exponential64, sigmoid64, softmax64 } from "../../links/float64.ts";
import { identity, type Link } from "../../links/link.ts";
import { ModelFileError } from "../../model-file-error.ts";
import type { CategoryCodes, RawModel } from "../../raw-model.ts";
import type { DocumentReader } from "../document-reader.ts";
import { checkTrees } from "./check-trees.ts";

const start = /^\s{0,100}\{\s{0,100}"format"\s{0,100}:\s{0,100}"leadgauge-predictor"/;
const maximumFeatures = 1_000_000;
const maximumOutputs = 100_000;
const maximumCodes = 1_000_000;

/** Is this a predictor document? `format` is its first member. */
export function isPredictor(bytes: Uint8Array): boolean {
  return start.test(String.fromCharCode(...bytes.subarray(0, 400)));
}

interface Document {
  readonly texts: Map<string, string>;
  readonly whole: Map<string, number>;
  featureNames?: readonly string[];
  categories?: readonly (CategoryCodes | undefined)[];
  slope: number;
  predictor?: PredictorParts;
}

/** The members of `predictor`, by the way they are read. */
class PredictorParts {
  readonly texts = new Map<string, string>();
  readonly numbers = new Map<string, number>();
  readonly flags = new Map<string, boolean>();
  readonly arrays = new Map<string, Float64Array>();
  categorySets: number[][] = [];
}

/**
 * What `leadgauge.package.predictor_file` writes of a fitted scikit-learn estimator: docs/importing.md. Works in double
 * throughout. Throws ModelFileError.
 */
export function readPredictor(reader: DocumentReader): RawModel {
  const document: Document = { texts: new Map(), whole: new Map(), slope: 1 };
  reader.object((key) => {
    switch (key) {
      case "format":
      case "family":
      case "library":
      case "objective":
        document.texts.set(key, reader.string());
        return;
      case "formatVersion":
      case "features":
        document.whole.set(key, reader.number());
        return;
      case "featureNames":
        if (reader.kind() !== "null") document.featureNames = texts(reader);
        return;
      case "categories":
        if (reader.kind() !== "null") document.categories = categories(reader);
        return;
      case "link":
        reader.object((member) => {
          if (member === "name") document.texts.set("link", reader.string());
          else if (member === "slope") document.slope = reader.number();
          else reader.fail("is no member of a link");
        });
        return;
      case "predictor":
        document.predictor = readParts(reader);
        return;
      default:
        reader.fail("is no member of a predictor document");
    }
  });
  reader.end();
  return assemble(document);
}

function readParts(reader: DocumentReader): PredictorParts {
  const parts = new PredictorParts();
  reader.object((key) => {
    switch (reader.kind()) {
      case "string":
        parts.texts.set(key, reader.string());
        return;
      case "boolean":
        parts.flags.set(key, reader.number() === 1);
        return;
      case "number":
        parts.numbers.set(key, reader.number());
        return;
      case "null":
        return;
      default:
        if (key === "categorySets") parts.categorySets = categorySets(reader);
        else parts.arrays.set(key, reader.numbers().slice());
    }
  });
  return parts;
}

function texts(reader: DocumentReader): string[] {
  const list: string[] = [];
  reader.array(() => {
    if (list.length === maximumFeatures) reader.fail(`more than ${maximumFeatures} names`);
    list.push(reader.string());
  });
  return list;
}

/** A list a column, each category's code being its place; null: a column of numbers. */
function categories(reader: DocumentReader): (CategoryCodes | undefined)[] {
  const columns: (CategoryCodes | undefined)[] = [];
  let count = 0;
  reader.array(() => {
    if (columns.length === maximumFeatures) reader.fail(`more than ${maximumFeatures} columns`);
    if (reader.kind() === "null") {
      columns.push(undefined);
      return;
    }
    const codes = new Map<string | number, number>();
    let kind = "";
    reader.array(() => {
      if (++count > maximumCodes) reader.fail(`more than ${maximumCodes} categories`);
      const category = reader.kind() === "string" ? reader.string() : reader.number();
      if (codes.has(category)) reader.fail("this category is there twice");
      if (codes.size > 0 && typeof category !== kind) reader.fail("categories are all texts or all numbers");
      kind = typeof category;
      codes.set(category, codes.size);
    });
    columns.push(codes);
  });
  return columns;
}

function categorySets(reader: DocumentReader): number[][] {
  const sets: number[][] = [];
  let codes = 0;
  reader.array(() => {
    const set = reader.numbers();
    codes += set.length + 1;
    if (codes > maximumCodes) reader.fail(`more than ${maximumCodes} categories`);
    if (!set.every((code) => Number.isInteger(code) && code >= 0))
      reader.fail("a category is no whole number");
    sets.push([...set]);
  });
  return sets;
}

function refuse(pointer: string, problem: string): never {
  throw new ModelFileError(problem, pointer);
}

function assemble({ texts, whole, featureNames, categories, slope, predictor }: Document): RawModel {
  if (texts.get("format") !== "leadgauge-predictor") refuse("/format", 'must be "leadgauge-predictor"');
  if (whole.get("formatVersion") !== 1) refuse("/formatVersion", "only version 1 is read");
  const features = whole.get("features") ?? refuse("/features", "is missing");
  if (!(Number.isInteger(features) && features >= 1 && features <= maximumFeatures)) {
    refuse("/features", `must be a whole number from 1 to ${maximumFeatures}`);
  }
  if (featureNames && featureNames.length !== features) {
    refuse("/featureNames", `holds ${featureNames.length} names for ${features} features`);
  }
  if (categories && categories.length !== features) {
    refuse("/categories", `holds ${categories.length} columns for ${features} features`);
  }
  if (!predictor) refuse("/predictor", "is missing");
  const read =
    predictor.texts.get("kind") === "linear" ? linear(predictor, features) : trees(predictor, features);
  return {
    format: "leadgauge-predictor",
    ...(texts.has("library") ? { libraryVersion: texts.get("library") as string } : {}),
    ...(texts.has("family") ? { family: texts.get("family") as string } : {}),
    objective: texts.get("objective") ?? "",
    features,
    ...(featureNames ? { featureNames } : {}),
    ...(categories ? { categories, unknownCategoriesAreMissing: true } : {}),
    predictor: read,
    link: linkOf(texts.get("link") ?? "identity", slope, read.outputs),
    rounds: { total: read.kind === "trees" ? read.treeOutput.length : 0 },
  };
}

function linkOf(name: string, slope: number, outputs: number): Link {
  if (!(slope > 0 && slope < Number.POSITIVE_INFINITY)) refuse("/link/slope", "must be a number above 0");
  if (name === "sigmoid") return sigmoid64(outputs, slope);
  if (slope !== 1) refuse("/link/slope", "belongs to a sigmoid");
  if (name === "softmax") return softmax64(outputs);
  if (name === "exp") return exponential64(outputs);
  return name === "identity"
    ? identity(outputs)
    : refuse("/link/name", "must be identity, sigmoid, softmax or exp");
}

function outputsOf(parts: PredictorParts): number {
  const outputs = parts.numbers.get("outputs") ?? Number.NaN;
  if (Number.isInteger(outputs) && outputs >= 1 && outputs <= maximumOutputs) return outputs;
  return refuse("/predictor/outputs", `must be a whole number from 1 to ${maximumOutputs}`);
}

function array(
  parts: PredictorParts,
  key: string,
  length: number | undefined,
  allowsInfinity = false,
): Float64Array {
  const where = `/predictor/${key}`;
  const numbers = parts.arrays.get(key) ?? refuse(where, "is missing");
  if (length !== undefined && numbers.length !== length) {
    refuse(where, `holds ${numbers.length} numbers; ${length} are needed`);
  }
  const wrong = numbers.findIndex((value) =>
    allowsInfinity ? Number.isNaN(value) : !Number.isFinite(value),
  );
  if (wrong >= 0) refuse(`${where}/${wrong}`, `is ${numbers[wrong]}`);
  return numbers;
}

function integers(
  parts: PredictorParts,
  key: string,
  length: number | undefined,
  minimum: number,
  maximum: number,
): Int32Array {
  const numbers = array(parts, key, length);
  const wrong = numbers.findIndex(
    (value) => !(Number.isInteger(value) && value >= minimum && value <= maximum),
  );
  if (wrong >= 0) {
    refuse(`/predictor/${key}/${wrong}`, `must be a whole number from ${minimum} to ${maximum}`);
  }
  return Int32Array.from(numbers);
}

function linear(parts: PredictorParts, features: number): LinearModel {
  const outputs = outputsOf(parts);
  const coefficients = array(parts, "coefficients", outputs * features);
  return {
    kind: "linear",
    precision: "float64",
    outputs,
    // From one output behind the other to one feature behind the other.
    weights: coefficients.map(
      (_, at) => coefficients[(at % outputs) * features + Math.floor(at / outputs)] as number,
    ),
    bias: array(parts, "intercepts", outputs),
    base: new Float64Array(outputs),
  };
}

function trees(parts: PredictorParts, features: number): TreeEnsemble {
  if (parts.texts.get("kind") !== "trees") refuse("/predictor/kind", 'must be "trees" or "linear"');
  const outputs = outputsOf(parts);
  const input = parts.texts.get("input");
  if (input !== "float32" && input !== "float64")
    refuse("/predictor/input", 'must be "float32" or "float64"');
  if (parts.texts.get("accumulate") !== "float64") refuse("/predictor/accumulate", 'must be "float64"');
  if ((parts.texts.get("listedGo") ?? "left") !== "left") refuse("/predictor/listedGo", 'must be "left"');
  for (const key of ["flushTiny", "baseLast"]) {
    if (parts.flags.get(key)) refuse(`/predictor/${key}`, "must be false");
  }
  const valuesPerLeaf = parts.numbers.get("valuesPerLeaf") ?? 1;
  if (valuesPerLeaf !== 1 && valuesPerLeaf !== outputs) {
    refuse("/predictor/valuesPerLeaf", `must be 1 or the number of outputs, ${outputs}`);
  }
  const divide = parts.numbers.get("divide") ?? null;
  if (divide !== null && !(divide > 0 && divide < Number.POSITIVE_INFINITY)) {
    refuse("/predictor/divide", "must be a number above 0");
  }
  const treeStart = integers(parts, "treeStart", undefined, 0, 2 ** 31 - 1);
  const nodes = treeStart.at(-1) ?? refuse("/predictor/treeStart", "must start with 0");
  const ensemble: TreeEnsemble = {
    kind: "trees",
    outputs,
    input,
    flushTiny: false,
    accumulate: "float64",
    base: array(parts, "base", outputs),
    divide,
    valuesPerLeaf,
    treeStart,
    treeOutput: integers(parts, "treeOutput", treeStart.length - 1, 0, valuesPerLeaf > 1 ? 0 : outputs - 1),
    feature: integers(parts, "feature", nodes, -1, features - 1),
    threshold: array(parts, "threshold", nodes, true),
    left: integers(parts, "left", nodes, 0, nodes),
    right: integers(parts, "right", nodes, 0, nodes),
    missingLeft: integers(parts, "missingLeft", nodes, 0, 1),
    value: array(parts, "value", nodes * valuesPerLeaf),
    cover: array(parts, "cover", nodes),
    categorySet: parts.arrays.has("categorySet")
      ? integers(parts, "categorySet", nodes, -1, parts.categorySets.length - 1)
      : undefined,
    categorySets: parts.categorySets,
  };
  checkTrees(ensemble);
  return ensemble;
}
