/** Every option of the real LightGBM: the same margins to the bit, outputs within ulps of double, contributions within 1e-6. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { load, type Model, ModelFileError } from "../../core/trees/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
interface Case {
  readonly name: string;
  readonly rows: number;
  readonly features: number;
  readonly kinds: readonly string[];
}

let folder = "";
let cases: readonly Case[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "leadgauge-lightgbm-"));
  const script = join(root, "glue-scripts/tests/lightgbm_models.py");
  await promisify(execFile)(join(root, ".venv/bin/python"), [script, "--out", folder]);
  cases = JSON.parse(readFileSync(join(folder, "cases.json"), "utf8"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function doubles(name: string, kind: string): Float64Array {
  const bytes = readFileSync(join(folder, `${name}.${kind}.f64`));
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** What the model answers to all rows, one behind the other. */
function answers(
  { features }: Model,
  rows: Float64Array,
  count: number,
  width: number,
  answer: (row: Float64Array, out: Float64Array) => void,
): Float64Array {
  const all = new Float64Array(count * width);
  for (let row = 0; row < count; row++) {
    answer(rows.subarray(row * features, (row + 1) * features), all.subarray(row * width, (row + 1) * width));
  }
  return all;
}

test("margins to the bit, outputs and contributions", () => {
  expect(cases.length).toBeGreaterThan(40);
  for (const { name, rows: count, kinds } of cases) {
    const model = load(readFileSync(join(folder, `${name}.txt`)));
    const rows = doubles(name, "rows");
    const margins = answers(model, rows, count, model.outputs, model.predict);
    expect(differences(margins, doubles(name, "margins"), 0), `${name}: margins`).toEqual([]);
    const outputs = answers(model, rows, count, model.transformedOutputs, (row, out) => {
      const raw = new Float64Array(model.outputs);
      model.predict(row, raw);
      model.transform(raw, out);
    });
    expect(differences(outputs, doubles(name, "outputs"), 4 * Number.EPSILON), `${name}: outputs`).toEqual(
      [],
    );
    if (!kinds.includes("contributions")) {
      expect(() => model.contributions(rows, rows), name).toThrow(ModelFileError);
      continue;
    }
    const expected = doubles(name, "contributions");
    const width = model.outputs * (model.features + 1);
    const found = answers(model, rows, expected.length / width, width, model.contributions);
    expect(differences(found, expected, 1e-9), `${name}: contributions`).toEqual([]);
  }
});

/** Where numbers differ by more than the tolerance, relative to the greater of 1 and the number. */
function differences(found: Float64Array, expected: Float64Array, tolerance: number): string[] {
  expect(found.length).toBe(expected.length);
  const told: string[] = [];
  found.forEach((value, index) => {
    const other = expected[index] as number;
    if (Object.is(value, other) || Math.abs(value - other) < tolerance * Math.max(1, Math.abs(other))) return;
    if (told.length < 5) told.push(`${index}: ${value} instead of ${other}`);
  });
  return told;
}
