/** scikit-learn's estimators, exported by the training package: the same margins and predictions. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { load } from "../../core/trees/index.ts";
import { rawRows } from "../../local/files/raw-rows.ts";
import { differencesFrom, doublesIn, libraryAnswers } from "./library-answers.ts";

interface Case {
  readonly name: string;
  readonly rows: number;
  readonly kinds: readonly string[];
  readonly hasCategories: boolean;
}

const trained = libraryAnswers<Case>("sklearn_models.py");

test("margins to the bit, those of linear models within 1e-12", () => {
  expect(trained.cases.length).toBeGreaterThan(10);
  const differences: Record<string, string[]> = {};
  for (const each of trained.cases) {
    const model = load(readFileSync(join(trained.folder, `${each.name}.txt`)));
    const margins = model.raw.predictor.kind === "linear" ? 1e-12 : 0;
    const found = differencesFrom(model, trained.folder, each, { margins, outputs: 1e-12 });
    for (const [kind, told] of Object.entries(found)) differences[`${each.name}: ${kind}`] = told;
  }
  expect(differences).toEqual({});
});

test("categories, texts and numbers, get the codes that the estimator's own encoder gives them, unknown ones none", async () => {
  const cases = trained.cases.filter(({ hasCategories }) => hasCategories);
  expect(cases.length).toBeGreaterThan(10);
  for (const { name, rows } of cases) {
    const { raw } = load(readFileSync(join(trained.folder, `${name}.txt`)));
    const expected = doublesIn(trained.folder, `${name}.rows.f64`);
    let row = 0;
    for await (const found of rawRows(join(trained.folder, `${name}.rows.csv`), raw)) {
      expect([...found], `${name}, row ${row}`).toEqual([
        ...expected.subarray(row * raw.features, (row + 1) * raw.features),
      ]);
      row++;
    }
    expect(row).toBe(rows);
  }
});
