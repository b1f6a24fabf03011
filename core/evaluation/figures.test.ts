import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assess } from "./assess.ts";
import { CalibrationLineFitter } from "./calibration-line.ts";
import { FigureComputer } from "./figures.ts";
import type { OutcomeTable } from "./outcome-table.ts";
import { tierFigures } from "./tiers.ts";

function table(rows: readonly { label: number; p: number }[]): OutcomeTable {
  return {
    classes: ["no", "yes"],
    tiers: ["Hot", "Cold"],
    tierClasses: [-1, -1],
    labels: Int32Array.from(rows, ({ label }) => label),
    predictions: Int32Array.from(rows, ({ p }) => (p >= 0.5 ? 1 : 0)),
    tierOfRow: Int32Array.from(rows, ({ p }) => (p >= 0.5 ? 0 : 1)),
    probabilities: [Float64Array.from(rows, ({ p }) => 1 - p), Float64Array.from(rows, ({ p }) => p)],
  };
}

const row = fc.record({ label: fc.nat(1), p: fc.nat(8).map((eighths) => eighths / 8) });
const someRows = fc.array(row, { minLength: 2, maxLength: 40 });

function expectClose(own: object, expected: object, digits = 12) {
  expect(Object.keys(own)).toEqual(Object.keys(expected));
  for (const [name, value] of Object.entries(expected)) {
    const ours = own[name as keyof typeof own];
    if (Number.isNaN(value)) expect(ours, name).toBeNaN();
    else expect(ours, name).toBeCloseTo(value, digits);
  }
}

/** Leads of a model whose stated log-odds are to be stretched by `slope` and raised by 0.4. */
function miscalibrated(count: number, slope: number): OutcomeTable {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  // Evenly spread numbers, the same every time (Kronecker sequences).
  const spread = (row: number, step: number) => (row * step) % 1;
  return table(
    Array.from({ length: count }, (_, row) => {
      const x = 6 * spread(row, (Math.sqrt(5) - 1) / 2) - 3;
      return { label: spread(row, Math.SQRT2) < sigmoid(slope * x + 0.4) ? 1 : 0, p: sigmoid(x) };
    }),
  );
}

describe("the calibration line", () => {
  const { labels, probabilities } = miscalibrated(3_000, 0.5);
  const isEvent = Uint8Array.from(labels);
  const probability = probabilities[1] as Float64Array;
  const fitter = new CalibrationLineFitter(isEvent, probability);

  it("is where the likelihood has no slope", () => {
    const weights = Int32Array.from(labels, (_, row) => row % 3);
    const { slope, intercept } = fitter.fit(weights);
    const gradient = [0, 0];
    probability.forEach((p, row) => {
      const logit = Math.log(p / (1 - p));
      const residual =
        ((isEvent[row] ?? 0) - 1 / (1 + Math.exp(-(slope * logit + intercept)))) * (weights[row] ?? 0);
      gradient[0] = (gradient[0] ?? 0) + residual * logit;
      gradient[1] = (gradient[1] ?? 0) + residual;
    });
    expect(gradient[0]).toBeCloseTo(0, 4);
    expect(gradient[1]).toBeCloseTo(0, 4);
    expect(slope).toBeGreaterThan(0.4);
    expect(slope).toBeLessThan(0.6);
  });

  it("counts a row of weight n as n rows", () => {
    const weights = Int32Array.from(labels, (_, row) => row % 3);
    const repeat = (values: ArrayLike<number>) =>
      Array.from(values).flatMap((value, row) => Array.from({ length: row % 3 }, () => value));
    const repeated = new CalibrationLineFitter(
      Uint8Array.from(repeat(isEvent)),
      Float64Array.from(repeat(probability)),
    );
    expectClose(fitter.fit(weights), repeated.fit(new Int32Array(repeat(isEvent).length).fill(1)), 9);
  });

  it("is undefined without both classes, or with one probability only", () => {
    const undefinedLine = { slope: Number.NaN, intercept: Number.NaN };
    expect(fitter.fit(Int32Array.from(labels))).toEqual(undefinedLine);
    const flat = new CalibrationLineFitter(Uint8Array.of(0, 1, 1), Float64Array.of(0.3, 0.3, 0.3));
    expect(flat.fit(Int32Array.of(1, 1, 1))).toEqual(undefinedLine);
  });
});

describe("an assessment", () => {
  it("has an interval around every figure, those of counts in whole rows", () => {
    const { confusionMatrix, tiers, calibration, byClass } = assess(miscalibrated(800, 1), 3);
    confusionMatrix.rowsAreTrue.forEach((ofLabel, label) => {
      ofLabel.forEach((count, predicted) => {
        const [low, high] = confusionMatrix.intervals[label]?.[predicted] ?? [0, 0];
        expect([low, high].every(Number.isInteger)).toBe(true);
        // A count of n rows with share q has a deviation of sqrt(n q (1 - q)).
        const halfWidth = 1.96 * Math.sqrt(count * (1 - count / 800));
        expect(Math.abs(count - halfWidth - low)).toBeLessThan(6);
        expect(Math.abs(count + halfWidth - high)).toBeLessThan(6);
      });
    });
    const groups = [...tiers, ...Object.values(calibration), ...Object.values(byClass)];
    expect(groups).toHaveLength(5);
    for (const { intervals, ...own } of groups) {
      for (const [name, [low, high]] of Object.entries(intervals)) {
        const value = own[name as keyof typeof own];
        expect(low, name).toBeLessThan(value);
        expect(high, name).toBeGreaterThan(value);
      }
    }
  });
});

describe("figures", () => {
  it("are what their definitions say", () => {
    fc.assert(
      fc.property(someRows, (rows) => {
        const events = rows.filter(({ label }) => label === 1);
        const others = rows.filter(({ label }) => label === 0);
        fc.pre(events.length > 0 && others.length > 0);
        const figures = new FigureComputer(table(rows)).compute(new Int32Array(rows.length).fill(1));
        const wins = events.flatMap((event) =>
          others.map((other) => (event.p > other.p ? 1 : event.p === other.p ? 0.5 : 0)),
        );
        expect(figures.rocAuc).toBeCloseTo(wins.reduce<number>((sum, win) => sum + win, 0) / wins.length, 12);
        const squared = rows.reduce((sum, { p, label }) => sum + (p - label) ** 2, 0);
        expect(figures.brier).toBeCloseTo(squared / rows.length, 12);
        const sorted = rows.toSorted((a, b) => a.p - b.p);
        const edge = (bin: number) => Math.floor((rows.length * bin) / 10);
        const error = Array.from({ length: 10 }, (_, bin) => sorted.slice(edge(bin), edge(bin + 1)))
          .map((bin) => Math.abs(bin.reduce((sum, { p, label }) => sum + p - label, 0)))
          .reduce((sum, each) => sum + each, 0);
        expect(figures.expectedCalibrationError).toBeCloseTo(error / rows.length, 12);
        const top = rows.toSorted((a, b) => b.p - a.p).slice(0, Math.ceil(rows.length / 10));
        const rate = top.filter(({ label }) => label === 1).length / top.length;
        expect(figures.liftAt10Percent).toBeCloseTo(rate / (events.length / rows.length), 12);
      }),
    );
  });

  it("count a row of weight n as n rows", () => {
    fc.assert(
      fc.property(someRows, fc.infiniteStream(fc.nat(3)), (rows, stream) => {
        const weights = Int32Array.from(rows, () => stream.next().value);
        const repeated = rows.flatMap((each, index) =>
          Array.from({ length: weights[index] ?? 0 }, () => each),
        );
        fc.pre(repeated.length > 0);
        const once = new Int32Array(repeated.length).fill(1);
        expectClose(
          new FigureComputer(table(rows)).compute(weights),
          new FigureComputer(table(repeated)).compute(once),
        );
        expect(new FigureComputer(table(rows)).confusion(weights)).toEqual(
          new FigureComputer(table(repeated)).confusion(once),
        );
        for (const [tier, figures] of tierFigures(table(repeated), once).entries()) {
          expectClose(tierFigures(table(rows), weights)[tier] ?? {}, figures);
        }
      }),
    );
  });

  it("are the same for the same seed, and undefined where a class is absent", () => {
    const rows = Array.from({ length: 50 }, (_, index) => ({
      label: index % 3 === 0 ? 1 : 0,
      p: (index % 10) / 10,
    }));
    expect(assess(table(rows), 7)).toEqual(assess(table(rows), 7));
    expect(assess(table(rows), 7).intervals).not.toEqual(assess(table(rows), 8).intervals);
    const oneClass = assess(table(rows.map(({ p }) => ({ p, label: 0 }))), 0);
    expect(oneClass.metrics.rocAuc).toBeNaN();
    expect(JSON.parse(JSON.stringify(oneClass)).metrics).toMatchObject({ rocAuc: null, accuracy: 0.5 });
  });
});
