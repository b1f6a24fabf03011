import { expect, test } from "vitest";
import { load, ModelFileError } from "../../index.ts";
import { predictorText } from "./write-predictor.ts";

const forest = {
  format: "leadgauge-predictor",
  formatVersion: 1,
  family: "random-forest",
  library: "scikit-learn",
  objective: "binary",
  features: 2,
  featureNames: ["a", "b"],
  categories: null,
  link: { name: "identity", slope: 1 },
  predictor: {
    kind: "trees",
    outputs: 1,
    input: "float32",
    flushTiny: false,
    accumulate: "float64",
    base: [0],
    divide: 2,
    valuesPerLeaf: 1,
    treeOutput: [0, 0],
    treeStart: [0, 3, 4],
    feature: [1, -1, -1, -1],
    threshold: [0.5, 0, 0, 0],
    left: [1, 0, 0, 0],
    right: [2, 0, 0, 0],
    missingLeft: [1, 0, 0, 0],
    value: [0, 0.25, 0.75, 1],
    cover: [10, 4, 6, 10],
  },
};
const logistic = {
  ...forest,
  family: "logistic-regression",
  link: { name: "softmax", slope: 1 },
  predictor: { kind: "linear", outputs: 3, coefficients: [1, 2, 3, 4, 5, 6], intercepts: [0.5, 0, -0.5] },
};
const bytes = (document: unknown) => new TextEncoder().encode(JSON.stringify(document));

function margins(document: unknown, row: readonly number[]): number[] {
  const model = load(bytes(document));
  const out = new Float64Array(model.outputs);
  model.predict(Float64Array.from(row), out);
  return [...out];
}

test("trees and linear models are read", () => {
  expect([0.5, 0.6, Number.NaN].map((b) => margins(forest, [9, b])[0])).toEqual([0.625, 0.875, 0.625]);
  expect(margins(logistic, [1, 10])).toEqual([21.5, 43, 64.5]);
  expect(margins(logistic, [1, Number.NaN])).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});

test.each([
  ["forest", forest],
  ["logistic", logistic],
])("%s: what is written is what was read", (_, document) => {
  const model = load(bytes(document));
  const again = load(new TextEncoder().encode(predictorText(model.raw, document.family)));
  const row = Float64Array.of(0.25, -3);
  const [first, second] = [model, again].map((each) => {
    const out = new Float64Array(each.outputs);
    each.predict(row, out);
    return out;
  });
  expect(second).toEqual(first);
});

test("an infinite threshold parts missing values from all others", () => {
  const text = JSON.stringify(forest)
    .replace('"threshold":[0.5', '"threshold":[1e999')
    .replace('"missingLeft":[1', '"missingLeft":[0');
  const model = load(new TextEncoder().encode(text));
  const out = new Float64Array(1);
  const leaves = [Number.POSITIVE_INFINITY, Number.NaN].map((b) => {
    model.predict(Float64Array.of(0, b), out);
    return out[0];
  });
  expect(leaves).toEqual([0.625, 0.875]);
});

test("categories get the codes of their places", () => {
  const { raw } = load(bytes({ ...forest, categories: [null, [2.5, -1, 0]] }));
  expect(raw.categories).toEqual([undefined, new Map([2.5, -1, 0].map((each, code) => [each, code]))]);
  expect(raw.unknownCategoriesAreMissing).toBe(true);
  const texts = load(bytes({ ...forest, categories: [["b", "a"], null] })).raw;
  expect(texts.categories?.[0]?.get("a")).toBe(1);
});

const withPart = (part: Record<string, unknown>) => ({
  ...forest,
  predictor: { ...forest.predictor, ...part },
});

test.each<[string, unknown, RegExp]>([
  ["another version", { ...forest, formatVersion: 2 }, /\/formatVersion: only version 1/],
  ["an unknown member", { ...forest, extra: 1 }, /\/extra .*no member/],
  ["names of another number", { ...forest, featureNames: ["a"] }, /\/featureNames: holds 1 names for 2/],
  ["categories of another number", { ...forest, categories: [null] }, /\/categories: holds 1 columns for 2/],
  ["a category twice", { ...forest, categories: [[1, 1], null] }, /\/categories\/0\/1 .*is there twice/],
  ["mixed categories", { ...forest, categories: [[1, "1"], null] }, /all texts or all numbers/],
  ["a category of another kind", { ...forest, categories: [[{}], null] }, /\/categories\/0\/0 .*a number is/],
  ["no predictor", { ...forest, predictor: undefined }, /\/predictor: is missing/],
  [
    "a child that isn't later",
    withPart({ left: [0, 0, 0, 0] }),
    /\/predictor\/left\/0: must be a later node/,
  ],
  ["a child of two", withPart({ left: [2, 0, 0, 0] }), /\/predictor\/right\/0: is the child of two nodes/],
  [
    "a column out of range",
    withPart({ feature: [2, -1, -1, -1] }),
    /\/predictor\/feature\/0: must be a whole number/,
  ],
  ["arrays of other lengths", withPart({ cover: [1] }), /\/predictor\/cover: holds 1 numbers; 4 are needed/],
  ["trees that end before they start", withPart({ treeStart: [0, 0, 4] }), /\/predictor\/treeStart\/1/],
  ["an infinite leaf", JSON.parse(JSON.stringify(withPart({ value: [0, 1, 2, "x"] }))), /\/predictor\/value/],
  ["a link that isn't known", { ...forest, link: { name: "probit" } }, /\/link\/name/],
])("%s is refused", (_, document, message) => {
  expect(() => load(bytes(document))).toThrow(ModelFileError);
  expect(() => load(bytes(document))).toThrow(message);
});
