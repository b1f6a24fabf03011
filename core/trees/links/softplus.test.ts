import { describe, expect, it } from "vitest";
import { expm1f, inverseSoftplus, leastStep, log1pf, softplus } from "./softplus.ts";

/** How many float32 numbers lie from one to the other. */
function ulpsBetween(a: number, b: number): number {
  const bits = new Int32Array(Float32Array.of(a, b).buffer);
  return Math.abs((bits[0] as number) - (bits[1] as number));
}

describe("softplus", () => {
  it("has the C library's log1pf and expm1f within one ulp of the correctly rounded value", () => {
    let worst = 0;
    for (let i = 1; i <= 200_000; i++) {
      const fraction = Math.fround(i / 200_000);
      const negative = Math.fround(-fraction * 20);
      worst = Math.max(
        worst,
        ulpsBetween(log1pf(fraction), Math.fround(Math.log1p(fraction))),
        ulpsBetween(expm1f(negative), Math.fround(Math.expm1(negative))),
      );
    }
    expect(worst).toBe(1);
  });

  // Arguments for which the correctly rounded value is another one, and what glibc 2.36 answers.
  it.each([
    [0.15330015122890472, 0.1426275372505188],
    [0.15850017964839935, 0.1471262276172638],
  ])("log1pf of %d is %d", (x, answer) => expect(log1pf(x)).toBe(answer));
  it.each([
    [-0.22809995710849762, -0.20395532250404358],
    [-0.46100008487701416, -0.36934739351272583],
    [-0.5295001268386841, -0.41110074520111084],
  ])("expm1f of %d is %d", (x, answer) => expect(expm1f(x)).toBe(answer));

  it("has limits, and counts steps below the least as the least", () => {
    expect([softplus(-200), softplus(0), softplus(200), softplus(Number.NaN)]).toEqual([
      0,
      Math.fround(Math.LN2),
      200,
      Number.NaN,
    ]);
    expect(inverseSoftplus(-3)).toBe(inverseSoftplus(leastStep));
    expect(softplus(inverseSoftplus(2.5))).toBeCloseTo(2.5, 6);
  });
});
