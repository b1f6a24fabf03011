import { expect, test } from "vitest";
import { LinearEvaluator } from "./linear-evaluator.ts";

const predictor = {
  kind: "linear",
  outputs: 1,
  coefficients: Float64Array.of(Math.fround(0.1), Math.fround(3e-8)),
  intercepts: Float64Array.of(1),
} as const;

function margin(precision: "float32" | "float64", row: readonly number[]): number {
  const out = new Float64Array(1);
  new LinearEvaluator({ ...predictor, precision }).margin(Float64Array.from(row), out);
  return out[0] as number;
}

test("doubles are added as they are, float32 is rounded after every operation", () => {
  expect(margin("float64", [0, 1])).toBe(1 + Math.fround(3e-8));
  expect(margin("float32", [0, 1])).toBe(1);
  expect(margin("float32", [0.7, 0])).toBe(Math.fround(1 + Math.fround(Math.fround(0.7) * Math.fround(0.1))));
});

test("in float32 a missing value counts nothing, in double there is none", () => {
  expect(margin("float32", [Number.NaN, 1])).toBe(1);
  expect(margin("float64", [Number.NaN, 1])).toBeNaN();
});
