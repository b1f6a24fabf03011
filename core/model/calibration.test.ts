import fc from "fast-check";
import { expect, test } from "vitest";
import { exp, log } from "../trees/links/fdlibm.ts";
import { calibrator } from "./calibration.ts";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

// V8's own exp and log are ports of the same library today; they need not stay it.
test("exp is within one unit in the last place, for every double", () => {
  fc.assert(
    fc.property(fc.oneof(finite, fc.double({ min: -750, max: 712, noNaN: true })), (x) => {
      const expected = Math.exp(x);
      if (expected < 1e-300 || !Number.isFinite(expected)) expect(exp(x)).toBeCloseTo(expected, 12);
      else expect(Math.abs(exp(x) / expected - 1)).toBeLessThan(3e-16);
    }),
    { numRuns: 5_000 },
  );
  expect([Number.NaN, Infinity, -Infinity, 0, -0, 1, 710, -746].map(exp)).toEqual([
    Number.NaN,
    Infinity,
    0,
    1,
    1,
    Math.E,
    Infinity,
    0,
  ]);
});

test("log is within one unit in the last place, for every positive double", () => {
  const positive = fc.double({ min: Number.MIN_VALUE, noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(fc.oneof(positive, fc.double({ min: 0.5, max: 2, noNaN: true })), (x) => {
      const expected = Math.log(x);
      expect(Math.abs(log(x) - expected)).toBeLessThanOrEqual(Math.abs(expected) * 3e-16);
    }),
    { numRuns: 5_000 },
  );
  expect([0, -1, 1, Infinity, Number.NaN].map(log)).toEqual([-Infinity, Number.NaN, 0, Infinity, Number.NaN]);
});

function probability(calibration: Parameters<typeof calibrator>[0], margin: number): number {
  const out = new Float64Array(1);
  calibrator(calibration)(Float64Array.of(margin), out);
  return out[0] as number;
}

test("Platt scaling of margins and of probabilities", () => {
  const onMargin = { method: "platt", input: "margin", slope: 2, intercept: -1 } as const;
  expect(probability(onMargin, 0.5)).toBe(0.5);
  expect(probability(onMargin, 1)).toBeCloseTo(1 / (1 + Math.exp(-1)), 15);
  expect(probability(onMargin, -1e308)).toBe(0);
  expect(probability(onMargin, 1e308)).toBe(1);
  const onProbability = { ...onMargin, input: "probability", slope: 1, intercept: 0 } as const;
  expect(probability(onProbability, 0.25)).toBeCloseTo(0.25, 15);
  expect(probability(onProbability, 0)).toBeCloseTo(1e-6, 15);
  expect(probability(onProbability, 1)).toBeCloseTo(1 - 1e-6, 15);
});

test("isotonic: linear between knots, flat outside", () => {
  const calibration = {
    method: "isotonic",
    margins: Float64Array.of(-1, 0, 2),
    probabilities: Float64Array.of(0.1, 0.5, 0.9),
  } as const;
  const found = [-5, -1, -0.5, 0, 1, 2, 9].map((margin) => probability(calibration, margin).toFixed(12));
  expect(found.map(Number)).toEqual([0.1, 0.1, 0.3, 0.5, 0.7, 0.9, 0.9]);
});

test("temperature: a softmax whose probabilities add up to 1, however great the margins", () => {
  const out = new Float64Array(3);
  const calibrate = calibrator({ method: "temperature", input: "margin", temperature: 2 });
  fc.assert(
    fc.property(fc.tuple(finite, finite, finite), (margins) => {
      calibrate(Float64Array.from(margins), out);
      expect(out.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 12);
    }),
  );
  calibrator({ method: "temperature", input: "probability", temperature: 1 })(
    Float64Array.of(0, 0.25, 0.75),
    out,
  );
  expect(out[2]).toBeCloseTo(0.75, 5);
});

test("one against the rest: each class's own sigmoid, divided by their sum, however great the margins", () => {
  const margins = fc.double({ min: -700, max: 700, noNaN: true });
  fc.assert(
    fc.property(fc.tuple(margins, margins, margins), (values) => {
      const out = new Float64Array(3);
      calibrator({ method: "temperature", input: "one-vs-rest", slope: 1, temperature: 1 })(
        Float64Array.from(values),
        out,
      );
      expect(out.reduce((sum, each) => sum + each)).toBeCloseTo(1, 12);
      const own = values.map((value) => 1 / (1 + Math.exp(-value)));
      const sum = own.reduce((total, each) => total + each);
      if (sum > 1e-300) for (const [k, each] of own.entries()) expect(out[k]).toBeCloseTo(each / sum, 9);
    }),
  );
});
