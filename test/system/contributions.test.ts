/** The slow reference against the libraries themselves, and what Leadgauge gives against the reference. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { baseline } from "../../core/trees/baseline.ts";
import type { TreeEnsemble } from "../../core/trees/ensemble.ts";
import { load, type Model } from "../../core/trees/index.ts";
import { classicTreeShap } from "../classic-tree-shap.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Case {
  readonly name: string;
  readonly rows: number;
  /** Of the library's figures: XGBoost computes in float32. */
  readonly tolerance: number;
}

let folder = "";
let cases: readonly Case[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "leadgauge-contributions-"));
  const script = join(root, "glue-scripts/tests/contribution_models.py");
  await promisify(execFile)(join(root, ".venv/bin/python"), [script, "--out", folder], {
    env: { ...process.env, PYTHONPATH: join(root, "glue-scripts") },
  });
  cases = JSON.parse(readFileSync(join(folder, "cases.json"), "utf8"));
}, 180_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function doubles(name: string): Float64Array {
  const bytes = readFileSync(join(folder, name));
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function reference(ensemble: TreeEnsemble, row: Float64Array): number[] {
  const biases = baseline(ensemble);
  return Array.from(biases).flatMap((bias, output) => [
    ...classicTreeShap(ensemble, row, row.length, output),
    bias,
  ]);
}

function answer(model: Model, row: Float64Array): Float64Array {
  const out = new Float64Array(model.outputs * (model.features + 1));
  model.contributions(row, out);
  return out;
}

function greatestDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  return Array.from(found).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (expected[i] as number))),
    0,
  );
}

test("contributions are those of classic TreeSHAP, of LightGBM, of shap and of XGBoost", {
  timeout: 600_000,
}, () => {
  expect(cases.length).toBeGreaterThan(10);
  for (const { name, rows: count, tolerance } of cases) {
    const model = load(readFileSync(join(folder, `${name}.model`)));
    const rows = doubles(`${name}.rows.f64`);
    const library = doubles(`${name}.contributions.f64`);
    const width = library.length / count;
    for (let i = 0; i < count; i++) {
      const row = rows.subarray(i * model.features, (i + 1) * model.features);
      const classic = reference(model.raw.predictor as TreeEnsemble, row);
      const expected = library.subarray(i * width, (i + 1) * width);
      expect(greatestDifference(classic, expected), `${name}: reference`).toBeLessThan(tolerance);
      // XGBoost keeps the training weights as float32: those of two sides add up to a split's within its rounding.
      const exactness = name.startsWith("xgboost") ? 1e-6 : 1e-10;
      expect(greatestDifference(answer(model, row), classic), name).toBeLessThan(exactness);
    }
  }
});
