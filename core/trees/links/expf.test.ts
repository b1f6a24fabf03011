import { describe, expect, it } from "vitest";
import { expf } from "./expf.ts";
import { exp } from "./fdlibm.ts";

const bits = new Int32Array(1);
const float = new Float32Array(bits.buffer);
const bitsOf = (value: number): number => {
  float[0] = value;
  return bits[0] as number;
};

describe("expf", () => {
  // Arguments for which the correctly rounded value is another one, and what glibc 2.36 answers.
  it.each([
    [0.10433881729841232, 1.1099765300750732],
    [-0.10224658250808716, 0.90280693769454956],
  ])("of %d is what the C library answers, %d", (x, answer) => {
    expect(Math.fround(x)).toBe(x);
    expect(expf(x)).toBe(answer);
    expect(Math.abs(bitsOf(Math.fround(exp(x))) - bitsOf(answer))).toBe(1);
  });

  it("is within one ulp of the correctly rounded value, from the smallest denormal to the largest number", () => {
    for (let i = -104_000; i <= 88_800; i += 7) {
      const x = Math.fround(i / 1000);
      expect(Math.abs(bitsOf(expf(x)) - bitsOf(Math.fround(exp(x))))).toBeLessThanOrEqual(1);
    }
  });

  it("has limits", () => {
    expect([expf(Number.NaN), expf(-Infinity), expf(-104), expf(-0), expf(88.75), expf(Infinity)]).toEqual([
      Number.NaN,
      0,
      0,
      1,
      Infinity,
      Infinity,
    ]);
  });
});
