/** A package of made-up trees over every kind of column, with golden rows that hold by construction. */

import { readManifest } from "../core/package/manifest.ts";
import { readServing } from "../core/package/read-serving.ts";
import { PackagedModel } from "../core/scoring/packaged-model.ts";
import { readSpec } from "../core/spec/read-spec.ts";
import type { TreeEnsemble } from "../core/trees/ensemble.ts";
import { randomForest } from "./random-trees.ts";
import { seal, type Texts } from "./sealed-package.ts";

const spec = {
  specVersion: 1,
  name: "grove",
  title: "A grove",
  nullTokens: ["Select"],
  leadId: { name: "Lead" },
  ignored: [{ name: "Phone", reason: "not used" }],
  fields: [
    {
      name: "Visits",
      type: "integer",
      knownAt: "engagement",
      unit: "visits",
      bounds: { min: 0, max: 90, beyond: "clip" },
    },
    {
      name: "Source",
      type: "category",
      knownAt: "at-creation",
      label: "Lead source",
      normalise: ["trim", "case-fold"],
    },
    { name: "Member", type: "boolean", knownAt: "at-creation", missingAs: false },
    { name: "Size", type: "ordinal", knownAt: "at-creation", levels: ["small", "medium", "large"] },
    { name: "Created", type: "timestamp", knownAt: "at-creation" },
    { name: "Seen", type: "timestamp", knownAt: "engagement" },
    { name: "Spend", type: "number", knownAt: "engagement", required: true },
  ],
  derived: [
    {
      name: "Age",
      label: "Age of the lead",
      unit: "days",
      op: "days-between",
      from: "Created",
      to: "Seen",
      reasonField: "Seen",
    },
    { name: "Hour", label: "Hour of creation", op: "date-part", field: "Created", part: "hour" },
  ],
  features: [
    { input: "Visits", encode: "number" },
    { input: "Source", encode: "native" },
    { input: "Source", encode: "one-hot" },
    { input: "Member", encode: "one-hot" },
    { input: "Size", encode: "ordinal", missingIndicator: true },
    { input: "Age", encode: "number" },
    { input: "Hour", encode: "number" },
    { input: "Spend", encode: "number" },
  ],
  target: {
    field: "Bought",
    kind: "binary",
    classes: [
      { name: "no", values: ["no"] },
      { name: "yes", values: ["yes"] },
    ],
  },
  tiers: [
    { name: "Hot", minimumProbability: 0.6, action: "Call" },
    { name: "Warm", minimumProbability: 0.4, action: "Write" },
    { name: "Cold", action: "Wait" },
  ],
};

const column = (name: string, input: string, field: string, op: string, more: object = {}) => ({
  name,
  input,
  field,
  op,
  ...more,
});
const columns = [
  column("Visits", "Visits", "Visits", "number", { impute: null, scale: null }),
  column("Source=web", "Source", "Source", "is-category", { category: "web", missingAs: null }),
  column("Source rare", "Source", "Source", "is-rare", { known: ["web", "fair"], missingAs: null }),
  column("Source missing", "Source", "Source", "is-missing"),
  column("Member", "Member", "Member", "is-category", { category: "true", missingAs: null }),
  column("Size", "Size", "Size", "number", { impute: 1, scale: { kind: "minmax", multiply: 0.5, add: 0 } }),
  column("Size missing", "Size", "Size", "is-missing"),
  column("Age", "Age", "Seen", "number", { impute: 3, scale: { kind: "standard", mean: 10, deviation: 4 } }),
  column("Hour", "Hour", "Created", "number", { impute: null, scale: null }),
  column("Spend", "Spend", "Spend", "number", { impute: null, scale: null }),
  column("Source code", "Source", "Source", "category-code", {
    known: ["fair", "web", "post", "ad", "call"],
    missingAs: null,
    rareCode: true,
  }),
];

const common = { model: "grove", family: "lightgbm", moment: "engagement", task: "binary" };
const cuts = Array.from({ length: 100 }, (_, index) => (index - 50) / 25);

export const groveLeads: readonly Readonly<Record<string, unknown>>[] = [
  {
    Visits: 3,
    Source: "Web",
    Member: "yes",
    Size: "large",
    Created: "2026-01-01",
    Seen: "2026-01-09T12:00",
    Spend: 2,
  },
  {
    Visits: "12",
    Source: "fair ",
    Member: false,
    Size: "small",
    Created: "2026-02-01T08:30Z",
    Seen: "2026-02-02",
    Spend: "-1.5",
  },
  { Visits: 400, Source: "elsewhere", Size: "huge", Created: null, Spend: 0.25 },
  { Source: "Select", Spend: 3 },
  { spend: "1e-3", SOURCE: "ad", size: "medium", Colour: "red" },
  { Visits: "many", Spend: 1 },
  { Visits: 1 },
];

export const groveManifest = {
  formatVersion: 1,
  ...common,
  createdAt: "2026-01-01T00:00:00Z",
  data: { sha256: "0", rows: 1, columns: 1 },
  libraries: {},
  seed: 0,
  threads: 1,
  parent: null,
  metrics: {},
  metricsNote: null,
};

/** With linear leaves it has no contributions. */
export function grovePackage({ seed = 5, linearLeaves = false } = {}): Texts {
  const predictor = randomForest({
    seed,
    columns: columns.length,
    trees: 6,
    maximumDepth: 5,
    withSets: true,
  });
  const serving = {
    formatVersion: 1,
    ...common,
    classes: ["no", "yes"],
    columns,
    predictor: { ...packedPredictor(predictor), ...(linearLeaves && lineOf(predictor)) },
    calibration: { method: "platt", input: "margin", slope: 1, intercept: 0 },
    prediction: { cut: 0 },
    score: { scale: "probability", cuts },
    percentile: { cuts },
    tiers: [
      { name: "Hot", action: "Call", minimumProbability: 0.6, cut: 0.4054651081081642 },
      { name: "Warm", action: "Write", minimumProbability: 0.4, cut: -0.4054651081081642 },
      { name: "Cold", action: "Wait", minimumProbability: null, cut: null },
    ],
    explanation: {
      unit: "log-odds",
      ...(linearLeaves ? { noContributions: "its leaves are lines" } : { baseline: [baselineOf(predictor)] }),
    },
  };
  const texts = {
    "golden.jsonl": "",
    "profile.json": "{}\n",
    "serving.json": JSON.stringify(serving),
    "spec.json": JSON.stringify(spec),
  };
  const draft = seal(texts, groveManifest);
  const reading = readSpec(texts["spec.json"]);
  if (reading.spec === undefined) throw new Error(JSON.stringify(reading.problems));
  const manifest = readManifest(JSON.parse(draft["manifest.json"] as string));
  const model = new PackagedModel(reading.spec, readServing(serving), manifest);
  const golden = groveLeads.map((lead) => JSON.stringify(goldenRow(model, lead)));
  return seal({ ...texts, "golden.jsonl": `${golden.join("\n")}\n` }, groveManifest);
}

function goldenRow(model: PackagedModel, lead: Readonly<Record<string, unknown>>): object {
  const result = model.score(lead, 0);
  if (result.status === "rejected") return { lead, rejected: result.errors[0]?.code };
  const { features, margins, probabilities } = model.workings;
  const { score, percentile, prediction, tier, warnings } = result;
  const contributions = model.noReasons === null ? model.contributionsTo(0) : undefined;
  return {
    lead,
    features: Array.from(features, (value) => (Number.isNaN(value) ? null : value)),
    margin: [...margins],
    probability: [...probabilities],
    score,
    percentile,
    prediction,
    tier,
    ...(contributions && {
      contributions: Object.fromEntries(
        model.spec.fields.map(({ name }, field) => [name, [contributions[field]]]),
      ),
    }),
    warnings: warnings.map(({ code }) => code),
  };
}

/** base + the trees' means, weighted by cover. */
function baselineOf({ base, treeStart, feature, left, right, cover, value }: TreeEnsemble): number {
  const mean = (start: number, node: number): number => {
    const index = start + node;
    if (feature[index] === -1) return value[index] as number;
    const [l, r] = [left[index] as number, right[index] as number];
    const weighted = (child: number) => (cover[start + child] as number) * mean(start, child);
    return (weighted(l) + weighted(r)) / (cover[index] as number);
  };
  return Array.from(treeStart.subarray(0, -1)).reduce(
    (sum, start) => sum + mean(start, 0),
    base[0] as number,
  );
}

const float64 = (values: Float64Array) => ({
  type: "float64",
  data: Buffer.from(values.buffer).toString("base64"),
});
const int32 = (values: Int32Array) => ({
  type: "int32",
  data: Buffer.from(values.slice().buffer).toString("base64"),
});

/** Every other leaf is a line of Spend and Hour: its value + 0.25 Spend - 0.125 Hour. */
function lineOf({ feature, value }: TreeEnsemble): object {
  const node = Int32Array.from(feature.keys()).filter((each) => each % 2 === 0 && feature[each] === -1);
  const linearLeaves = {
    node: int32(node),
    constant: float64(Float64Array.from(node, (each) => value[each] as number)),
    count: int32(node.map(() => 2)),
    column: int32(Int32Array.from({ length: 2 * node.length }, (_, term) => 9 - (term % 2))),
    coefficient: float64(
      Float64Array.from({ length: 2 * node.length }, (_, term) => (term % 2 === 0 ? 0.25 : -0.125)),
    ),
  };
  return { linearLeaves, cover: undefined };
}

function packedPredictor(predictor: TreeEnsemble): object {
  return {
    ...predictor,
    base: float64(predictor.base),
    treeOutput: int32(predictor.treeOutput),
    treeStart: int32(predictor.treeStart),
    feature: int32(predictor.feature),
    threshold: float64(predictor.threshold),
    left: int32(predictor.left),
    right: int32(predictor.right),
    missingLeft: int32(predictor.missingLeft),
    value: float64(predictor.value),
    cover: float64(predictor.cover),
    categorySet: predictor.categorySet === undefined ? null : int32(predictor.categorySet),
  };
}
