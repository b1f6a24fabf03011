/** scikit-learn's classifiers, exported by the training package: the same margins and probabilities. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { load } from "../../core/trees/index.ts";
import { differencesFrom, libraryAnswers } from "./library-answers.ts";

interface Case {
  readonly name: string;
  readonly rows: number;
  readonly kinds: readonly string[];
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
