/** Models that a Python script trains with the real library, and what the library answers for them. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll } from "vitest";
import type { Model } from "../../core/trees/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a script of glue-scripts/tests once for a test file; the result is there when its tests run. */
export function libraryAnswers<Case>(script: string): { folder: string; cases: readonly Case[] } {
  const trained: { folder: string; cases: readonly Case[] } = { folder: "", cases: [] };
  beforeAll(async () => {
    // Answers of another version of the library, made before, may be given instead.
    const given = process.env.LIBRARY_ANSWERS;
    trained.folder = given ?? (await mkdtemp(join(tmpdir(), "leadgauge-models-")));
    if (given === undefined) {
      const python = join(root, ".venv/bin/python");
      await promisify(execFile)(python, [join(root, "glue-scripts/tests", script), "--out", trained.folder]);
    }
    trained.cases = JSON.parse(readFileSync(join(trained.folder, "cases.json"), "utf8"));
  });
  afterAll(async () => {
    if (process.env.LIBRARY_ANSWERS === undefined) await rm(trained.folder, { recursive: true, force: true });
  });
  return trained;
}

/** Little-endian doubles. */
export function doublesIn(folder: string, name: string): Float64Array {
  const bytes = readFileSync(join(folder, name));
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** What the model answers to the first rows, one behind the other. */
export function answersOf(
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

/** Where numbers aren't alike: told by index, the first five. */
export function differencesOf(
  found: Float64Array,
  expected: Float64Array,
  areAlike: (found: number, expected: number) => boolean,
): string[] {
  if (found.length !== expected.length) return [`${found.length} numbers instead of ${expected.length}`];
  const told: string[] = [];
  found.forEach((value, index) => {
    const other = expected[index] as number;
    if (told.length < 5 && !Object.is(value, other) && !areAlike(value, other)) {
      told.push(`${index}: ${value} instead of ${other}`);
    }
  });
  return told;
}

/**
 * What differs between a model and the library's figures in `NAME.rows.f64`, `NAME.margins.f64` and so on, by kind.
 * `tolerances`: relative to the greater of 1 and the number; 0 asks for the same bits.
 */
export function differencesFrom(
  model: Model,
  folder: string,
  { name, rows: count, kinds }: { name: string; rows: number; kinds: readonly string[] },
  tolerances: Readonly<Record<string, number>>,
): Record<string, string[]> {
  const rows = doublesIn(folder, `${name}.rows.f64`);
  const width = model.outputs * (model.features + 1);
  const raw = new Float64Array(model.outputs);
  const answerers: Record<string, [number, (row: Float64Array, out: Float64Array) => void]> = {
    margins: [model.outputs, model.predict],
    outputs: [
      model.transformedOutputs,
      (row, out) => {
        model.predict(row, raw);
        model.transform(raw, out);
      },
    ],
    contributions: [width, model.contributions],
  };
  const differences: Record<string, string[]> = {};
  for (const kind of kinds) {
    const answerer = answerers[kind];
    if (!answerer) continue;
    const expected = doublesIn(folder, `${name}.${kind}.f64`);
    const [columns, answer] = answerer;
    const found = answersOf(model, rows, Math.min(count, expected.length / columns), columns, answer);
    const tolerance = tolerances[kind] ?? 0;
    const told = differencesOf(
      found,
      expected,
      (a, b) => Math.abs(a - b) < tolerance * Math.max(1, Math.abs(b)),
    );
    if (told.length > 0) differences[kind] = told;
  }
  return differences;
}
