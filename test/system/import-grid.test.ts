/** What `predict-raw` reads, `import` takes: every model of the libraries' grids, as a package, has the same margins; or is refused by name. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { loadPackage } from "../../core/package/load.ts";
import { PackagedModel } from "../../core/scoring/packaged-model.ts";
import { predictorText } from "../../core/trees/formats/predictor/write-predictor.ts";
import { load, type Model, type RawModel } from "../../core/trees/index.ts";
import type { CategoryCodes } from "../../core/trees/raw-model.ts";
import { packageDirectory } from "../../local/files/package-directory.ts";
import { scratchDirectory } from "./cli.ts";
import { doublesIn, libraryAnswers } from "./library-answers.ts";

interface Case {
  readonly name: string;
  readonly rows: number;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const directory = scratchDirectory();
/** What docs/importing.md says is refused, and which cases of the grids are. */
const outputsAreNoClasses =
  /gives no probabilities of .*'s classes; train it with a softmax or one against the rest/;
const noTree = /the model has no tree/;
const grids = [
  {
    script: "lightgbm_models.py",
    suffix: "txt",
    family: "lightgbm",
    refused: { "custom-three-outputs": outputsAreNoClasses },
  },
  {
    script: "xgboost_models.py",
    suffix: "json",
    family: "xgboost",
    refused: {
      "no-rounds": noTree,
      "no-rounds-base-score": noTree,
      "no-rounds-poisson": noTree,
      "no-rounds-multi": noTree,
      targets: outputsAreNoClasses,
      "targets-labels": outputsAreNoClasses,
      "targets-vectors": outputsAreNoClasses,
      "targets-vectors-labels": outputsAreNoClasses,
      "targets-vectors-forest": /the model has 2 outputs, but grid needs 1/,
      quantiles: outputsAreNoClasses,
    },
  },
] as const;

describe.each(grids)("$script", ({ script, suffix, family, refused }) => {
  const trained = libraryAnswers<Case>(script);

  test("as packages: the same margins, and reasons unless the library has none either", async () => {
    const folder = join(directory, family);
    mkdirSync(folder);
    const models = new Map(
      trained.cases.map(({ name }) => [name, load(readFileSync(join(trained.folder, `${name}.${suffix}`)))]),
    );
    const imports = trained.cases.map(({ name, rows }) => {
      const model = models.get(name) as Model;
      const raw = withCategories(model.raw);
      writeFileSync(join(folder, `${name}.predictor.json`), predictorText(raw, family));
      writeFileSync(join(folder, `${name}.spec.json`), JSON.stringify(specOf(raw)));
      const data = needsData(raw);
      const leads = leadsOf(raw, doublesIn(trained.folder, `${name}.rows.f64`), rows);
      if (data) writeFileSync(join(folder, `${name}.csv`), labelled(raw, leads));
      return { name, features: namesOf(raw), data };
    });
    writeFileSync(join(folder, "imports.json"), JSON.stringify(imports));
    await promisify(execFile)(join(root, ".venv/bin/python"), [
      join(root, "glue-scripts/tests/import_models.py"),
      "--folder",
      folder,
    ]);
    const refusals: Record<string, string> = JSON.parse(readFileSync(join(folder, "refusals.json"), "utf8"));
    expect(refusals).toEqual(
      Object.fromEntries(
        Object.entries(refused).flatMap(([name, message]) =>
          models.has(name) ? [[name, expect.stringMatching(message)]] : [],
        ),
      ),
    );
    const differences: Record<string, string> = {};
    for (const { name, rows } of trained.cases) {
      if (Object.hasOwn(refusals, name)) continue;
      const model = models.get(name) as Model;
      const raw = withCategories(model.raw);
      const leads = leadsOf(raw, doublesIn(trained.folder, `${name}.rows.f64`), rows);
      expect(leads.length, name).toBeGreaterThan(30);
      try {
        const packaged = await loadPackage(packageDirectory(join(folder, "packages", name)), {
          goldenRows: "all",
        });
        if (!(packaged instanceof PackagedModel)) throw new Error("a package makes a PackagedModel");
        expect(packaged.noReasons !== null, name).toBe(model.raw.noContributions !== undefined);
        for (const { row, lead } of leads) compare(model, packaged, row, lead);
      } catch (error) {
        differences[name] = String(error);
      }
    }
    expect(differences).toEqual({});
  }, 900_000);
});

function compare(model: Model, packaged: PackagedModel, row: Float64Array, lead: Lead): void {
  const expected = new Float64Array(model.outputs);
  model.predict(row, expected);
  const scored = packaged.score(lead, 3);
  if (!expected.every(Number.isFinite)) {
    expect(scored).toMatchObject({ status: "rejected", errors: [{ code: "out_of_bounds" }] });
    return;
  }
  if (scored.status !== "scored") throw new Error(`rejected: ${JSON.stringify(scored)}`);
  expect([...packaged.workings.margins]).toEqual([...expected]);
  expect(scored.reasons === undefined).toBe(packaged.noReasons !== null);
}

type Lead = Readonly<Record<string, string | number>>;

function namesOf({ featureNames, features }: RawModel): readonly string[] {
  return featureNames ?? Array.from({ length: features }, (_, column) => `f${column}`);
}

/** The models of the grids are trained on codes: names for them, as files of pandas categories tell them. */
function withCategories(raw: RawModel): RawModel {
  if (raw.categories || raw.predictor.kind === "linear") return raw;
  const { feature, categorySet } = raw.predictor;
  const bySets = new Set(feature.filter((_, node) => (categorySet?.[node] ?? -1) >= 0));
  if (bySets.size === 0) return raw;
  const codes: CategoryCodes = new Map(Array.from({ length: 70 }, (_, code) => [`code ${code}`, code]));
  return {
    ...raw,
    categories: Array.from({ length: raw.features }, (_, column) => (bySets.has(column) ? codes : undefined)),
  };
}

function needsData({ link, predictor, objective }: RawModel): boolean {
  return predictor.outputs === 1 && link.name !== "sigmoid" && objective !== "binary:logitraw";
}

function specOf(raw: RawModel): object {
  const { outputs } = raw.predictor;
  const names = namesOf(raw);
  const classes = Array.from({ length: Math.max(2, outputs) }, (_, k) => ({
    name: `${k}`,
    values: [`${k}`],
    ...(outputs <= 2 ? {} : { weight: (100 * k) / (outputs - 1) }),
  }));
  return {
    specVersion: 1,
    name: "grid",
    title: "A model of the grid",
    fields: names.map((name, column) => ({
      name,
      type: raw.categories?.[column] ? "category" : "number",
      knownAt: "at-creation",
    })),
    features: names.map((input, column) => ({
      input,
      encode: raw.categories?.[column] ? "native" : "number",
    })),
    target: { field: "Label", kind: outputs <= 2 ? "binary" : "ordered", classes },
    tiers: [
      {
        name: "Hot",
        minimumProbability: 0.5,
        action: "Call",
        ...(outputs <= 2 ? {} : { class: `${outputs - 1}` }),
      },
      { name: "Cold", action: "Wait" },
    ],
  };
}

/** Those rows that leads can say: without infinities, and with categories that the model knows. */
function leadsOf(raw: RawModel, rows: Float64Array, count: number): { row: Float64Array; lead: Lead }[] {
  const { features, categories } = raw;
  const names = namesOf(raw);
  return Array.from({ length: count }, (_, i) => rows.subarray(i * features, (i + 1) * features)).flatMap(
    (row) => {
      const lead: Record<string, string | number> = {};
      for (const [column, value] of row.entries()) {
        if (Number.isNaN(value)) continue;
        const codes = categories?.[column];
        const category = codes && [...codes].find(([, code]) => code === value)?.[0];
        if (codes ? category === undefined : !Number.isFinite(value)) return [];
        lead[names[column] as string] = category === undefined ? value : String(category);
      }
      return [{ row, lead }];
    },
  );
}

/** Leads whose labels follow a column, not too strictly. */
function labelled(raw: RawModel, leads: readonly { row: Float64Array; lead: Lead }[]): string {
  const names = namesOf(raw);
  const plausible = leads.filter(({ row }) => row.every((value) => !(Math.abs(value) > 1e100)));
  const lines = plausible.map(({ row, lead }, i) => {
    const label = (row[0] as number) > 0 !== (i % 7 === 0) ? 1 : 0;
    return [...names.map((name) => lead[name] ?? ""), label].join(";");
  });
  return [[...names, "Label"].join(";"), ...lines].join("\n");
}
