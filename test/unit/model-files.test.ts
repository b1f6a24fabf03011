/** Model files of older versions of the libraries, with what those answered; NAME.expected.json tells how each was asked. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { load, ModelFileError } from "../../core/trees/index.ts";

interface Expected {
  /** The model's file. */
  readonly model: string;
  /** The library that answered, and its version. */
  readonly library: string;
  /** In which the library works: margins are its own to the bit, outputs within an ulp or a few. */
  readonly precision: "float32" | "float64";
  /** Null is missing; infinities are texts. */
  readonly rows: readonly (readonly Value[])[];
  readonly margins: readonly (readonly Value[])[];
  readonly outputs: readonly (readonly Value[])[];
  /** Of the first rows; absent: the model has none. */
  readonly contributions?: readonly (readonly Value[])[];
}
type Value = number | null | "inf" | "-inf";

const folder = new URL("../models/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".expected.json"));
const tolerances = {
  float32: { outputs: 2 ** -23, contributions: 1e-4 },
  float64: { outputs: 4 * Number.EPSILON, contributions: 1e-9 },
};

describe.each(names)("%s", (name) => {
  const expected: Expected = JSON.parse(readFileSync(new URL(name, folder), "utf8"));
  const model = load(readFileSync(new URL(expected.model, folder)));
  const tolerance = tolerances[expected.precision];

  test("margins to the bit, outputs within the precision", () => {
    expected.rows.forEach((row, index) => {
      const margins = new Float64Array(model.outputs);
      model.predict(numbers(row), margins);
      expect(margins, `row ${index}`).toEqual(numbers(expected.margins[index] ?? []));
      const outputs = new Float64Array(model.transformedOutputs);
      model.transform(margins, outputs);
      expectNear(outputs, expected.outputs[index] ?? [], tolerance.outputs);
    });
  });

  test("rows together get what they get alone, to the bit", () => {
    const { outputs, features } = model;
    const rows = Array.from({ length: 130 }, (_, i) =>
      numbers(expected.rows[i % expected.rows.length] ?? []),
    );
    const methods = [
      { ask: model.predict, width: outputs },
      ...(expected.contributions ? [{ ask: model.contributions, width: outputs * (features + 1) }] : []),
    ];
    for (const { ask, width } of methods) {
      const together = new Float64Array(rows.length * width);
      ask(Float64Array.from(rows.flatMap((row) => [...row])), together);
      rows.forEach((row, index) => {
        const alone = new Float64Array(width);
        ask(row, alone);
        expect(together.subarray(index * width, (index + 1) * width), `row ${index}`).toEqual(alone);
      });
    }
  });

  test("contributions, or a refusal that tells why", () => {
    const out = new Float64Array(model.outputs * (model.features + 1));
    if (!expected.contributions) {
      expect(() => model.contributions(numbers(expected.rows[0] ?? []), out)).toThrow(ModelFileError);
    }
    expected.contributions?.forEach((row, index) => {
      model.contributions(numbers(expected.rows[index] ?? []), out);
      expectNear(out, row, tolerance.contributions);
    });
  });
});

function numbers(values: readonly Value[]): Float64Array {
  const infinities = { inf: Number.POSITIVE_INFINITY, "-inf": Number.NEGATIVE_INFINITY };
  return Float64Array.from(values, (value) =>
    value === null ? Number.NaN : typeof value === "string" ? infinities[value] : value,
  );
}

/** Relative to the greater of 1 and the number. */
function expectNear(found: Float64Array, expected: readonly Value[], tolerance: number): void {
  const wanted = numbers(expected);
  expect(found.length).toBe(wanted.length);
  found.forEach((value, index) => {
    const other = wanted[index] as number;
    if (Object.is(value, other)) return;
    expect(Math.abs(value - other) / Math.max(1, Math.abs(other)), `number ${index}`).toBeLessThanOrEqual(
      tolerance,
    );
  });
}
