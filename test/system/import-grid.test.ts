/** What `predict-raw` reads, `import` takes: every model of the libraries' grids, as a package, has the same margins; or is refused by name. */
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { loadPackage } from "../../core/package/load.ts";
import { PackagedModel } from "../../core/scoring/packaged-model.ts";
import { predictorText } from "../../core/trees/formats/predictor/write-predictor.ts";
import { load, type RawModel } from "../../core/trees/index.ts";
import { modelOf } from "../../core/trees/load.ts";
import type { CategoryCodes } from "../../core/trees/raw-model.ts";
import { packageDirectory } from "../../local/files/package-directory.ts";
import { scratchDirectory } from "./cli.ts";
import { doublesIn, libraryAnswers } from "./library-answers.ts";

/** A model and rows of its features, one behind the other. */
interface Example {
  readonly name: string;
  readonly raw: RawModel;
  readonly rows: Float64Array;
}
type Refused = Readonly<Record<string, RegExp>>;

const root = fileURLToPath(new URL("../..", import.meta.url));
const directory = scratchDirectory();

/** What docs/importing.md says is refused, and which models are. */
const outputsAreNoClasses = /gives no probabilities of .*'s classes; train it with a softmax or one against/;
const noTree = /the model has no tree/;
const twoOutputs = /gives two outputs that are no probabilities of grid's classes; train it with one output/;
const oddLeaves = /a leaf of the model is not a finite number: no lead that reaches it would have a score/;
const twoSigmoids = /multiclassova of two classes gives each a sigmoid of its own, .*; train it with binary/;
const refusedOfLightGbm: Refused = {
  "custom-three-outputs": outputsAreNoClasses,
  "odd-leaves": oddLeaves,
  "odd-leaves-linear": oddLeaves,
  "two-classes-ova": twoSigmoids,
};
const refusedOfXgboost: Refused = {
  "no-rounds": noTree,
  "no-rounds-base-score": noTree,
  "no-rounds-poisson": noTree,
  "no-rounds-multi": noTree,
  targets: outputsAreNoClasses,
  "targets-labels": outputsAreNoClasses,
  "targets-vectors": outputsAreNoClasses,
  "targets-vectors-labels": outputsAreNoClasses,
  "targets-vectors-forest": twoOutputs,
  quantiles: outputsAreNoClasses,
};

describe.each([
  {
    script: "lightgbm_models.py",
    suffix: "txt",
    refused: refusedOfLightGbm,
  },
  { script: "xgboost_models.py", suffix: "json", refused: refusedOfXgboost },
  { script: "sklearn_models.py", suffix: "txt", refused: { "forest-targets-regressor": twoOutputs } },
])("$script", ({ script, suffix, refused }) => {
  const trained = libraryAnswers<{ name: string }>(script);

  test("each model is a package with its margins, or refused by name", { timeout: 1_800_000 }, async () => {
    const examples = trained.cases.map(({ name }): Example => {
      const { raw } = load(readFileSync(join(trained.folder, `${name}.${suffix}`)));
      return { name, raw, rows: doublesIn(trained.folder, `${name}.rows.f64`) };
    });
    // As files of before 3.2 are, which hold no cover.
    const vectors = examples.filter(({ name }) => name === "classes-vectors");
    const withoutCover = vectors.map(({ raw, rows }) => ({
      name: "classes-vectors-without-cover",
      raw: { ...raw, noContributions: "it has no cover" },
      rows,
    }));
    await compareImported(script, [...examples, ...withoutCover], refused);
  });
});

test("files of older versions of the libraries", { timeout: 1_800_000 }, async () => {
  const folder = join(root, "test/models");
  const names = readdirSync(folder).filter((name) => name.endsWith(".expected.json"));
  const examples = names.map((name): Example => {
    const expected = JSON.parse(readFileSync(join(folder, name), "utf8"));
    const { raw } = load(readFileSync(join(folder, expected.model)));
    const rows: (number | string | null)[] = expected.rows.flat();
    return {
      name: name.replace(".expected.json", ""),
      raw,
      rows: Float64Array.from(rows, (value) => (typeof value === "number" ? value : Number.NaN)),
    };
  });
  await compareImported("older", examples, {
    "xgboost-2.1.4-targets-vectors": outputsAreNoClasses,
    "xgboost-3.4.1-expectiles": outputsAreNoClasses,
    "xgboost-3.4.1-quantiles": outputsAreNoClasses,
  });
});

/** Imports all of them, and scores their rows as leads. */
async function compareImported(name: string, examples: readonly Example[], refused: Refused): Promise<void> {
  const folder = join(directory, name);
  mkdirSync(folder);
  const prepared = examples.map((example) => {
    const raw = withCategories(example.raw);
    return { name: example.name, raw, leads: leadsOf(raw, example.rows) };
  });
  const imports = prepared.map(({ name, raw, leads }) => {
    writeFileSync(join(folder, `${name}.predictor.json`), predictorText(raw, familyOf(raw)));
    writeFileSync(join(folder, `${name}.spec.json`), JSON.stringify(specOf(raw)));
    const data = needsData(raw);
    if (data) writeFileSync(join(folder, `${name}.csv`), labelled(raw, leads));
    return { name, features: namesOf(raw), data };
  });
  writeFileSync(join(folder, "imports.json"), JSON.stringify(imports));
  const script = join(root, "glue-scripts/tests/import_models.py");
  await promisify(execFile)(join(root, ".venv/bin/python"), [script, "--folder", folder]);
  const refusals: Record<string, string> = JSON.parse(readFileSync(join(folder, "refusals.json"), "utf8"));
  const expected = Object.entries(refused).filter(([name]) => examples.some((each) => each.name === name));
  expect(refusals).toEqual(
    Object.fromEntries(expected.map(([name, told]) => [name, expect.stringMatching(told)])),
  );
  const differences: Record<string, string> = {};
  for (const { name, raw, leads } of prepared) {
    if (Object.hasOwn(refusals, name)) continue;
    expect(leads.length, name).toBeGreaterThan(10);
    try {
      const files = packageDirectory(join(folder, "packages", name));
      const model = await loadPackage(files, { goldenRows: "all" });
      if (!(model instanceof PackagedModel)) throw new Error("a package makes a PackagedModel");
      compare(raw, model, leads);
    } catch (error) {
      differences[name] = String(error);
    }
  }
  expect(differences).toEqual({});
}

function compare(raw: RawModel, packaged: PackagedModel, leads: readonly RowAndLead[]): void {
  const { predict, outputs } = modelOf(raw);
  expect(packaged.noReasons).toBe(raw.noContributions ?? null);
  const margins = new Float64Array(outputs);
  for (const { row, lead } of leads) {
    predict(row, margins);
    const scored = packaged.score(lead, 3);
    if (!margins.every(Number.isFinite)) {
      expect(scored).toMatchObject({ status: "rejected", errors: [{ code: "out_of_bounds" }] });
      continue;
    }
    expect(scored.status).toBe("scored");
    // A softmax of two classes makes a binary model, by its log-odds.
    const expected = margins.length === 2 ? [(margins[1] as number) - (margins[0] as number)] : [...margins];
    expect([...packaged.workings.margins]).toEqual(expected);
    expect("reasons" in scored).toBe(packaged.noReasons === null);
  }
}

interface RowAndLead {
  readonly row: Float64Array;
  readonly lead: Readonly<Record<string, string | number>>;
}

function namesOf({ featureNames, features }: RawModel): readonly string[] {
  return featureNames ?? Array.from({ length: features }, (_, column) => `f${column}`);
}

function familyOf({ family, format }: RawModel): string {
  return family ?? (format === "lightgbm-text" ? "lightgbm" : "xgboost");
}

/** The models of the grids are trained on codes: names for them, as files tell those of pandas' categories. */
function withCategories(raw: RawModel): RawModel {
  if (raw.categories || raw.predictor.kind === "linear") return raw;
  const { feature, categorySet } = raw.predictor;
  const bySets = new Set(feature.filter((_, node) => (categorySet?.[node] ?? -1) >= 0));
  if (bySets.size === 0) return raw;
  const codes: CategoryCodes = new Map(Array.from({ length: 70 }, (_, code) => [`code ${code}`, code]));
  const columns = Array.from({ length: raw.features }, (_, column) => column);
  return { ...raw, categories: columns.map((column) => (bySets.has(column) ? codes : undefined)) };
}

function needsData({ link, predictor, objective, family = "" }: RawModel): boolean {
  const givesShares = ["decision-tree", "random-forest"].includes(family) && objective !== "regression";
  return (
    predictor.outputs === 1 && link.name !== "sigmoid" && objective !== "binary:logitraw" && !givesShares
  );
}

function specOf(raw: RawModel): object {
  const { outputs } = raw.predictor;
  const isBinary = outputs <= 2;
  const neverMissing = raw.predictor.kind === "linear" && raw.predictor.precision === "float64";
  const names = namesOf(raw);
  return {
    specVersion: 1,
    name: "grid",
    title: "A model of the grid",
    fields: names.map((name, column) => ({
      name,
      type: raw.categories?.[column] ? "category" : "number",
      knownAt: "at-creation",
      ...(neverMissing && { required: true }),
    })),
    features: names.map((input, column) => ({
      input,
      encode: raw.categories?.[column] ? "native" : "number",
    })),
    target: {
      field: "Label",
      kind: isBinary ? "binary" : "ordered",
      classes: Array.from({ length: Math.max(2, outputs) }, (_, k) => ({
        name: `${k}`,
        values: [`${k}`],
        ...(!isBinary && { weight: (100 * k) / (outputs - 1) }),
      })),
    },
    tiers: [
      {
        name: "Hot",
        minimumProbability: 0.5,
        action: "Call",
        ...(!isBinary && { class: `${outputs - 1}` }),
      },
      { name: "Cold", action: "Wait" },
    ],
  };
}

/** Those rows that leads can say: without infinities, and with categories that the model knows. */
function leadsOf(raw: RawModel, rows: Float64Array): RowAndLead[] {
  const { features, categories } = raw;
  const names = namesOf(raw);
  return Array.from({ length: rows.length / features }, (_, i) => {
    const row = rows.subarray(i * features, (i + 1) * features);
    const lead: Record<string, string | number> = {};
    for (const [column, value] of row.entries()) {
      if (Number.isNaN(value)) continue;
      const codes = categories?.[column];
      const category = codes && [...codes].find(([, code]) => code === value)?.[0];
      if (codes ? category === undefined : !Number.isFinite(value)) return [];
      lead[names[column] as string] = category === undefined ? value : String(category);
    }
    return [{ row, lead }];
  }).flat();
}

/** Each lead several times, with labels that follow a column, not too strictly. */
function labelled(raw: RawModel, leads: readonly RowAndLead[]): string {
  const names = namesOf(raw);
  const plausible = leads.filter(({ row }) => row.every((value) => !(Math.abs(value) > 1e100)));
  const lines = Array.from({ length: 5 * plausible.length }, (_, i) => {
    const { row, lead } = plausible[i % plausible.length] as RowAndLead;
    const label = (row[0] as number) > 0 !== (i % 7 === 0) ? 1 : 0;
    return [...names.map((name) => lead[name] ?? ""), label].join(";");
  });
  return [[...names, "Label"].join(";"), ...lines].join("\n");
}
