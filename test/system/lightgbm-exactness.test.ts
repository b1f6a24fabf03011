/** Every option of the real LightGBM: the same margins to the bit, outputs within ulps of double, contributions. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { load, ModelFileError } from "../../core/trees/index.ts";
import { differencesFrom, libraryAnswers } from "./library-answers.ts";

interface Case {
  readonly name: string;
  readonly rows: number;
  readonly kinds: readonly string[];
}

const trained = libraryAnswers<Case>("lightgbm_models.py");

test("margins to the bit, outputs and contributions", () => {
  expect(trained.cases.length).toBeGreaterThan(40);
  const differences: Record<string, string[]> = {};
  for (const { name, rows, kinds } of trained.cases) {
    const model = load(readFileSync(join(trained.folder, `${name}.txt`)));
    const found = differencesFrom(
      model,
      trained.folder,
      { name, rows, kinds },
      { margins: 0, outputs: 4 * Number.EPSILON, contributions: 1e-9 },
    );
    for (const [kind, told] of Object.entries(found)) differences[`${name}: ${kind}`] = told;
    if (kinds.includes("contributions")) continue;
    const out = new Float64Array(model.outputs * (model.features + 1));
    expect(() => model.contributions(new Float64Array(model.features), out), name).toThrow(ModelFileError);
  }
  expect(differences).toEqual({});
});
