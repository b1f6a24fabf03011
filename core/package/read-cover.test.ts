import { describe, expect, it, test } from "vitest";
import { randomForest } from "../../test/random-trees.ts";
import type { TreeEnsemble } from "../trees/ensemble.ts";
import { PackageError } from "./package-error.ts";
import { readCover } from "./read-cover.ts";
import { Shape } from "./shape.ts";

/** Two trees: a leaf alone, and a root whose right child splits again. */
const trees: TreeEnsemble = {
  ...randomForest({ seed: 1, trees: 0 }),
  treeStart: Int32Array.of(0, 1, 6),
  feature: Int32Array.of(-1, 0, -1, 1, -1, -1),
  left: Int32Array.of(-1, 1, -1, 3, -1, -1),
  right: Int32Array.of(-1, 2, -1, 4, -1, -1),
};
const packed = (type: string, values: Float32Array | Int8Array) => ({
  type,
  data: Buffer.from(values.buffer).toString("base64"),
});
const leavesAndSteps = (leaves: number[], steps: number[]) => ({
  leaves: packed("float32", Float32Array.from(leaves)),
  steps: packed("int8", Int8Array.from(steps)),
});

function covered(cover: unknown): number[] {
  const ensemble = { ...trees, cover: new Float64Array(6) };
  readCover(new Shape("serving.json", { predictor: { cover } }).at("predictor").at("cover"), ensemble);
  return [...ensemble.cover];
}

test("the cover of all nodes, as it stands", () => {
  expect(covered(packed("float32", Float32Array.of(7, 10, 4, 6, 1, 5)))).toEqual([7, 10, 4, 6, 1, 5]);
});

test("the cover of the leaves, added up in float32 and moved", () => {
  expect(covered(leavesAndSteps([7, 4, 1, 5], [0, 0]))).toEqual([7, 10, 4, 6, 1, 5]);
  const above = 6 + 2 ** -21;
  expect(covered(leavesAndSteps([7, 4, 1, 5], [-1, 1]))).toEqual([
    7,
    Math.fround(4 + above) - 2 ** -20,
    4,
    above,
    1,
    5,
  ]);
});

describe("refuses, with its place,", () => {
  it.each([
    ["a root without cover", leavesAndSteps([0, 4, 1, 5], [0, 0]), "above 0 in tree 0"],
    ["too few leaves", leavesAndSteps([7, 4, 1], [0, 0]), "4 are needed"],
    ["too few steps", leavesAndSteps([7, 4, 1, 5], [0]), "2 are needed"],
    ["steps below 0", leavesAndSteps([7, 4, 0, 0], [0, -1]), "adds up to"],
    [
      "a sum that is too great",
      leavesAndSteps([7, 3e38, 1e38, 1e38], [0, 0]),
      "adds up to Infinity in tree 1, node 0",
    ],
    ["a negative cover", leavesAndSteps([7, -4, 1, 5], [0, 0]), "holds -4"],
  ])("%s", (_, cover, message) => {
    expect(() => covered(cover)).toThrow(PackageError);
    expect(() => covered(cover)).toThrow(message);
  });
});
