/**
 * The shapes that the API takes and gives. What is validated here is what the OpenAPI document shows. Imported only when a request
 * needs it: operations name their schemas.
 */
import * as z from "zod";
import type { RawLead } from "../../core/scoring/result.ts";
import { LEAD_ID, MAXIMUM_LEADS_PER_BATCH, MAXIMUM_OUTCOMES_PER_CALL, MAXIMUM_REASONS } from "./limits.ts";

export const leadId = z
  .string("The lead's id has to be a text; put a number in quotes.")
  .regex(LEAD_ID, "A lead's id has 1 to 256 characters and no control characters.")
  .meta({
    id: "LeadId",
    description: "The caller's own id of the lead; it comes back in the answer.",
    examples: ["L-1042"],
  });

/** How `fields` is documented; what a value may be is checked without a copy, which would cost more than the rest. */
export const fieldValues = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

export const fields = z
  .unknown()
  .check((context) => {
    const { value } = context;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      const message = 'The fields have to be an object: {"field name": value, ...}.';
      context.issues.push({ code: "custom", message, input: value });
      return;
    }
    for (const name in value) {
      const member = (value as RawLead)[name];
      if (typeof member !== "object" || member === null) continue;
      const message =
        "A field's value is a text, a number, true, false or null; it cannot hold further values.";
      context.issues.push({
        code: "custom",
        params: { code: "invalid_type" },
        path: [name],
        message,
        input: member,
      });
    }
  })
  .transform((value) => value as RawLead)
  .meta({
    id: "Fields",
    description:
      "Field names or their aliases to values. A missing or unknown field is a warning; a value that cannot be read as its type is an error. `GET /v1/models/{model}` has the JSON Schema of a model's fields.",
  });

/** What is said where an object is needed and something else was sent. */
function objectNeeded(example: string) {
  return (issue: { code?: string }) =>
    issue.code === "invalid_type" ? `An object is needed here: ${example}.` : undefined;
}

export const lead = z
  .strictObject(
    { leadId: leadId.nullish(), fields },
    { error: objectNeeded('{"leadId": "...", "fields": {...}}') },
  )
  .meta({ id: "Lead", description: "A lead to score." });

export const batch = z
  .strictObject(
    {
      leads: z
        .array(
          z
            .union([lead, z.unknown()])
            .meta({ description: "A lead; one that is none is rejected by itself." }),
          'The leads have to be an array: [{"leadId": "...", "fields": {...}}, ...].',
        )
        .min(1, "At least one lead is needed.")
        .max(
          MAXIMUM_LEADS_PER_BATCH,
          `At most ${MAXIMUM_LEADS_PER_BATCH} leads a call; send the rest in another call.`,
        ),
    },
    { error: objectNeeded('{"leads": [...]}') },
  )
  .meta({ id: "Batch" });

const reasonsMessage = `It has to be a whole number from 0 to ${MAXIMUM_REASONS}.`;

export const reasonsQuery = z.object({
  reasons: z
    .string()
    .regex(/^\d{1,2}$/, reasonsMessage)
    .transform(Number)
    .pipe(z.int().min(0).max(MAXIMUM_REASONS, reasonsMessage))
    .default(0)
    .meta({
      description:
        "Up to how many fields that raise the score, and as many that lower it, are told. Above 0 it is refused of a model with `noReasons`.",
      examples: [3],
    }),
});

const warning = z
  .object({
    code: z.enum(["missing_fields", "unseen_categories", "unknown_fields", "out_of_bounds"]),
    detail: z.string(),
    fields: z.array(z.string()),
  })
  .meta({ id: "Warning", description: "One for each kind, naming every field it concerns." });

const reason = z
  .object({
    field: z.string(),
    value: z
      .union([z.string(), z.number(), z.boolean(), z.null()])
      .meta({ description: "As it was used; null when missing." }),
    contribution: z.number().meta({ description: "In the model's raw output, whose unit is in the card." }),
    text: z.string(),
  })
  .meta({ id: "Reason" });

const reasons = z
  .object({
    raises: z.array(reason),
    lowers: z.array(reason),
    baseline: z.number(),
    other: z.number().meta({
      description: "What the fields that are not shown add, so that everything adds up to the raw output.",
    }),
  })
  .meta({ id: "Reasons" });

const probability = z.number().min(0).max(1);
const hundred = z.int().min(0).max(100);

const scoreMembers = {
  probability: probability.meta({
    description: "Calibrated. With ordered classes: that of the tier's class.",
  }),
  score: hundred,
  percentile: hundred.meta({ description: "The share of training leads whose score is not above this one." }),
  prediction: z.string().meta({ description: "The class." }),
  tier: z.string(),
  action: z.string(),
  completeness: probability.meta({ description: "The share of the model's fields that have a value." }),
  probabilities: z
    .record(z.string(), probability)
    .optional()
    .meta({ description: "With ordered classes only." }),
  confidence: probability
    .optional()
    .meta({ description: "The probability of `prediction`; with ordered classes only." }),
  reasons: reasons.optional().meta({ description: "When asked for." }),
  warnings: z.array(warning),
};

const modelVersion = z
  .object({ name: z.string(), version: z.string() })
  .meta({ id: "ModelVersion", description: "What scored: the version is the hash of all that serves." });
const echoedLeadId = z.string().nullable().meta({ description: "As it was sent; null when none was." });
const requestId = z.string();
const scoredAt = z.iso.datetime();

export const scoredLead = z
  .object({ leadId: echoedLeadId, ...scoreMembers, model: modelVersion, scoredAt, requestId })
  .meta({ id: "ScoredLead" });

export const problemDetail = z
  .object({
    pointer: z.string().meta({ description: "JSON Pointer into the body." }),
    code: z.string(),
    detail: z.string(),
  })
  .meta({ id: "ProblemDetail" });

const rejected = {
  status: z.literal("rejected"),
  errors: z.array(problemDetail).min(1),
};

export const batchResult = z
  .object({
    results: z.array(
      z.union([
        z
          .object({
            index: z.int().min(0),
            leadId: echoedLeadId,
            status: z.literal("scored"),
            ...scoreMembers,
          })
          .meta({ id: "ScoredBatchLead" }),
        z
          .object({ index: z.int().min(0), leadId: echoedLeadId, ...rejected })
          .meta({ id: "RejectedBatchLead" }),
      ]),
    ),
    summary: z.object({ leads: z.int(), scored: z.int(), rejected: z.int() }),
    model: modelVersion,
    scoredAt,
    requestId,
  })
  .meta({ id: "BatchResult", description: "One result a lead, in the order they were sent." });

/** The most that is asked of the shape of one outcome; its meaning is checked against the model. */
export const outcome = z
  .strictObject(
    {
      model: z
        .string("It has to be the name of a model.")
        .max(64)
        .meta({ examples: ["x-education"] }),
      leadId,
      outcome: z
        .union(
          [z.string().max(1_024), z.number(), z.boolean()],
          "It has to be a class of the model: a text, a number, true or false.",
        )
        .meta({ description: "A class of the model's target, or a value that means one.", examples: ["1"] }),
      occurredAt: z
        .string("It has to be a text such as 2026-01-31T09:30:00Z.")
        .max(64)
        .meta({
          description: "ISO 8601 with a zone, at most a day ahead.",
          examples: ["2026-01-31T09:30:00Z"],
        }),
      value: z
        .number("It has to be a finite number.")
        .optional()
        .meta({ description: "What it was worth, in the caller's unit." }),
    },
    { error: objectNeeded('{"model": "...", "leadId": "...", "outcome": "...", "occurredAt": "..."}') },
  )
  .meta({ id: "Outcome", description: "What became of a lead." });

export const outcomes = z
  .strictObject(
    {
      outcomes: z
        .array(
          z
            .union([outcome, z.unknown()])
            .meta({ description: "An outcome; one that is none is rejected by itself." }),
          "The outcomes have to be an array.",
        )
        .min(1, "At least one outcome is needed.")
        .max(
          MAXIMUM_OUTCOMES_PER_CALL,
          `At most ${MAXIMUM_OUTCOMES_PER_CALL} outcomes a call; send the rest in another call.`,
        ),
    },
    { error: objectNeeded('{"outcomes": [...]}') },
  )
  .meta({ id: "Outcomes" });

const outcomeStatus = z.enum(["recorded", "unchanged", "updated", "superseded"]);

export const outcomesResult = z
  .object({
    results: z.array(
      z.union([
        z
          .object({ index: z.int().min(0), leadId: echoedLeadId, status: outcomeStatus })
          .meta({ id: "TakenOutcome" }),
        z
          .object({ index: z.int().min(0), leadId: echoedLeadId, ...rejected })
          .meta({ id: "RejectedOutcome" }),
      ]),
    ),
    summary: z.object({
      outcomes: z.int(),
      recorded: z.int(),
      unchanged: z.int(),
      updated: z.int(),
      superseded: z.int(),
      rejected: z.int(),
    }),
    requestId,
  })
  .meta({ id: "OutcomesResult" });

export const health = z
  .object({
    status: z.enum(["ok", "degraded", "unavailable"]),
    models: z.array(
      z.object({
        model: z.string(),
        status: z
          .enum(["ok", "degraded", "unavailable"])
          .meta({ description: "`degraded`: it is served, but not as it should be." }),
        version: z.string().nullable(),
        problem: z.string().optional(),
      }),
    ),
  })
  .meta({ id: "Health" });

const tier = z
  .object({
    name: z.string(),
    action: z.string(),
    class: z.string().optional(),
    minimumProbability: probability.nullable(),
  })
  .meta({ id: "Tier" });

const modelMembers = {
  name: z.string(),
  title: z.string(),
  version: z.string(),
  number: z.int().min(1).meta({ description: "What people call the version: 2 for v2." }),
  task: z.enum(["binary", "ordered"]),
  classes: z.array(z.object({ name: z.string(), label: z.string() })),
  tiers: z.array(tier),
  noReasons: z.string().nullable().meta({
    description: "Why a call that asks for reasons is refused; null: it is not.",
  }),
  registeredAt: z.iso.datetime(),
};

export const modelList = z
  .object({ models: z.array(z.object(modelMembers).meta({ id: "ModelSummary" })) })
  .meta({ id: "ModelList" });

export const openApiQuery = z.object({
  version: z
    .enum(["3.1", "3.0"], "It has to be 3.1 or 3.0.")
    .default("3.1")
    .meta({ description: "Of OpenAPI." }),
});
export const openApiAnswer = z.record(z.string(), z.unknown());

const anyObject = z.record(z.string(), z.unknown());

export const modelDetail = z
  .object({
    ...modelMembers,
    family: z.string(),
    moment: z.string().meta({ description: "Fields known later than this moment are not used." }),
    explanationUnit: z.string().meta({ description: "The unit of contributions." }),
    metrics: anyObject.meta({ description: "On the hold-out." }),
    metricsNote: z.string().nullable(),
    card: anyObject
      .nullable()
      .meta({ description: "The model card; null when the package was made without one." }),
    inputSchema: anyObject.meta({ description: "The JSON Schema of `fields`." }),
    exampleLead: anyObject.nullable().meta({ description: "Fields that can be scored as they are." }),
  })
  .meta({ id: "ModelDetail" });

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().meta({ description: "The id of the request." }),
    errors: z.array(problemDetail).optional(),
    line: z.int().optional(),
    column: z.int().optional(),
    parameter: z.string().optional(),
  })
  .meta({ id: "Problem", description: "RFC 9457 problem details." });
