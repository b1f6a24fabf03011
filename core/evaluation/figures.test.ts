import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assess } from "./assess.ts";
import { FigureComputer } from "./figures.ts";
import type { OutcomeTable } from "./outcome-table.ts";

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
        const weighted = new FigureComputer(table(rows)).compute(weights);
        const written = new FigureComputer(table(repeated)).compute(new Int32Array(repeated.length).fill(1));
        for (const [name, value] of Object.entries(written)) {
          const own = weighted[name as keyof typeof weighted];
          if (Number.isNaN(value)) expect(own, name).toBeNaN();
          else expect(own, name).toBeCloseTo(value, 12);
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
