/** A real model package that fits on a page: will a lead with so many visits from such a source buy? */
import { createHash } from "node:crypto";
import type { PackageFiles } from "../core/package/load.ts";

export const TINY_MODEL = "tiny";

export interface TinyPackage {
  readonly version: string;
  readonly files: Map<string, Uint8Array>;
}

interface TinyOptions {
  readonly weight?: number;
  readonly model?: string;
  /** Why it gives no reasons; absent: it does. */
  readonly noContributions?: string;
}

/** margin = `weight` x visits - 1; another weight is another version. */
export function tinyPackage({
  weight = 0.5,
  model = TINY_MODEL,
  noContributions,
}: TinyOptions = {}): TinyPackage {
  const columns = [
    { name: "Visits", input: "Visits", field: "Visits", op: "number", impute: 2, scale: null },
  ];
  const cuts = Array.from({ length: 100 }, (_, index) => Math.log((index + 0.5) / (99.5 - index)));
  const base64 = (values: number[]) => Buffer.from(new Float64Array(values).buffer).toString("base64");
  const spec = {
    specVersion: 1,
    name: model,
    title: "Will the lead buy?",
    leadId: { name: "Lead" },
    fields: [
      { name: "Visits", type: "number", knownAt: "engagement", unit: "visits" },
      { name: "Source", type: "category", knownAt: "at-creation" },
    ],
    features: [{ input: "Visits", encode: "number" }],
    target: {
      field: "Bought",
      kind: "binary",
      classes: [
        { name: "no", label: "Did not buy", values: ["no", "0"] },
        { name: "yes", label: "Bought", values: ["yes", "1", "TRUE"] },
      ],
    },
    tiers: [
      { name: "Hot", minimumProbability: 0.5, action: "Call" },
      { name: "Cold", action: "Write" },
    ],
  };
  const family = "logistic-regression";
  const common = { model, family, moment: "engagement", task: "binary" };
  const serving = {
    formatVersion: 1,
    ...common,
    classes: ["no", "yes"],
    columns,
    predictor: {
      kind: "linear",
      coefficients: { type: "float64", data: base64([weight]) },
      intercepts: { type: "float64", data: base64([-1]) },
    },
    calibration: { method: "platt", input: "margin", slope: 1, intercept: 0 },
    prediction: { cut: 0 },
    score: { scale: "probability", cuts },
    percentile: { cuts },
    tiers: [
      { name: "Hot", action: "Call", minimumProbability: 0.5, cut: 0 },
      { name: "Cold", action: "Write", minimumProbability: null, cut: null },
    ],
    explanation: {
      unit: "log-odds",
      ...(noContributions === undefined ? { baseline: [weight * 2 - 1], means: [2] } : { noContributions }),
    },
  };
  const golden = [0, 1, 2, 3, 4, 6].map((visits) => {
    const margin = -1 + weight * visits;
    const probability = 1 / (1 + Math.exp(-margin));
    const score = cuts.filter((cut) => cut <= margin).length;
    return {
      lead: { Visits: visits, Source: "Web" },
      features: [visits],
      margin: [margin],
      probability: [probability],
      score,
      percentile: score,
      prediction: margin >= 0 ? "yes" : "no",
      tier: margin >= 0 ? "Hot" : "Cold",
      ...(noContributions === undefined && { contributions: { Visits: [weight * (visits - 2)] } }),
      warnings: [],
    };
  });
  const profile = {
    formatVersion: 1,
    rows: 40,
    fields: {
      Source: { type: "category", rows: 40, missing: 0, counts: { Fair: 12, Web: 28 }, rare: 0 },
      Visits: {
        type: "number",
        rows: 40,
        missing: 0,
        quantiles: Array.from({ length: 101 }, (_, percent) => percent / 25),
        mean: 2,
        deviation: 1,
        integer: false,
      },
    },
  };
  const versioned = {
    "golden.jsonl": golden.map((row) => `${JSON.stringify(row)}\n`).join(""),
    "profile.json": `${JSON.stringify(profile)}\n`,
    "serving.json": `${JSON.stringify(serving)}\n`,
    "spec.json": `${JSON.stringify(spec)}\n`,
  };
  const card = `${JSON.stringify({ title: "A tiny model" })}\n`;
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const lines = Object.entries(versioned).map(([name, text]) => `${name}\0${sha256(text)}\n`);
  const version = sha256(lines.join("")).slice(0, 32);
  const texts = { ...versioned, "card.json": card };
  const manifest = {
    formatVersion: 1,
    ...common,
    version,
    createdAt: "2026-01-01T00:00:00Z",
    files: Object.fromEntries(
      Object.entries(texts).map(([name, text]) => [
        name,
        { sha256: sha256(text), bytes: Buffer.byteLength(text) },
      ]),
    ),
    data: {},
    libraries: {},
    seed: 0,
    threads: 1,
    parent: null,
    metrics: { logLoss: 0.5 },
    metricsNote: null,
  };
  const all = Object.entries({ ...texts, "manifest.json": `${JSON.stringify(manifest)}\n` });
  return { version, files: new Map(all.map(([name, text]) => [name, Buffer.from(text)])) };
}

export function filesOf({ files }: TinyPackage): PackageFiles {
  return { read: async (name) => files.get(name) };
}
