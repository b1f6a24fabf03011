import { describe, expect, it, test } from "vitest";
import { PackageError } from "./package-error.ts";
import { readLinearLeaves } from "./read-linear-leaves.ts";
import { Shape } from "./shape.ts";

/** A leaf alone; a root with a leaf at each side. */
const feature = Int32Array.of(-1, 0, -1, -1);
const columns = 3;
const packed = (type: string, values: Int32Array | Float64Array) => ({
  type,
  data: Buffer.from(values.buffer).toString("base64"),
});
const whole = (...values: number[]) => packed("int32", Int32Array.from(values));
const doubles = (...values: number[]) => packed("float64", Float64Array.from(values));

const document = {
  node: whole(0, 3),
  constant: doubles(0.5, -0),
  count: whole(0, 2),
  column: whole(2, 0),
  coefficient: doubles(1.5, 0),
};

function read(part: object, valuesPerLeaf = 1) {
  const shape = new Shape("serving.json", { linearLeaves: { ...document, ...part } });
  return readLinearLeaves(shape.at("linearLeaves"), { feature, valuesPerLeaf }, columns);
}

test("leaves by node: some with terms, one without, one that has no line at all", () => {
  expect(read({})).toEqual({
    start: Int32Array.of(0, 0, 0, 0, 2),
    features: Int32Array.of(2, 0),
    coefficients: Float64Array.of(1.5, 0),
    constants: Float64Array.of(0.5, Number.NaN, Number.NaN, -0),
  });
});

describe("refuses, with its place,", () => {
  it.each<[string, object, string]>([
    ["a split", { node: whole(0, 1) }, "/linearLeaves/node names node 1, which is no leaf"],
    ["a leaf told twice", { node: whole(3, 3) }, "/linearLeaves/node must rise; it does not at 1"],
    ["a node that is not there", { node: whole(0, 4) }, "/linearLeaves/node holds 4 at 1"],
    ["too few constants", { constant: doubles(1) }, "2 are needed"],
    ["a constant without end", { constant: doubles(1, Number.POSITIVE_INFINITY) }, "holds Infinity at 1"],
    ["a coefficient that is no number", { coefficient: doubles(1, Number.NaN) }, "holds NaN at 1"],
    ["more terms than columns", { count: whole(0, 4) }, "/linearLeaves/count holds 4 at 1; 0 to 3"],
    ["fewer terms than are counted", { count: whole(1, 2) }, "3 are needed"],
    ["a column that is not there", { column: whole(2, 3) }, "/linearLeaves/column holds 3 at 1"],
    ["a member that is missing", { count: undefined }, "/linearLeaves/count must be an object"],
  ])("%s", (_, part, message) => {
    expect(() => read(part)).toThrow(PackageError);
    expect(() => read(part)).toThrow(message);
  });

  it("leaves of several values", () => {
    expect(() => read({}, 3)).toThrow("/linearLeaves needs leaves of one value");
  });
});
