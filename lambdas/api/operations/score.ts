import type * as z from "zod";
import { CANARY_LEAD_ID } from "../../../core/capture/canary-lead.ts";
import { knownFields, type Prediction } from "../../../core/capture/prediction.ts";
import { isoNow } from "../../../core/iso-now.ts";
import type { Champion } from "../../../core/registry/champions.ts";
import type { FieldError, RawLead, Score } from "../../../core/scoring/result.ts";
import { scoreTogether } from "../../../core/scoring/score-together.ts";
import { acceptBatch, acceptLead, acceptReasons, type LeadBody } from "../accept-request.ts";
import { MAXIMUM_LEADS_PER_BATCH } from "../limits.ts";
import { type Call, jsonReply, operation, type Reply } from "../operation.ts";
import { Problem, type ProblemDetail, pointerTo } from "../problem.ts";
import { detailsOf, invalidParameter } from "../read-request.ts";
import { requireChampion } from "./champion.ts";

export const scoreLead = operation({
  id: "scoreLead",
  method: "POST",
  path: "/v1/models/{model}/score",
  tag: "Scoring",
  summary: "Score one lead",
  description:
    "Answers with a calibrated probability, the tier with its action and, if asked for, the fields that raise and lower it.",
  query: "reasonsQuery",
  body: "lead",
  acceptQuery: acceptReasons,
  acceptBody: acceptLead,
  answers: [{ status: 200, description: "The lead's score.", schema: "scoredLead" }],
  problems: ["unknown-model", "invalid-request", "invalid-lead", "model-unavailable"],
  answer(call): Reply | Promise<Reply> {
    // Almost always the model is there already: then there is nothing to wait for.
    const champion = call.dependencies.champions.current(call.model);
    return champion === undefined
      ? requireChampion(call).then((found) => score(call, found))
      : score(call, champion);
  },
});

type ScoreCall = Call<{ reasons: number }, LeadBody>;

function score(call: ScoreCall, { model }: Champion): Reply | Promise<Reply> {
  const { body, query, requestId } = call;
  const { leadId = null, fields } = body;
  checkReasons(model, query.reasons);
  const result = model.score(fields, query.reasons);
  if (result.status === "rejected") {
    call.dependencies.telemetry?.scored(model, [], 1);
    const count = result.errors.length;
    throw new Problem(
      "invalid-lead",
      `${count} ${count === 1 ? "field" : "fields"} of the lead cannot be used.`,
      {
        errors: detailsOfLead(result.errors, "fields"),
      },
    );
  }
  const scoredAt = isoNow();
  const reply = jsonReply({
    leadId,
    ...membersOf(result),
    model: { name: model.name, version: model.version },
    scoredAt,
    requestId,
  });
  return keep(call, model, scoredAt, [{ index: 0, leadId, fields, result }], 0, reply);
}

/** Who asks for reasons is not to take an answer without them for a lead without reasons. */
function checkReasons({ name, noReasons }: Champion["model"], reasons: number): void {
  if (reasons === 0 || noReasons === null) return;
  throw invalidParameter(
    "reasons",
    `${name} gives no reasons: ${noReasons}. Leave reasons out, or ask for 0.`,
  );
}

interface ScoredLead {
  readonly index: number;
  readonly leadId: string | null;
  readonly fields: RawLead;
  readonly result: Score;
}

/** The reply, once its predictions are kept: Lambda would not run on after it. */
function keep(
  { dependencies: { predictions, telemetry }, requestId }: Call<unknown, unknown>,
  model: Champion["model"],
  scoredAt: string,
  leads: readonly ScoredLead[],
  rejected: number,
  reply: Reply,
): Reply | Promise<Reply> {
  if (leads.length === 1 && leads[0]?.leadId === CANARY_LEAD_ID) return reply;
  telemetry?.scored(
    model,
    leads.map(({ result }) => result.score),
    rejected,
  );
  if (predictions === undefined || leads.length === 0) return reply;
  const kept = leads.map(
    ({ index, leadId, fields, result }): Prediction => ({
      predictionId: `${requestId}-${index}`,
      requestId,
      leadId,
      model: model.name,
      modelVersion: model.version,
      scoredAt,
      fields: knownFields(model, fields),
      result,
    }),
  );
  return predictions.record(kept).then(() => reply);
}

export const scoreBatch = operation({
  id: "scoreBatch",
  method: "POST",
  path: "/v1/models/{model}/score-batch",
  tag: "Scoring",
  summary: `Score up to ${MAXIMUM_LEADS_PER_BATCH} leads`,
  description:
    "Answers with one result a lead, in order. A lead that cannot be scored is rejected by itself, with what is wrong with it.",
  query: "reasonsQuery",
  body: "batch",
  acceptQuery: acceptReasons,
  acceptBody: acceptBatch,
  answers: [{ status: 200, description: "One result a lead.", schema: "batchResult" }],
  problems: ["unknown-model", "invalid-request", "model-unavailable"],
  async answer(call) {
    const { model } = await requireChampion(call);
    checkReasons(model, call.query.reasons);
    const scored: ScoredLead[] = [];
    const results: object[] = [];
    const given = readLeads(call.body.leads, await leadReader(call.body.leads));
    for (const [lead, result] of scoreTogether(given, model.startLeads(call.query.reasons))) {
      const { index, leadId, fields } = lead;
      if (result?.status === "scored") {
        scored.push({ index, leadId, fields, result });
        results.push({ index, leadId, status: "scored", ...membersOf(result) });
      } else {
        const errors = result ? detailsOfLead(result.errors, "leads", index, "fields") : lead.errors;
        results.push({ index, leadId, status: "rejected", errors });
      }
    }
    const leads = results.length;
    const rejected = leads - scored.length;
    const scoredAt = isoNow();
    const reply = jsonReply({
      results,
      summary: { leads, scored: scored.length, rejected },
      model: { name: model.name, version: model.version },
      scoredAt,
      requestId: call.requestId,
    });
    return keep(call, model, scoredAt, scored, rejected, reply);
  },
});

interface GivenLead {
  readonly index: number;
  readonly leadId: string | null;
  readonly fields: RawLead;
  /** What is wrong with its form; then it has no fields to score. */
  readonly errors?: readonly ProblemDetail[];
}

/** Each with its fields, unless it is no lead. */
function* readLeads(
  leads: readonly unknown[],
  readLead: (given: unknown) => LeadReading,
): Generator<readonly [GivenLead, RawLead | undefined]> {
  for (const [index, given] of leads.entries()) {
    const parsed = readLead(given);
    if (parsed.success) {
      const { leadId = null, fields } = parsed.data;
      yield [{ index, leadId, fields }, fields];
    } else {
      const errors = detailsOf(parsed.error, "leads", index);
      yield [{ index, leadId: leadIdOf(given), fields: {}, errors }, undefined];
    }
  }
}

type LeadReading =
  | { readonly success: true; readonly data: LeadBody }
  | { readonly success: false; readonly error: z.ZodError };

/** What reads these leads one by one: the schema where one of them is not in order. */
async function leadReader(leads: readonly unknown[]): Promise<(given: unknown) => LeadReading> {
  if (leads.every((given) => acceptLead(given) !== undefined)) {
    return (given) => ({ success: true, data: given as LeadBody });
  }
  const { lead } = await import("../schemas.ts");
  return (given) => lead.safeParse(given);
}

/** Named one by one, so that the answer has the order of the documentation and nothing that is only internal. */
function membersOf(score: Score) {
  return {
    probability: score.probability,
    score: score.score,
    percentile: score.percentile,
    prediction: score.prediction,
    tier: score.tier,
    action: score.action,
    completeness: score.completeness,
    probabilities: score.probabilities,
    confidence: score.confidence,
    reasons: score.reasons,
    warnings: score.warnings,
  };
}

function detailsOfLead(
  errors: readonly FieldError[],
  ...base: readonly (string | number)[]
): ProblemDetail[] {
  return errors.map(({ code, field, detail }) => ({ pointer: pointerTo(...base, field), code, detail }));
}

/** The caller's own id, if there is one to find in what it sent. */
export function leadIdOf(given: unknown): string | null {
  if (typeof given !== "object" || given === null || !("leadId" in given)) return null;
  return typeof given.leadId === "string" ? given.leadId.slice(0, 256).toWellFormed() : null;
}
