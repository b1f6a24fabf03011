/** Every option of the real XGBoost: the same margins to the bit, outputs within an ulp of float32, contributions as near as float32 lets it come. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { load, ModelFileError } from "../../core/trees/index.ts";
import { answersOf, differencesOf, doublesIn, libraryAnswers } from "./library-answers.ts";

interface Case {
  readonly name: string;
  readonly rows: number;
  readonly encodings: readonly ("json" | "ubj")[];
  readonly kinds: readonly string[];
}

const trained = libraryAnswers<Case>("xgboost_models.py");

test("JSON and UBJSON: margins to the bit, outputs within an ulp, contributions", () => {
  expect(trained.cases.length).toBeGreaterThan(70);
  const differences: Record<string, string[]> = {};
  for (const each of trained.cases) {
    for (const encoding of each.encodings) {
      const bytes = readFileSync(join(trained.folder, `${each.name}.${encoding}`));
      for (const [kind, found] of Object.entries(differencesIn(each, bytes))) {
        if (found.length > 0) differences[`${each.name}.${encoding}: ${kind}`] = found;
      }
    }
  }
  expect(differences).toEqual({});
});

function differencesIn({ name, rows: count, kinds }: Case, bytes: Uint8Array): Record<string, string[]> {
  const model = load(bytes);
  const expected = (kind: string) => doublesIn(trained.folder, `${name}.${kind}.f64`);
  const rows = expected("rows");
  const result: Record<string, string[]> = {};
  const same = () => false;
  const margins = answersOf(model, rows, count, model.outputs, model.predict);
  result.margins = differencesOf(margins, expected("margins"), same);
  const outputs = answersOf(model, rows, count, model.transformedOutputs, (row, out) => {
    const raw = new Float64Array(model.outputs);
    model.predict(row, raw);
    model.transform(raw, out);
  });
  result.outputs = differencesOf(outputs, expected("outputs"), (a, b) => Math.abs(ulps(a) - ulps(b)) <= 1);
  if (kinds.includes("best")) {
    const best = load(bytes, { rounds: "best" });
    result.best = differencesOf(
      answersOf(best, rows, count, best.outputs, best.predict),
      expected("best"),
      same,
    );
  } else expect(() => load(bytes, { rounds: "best" })).toThrow(ModelFileError);
  const width = model.outputs * (model.features + 1);
  if (kinds.includes("contributions")) {
    const contributions = expected("contributions");
    const found = answersOf(model, rows, contributions.length / width, width, model.contributions);
    const scale = contributions.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    result.contributions = differencesOf(found, contributions, (a, b) => Math.abs(a - b) < 2e-5 * scale);
  }
  if (model.raw.noContributions !== undefined) {
    expect(() => model.contributions(rows, rows), name).toThrow(ModelFileError);
    return result;
  }
  // They add up to the margin, also where the library has none.
  const many = Math.min(count, 30);
  const parts = answersOf(model, rows, many, width, model.contributions);
  const scale = parts.reduce((most, part) => Math.max(most, Math.abs(part)), 1);
  const sums = Float64Array.from({ length: many * model.outputs }, (_, i) =>
    parts
      .subarray(i * (model.features + 1), (i + 1) * (model.features + 1))
      .reduce((sum, part) => sum + part),
  );
  const areNear = (a: number, b: number) => Math.abs(a - b) < 1e-5 * scale;
  result.sums = differencesOf(sums, margins.subarray(0, sums.length), areNear);
  return result;
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** A number that rises by 1 from each float32 to the next. */
function ulps(value: number): number {
  float[0] = value;
  if (float[0] !== value) return Number.NaN;
  const word = bits[0] as number;
  return word < 0 ? -(word & 0x7fffffff) : word;
}
