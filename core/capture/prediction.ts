/** What is kept of a score: enough to train on later what was known then, and to answer for it. */

import { HeaderIndex } from "../lead/header-index.ts";
import type { LoadedModel } from "../package/load.ts";
import type { RawLead, Score } from "../scoring/result.ts";

export interface Prediction {
  /** The request's id and the lead's index in it: the same for every copy of this prediction. */
  readonly predictionId: string;
  readonly requestId: string;
  readonly leadId: string | null;
  readonly model: string;
  readonly modelVersion: string;
  /** ISO 8601, UTC. */
  readonly scoredAt: string;
  /** Under the names of the spec's fields, as the caller sent them. What the spec does not know is not kept. */
  readonly fields: RawLead;
  readonly result: Score;
}

/** Of the columns of the table of predictions, in order; `lib/config/predictions-table.ts` declares them to Glue. */
export const predictionColumns = {
  prediction_id: "string",
  request_id: "string",
  lead_id: "string",
  model: "string",
  model_version: "string",
  scored_at: "string",
  fields: "string",
  probability: "double",
  score: "int",
  percentile: "int",
  prediction: "string",
  tier: "string",
  action: "string",
  completeness: "double",
  probabilities: "string",
  warnings: "string",
} as const;

export type PredictionRow = {
  readonly [Name in keyof typeof predictionColumns]: (typeof predictionColumns)[Name] extends "string"
    ? string | null
    : number;
};

/** One line of JSON with its line feed: the table's row. `fields`, `probabilities` and `warnings` are JSON texts in it. */
export function predictionLine({ result, fields, ...prediction }: Prediction): string {
  const row: PredictionRow = {
    prediction_id: prediction.predictionId,
    request_id: prediction.requestId,
    lead_id: prediction.leadId,
    model: prediction.model,
    model_version: prediction.modelVersion,
    scored_at: prediction.scoredAt,
    fields: JSON.stringify(fields),
    probability: result.probability,
    score: result.score,
    percentile: result.percentile,
    prediction: result.prediction,
    tier: result.tier,
    action: result.action,
    completeness: result.completeness,
    probabilities: result.probabilities === undefined ? null : JSON.stringify(result.probabilities),
    warnings: JSON.stringify(result.warnings.map(({ code }) => code)),
  };
  return `${JSON.stringify(row)}\n`;
}

const indexes = new WeakMap<LoadedModel, HeaderIndex>();

/** The lead's values that the model's spec knows, by the names that the spec gives them. */
export function knownFields(model: LoadedModel, lead: RawLead): RawLead {
  let index = indexes.get(model);
  if (index === undefined) {
    index = new HeaderIndex(model.spec);
    indexes.set(model, index);
  }
  const known: Record<string, unknown> = {};
  for (const key in lead) {
    const field = model.spec.fields[index.meaningOf(key)];
    if (field !== undefined) known[field.name] = lead[key];
  }
  return known;
}
