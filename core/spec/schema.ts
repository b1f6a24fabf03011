/** The shape of a feature spec, as docs/feature-spec.md tells it. What a shape cannot say is checked in semantics.ts. */
import * as z from "zod";
import { families } from "./families.ts";

const name = z.string().min(1).max(256).describe("A name as the source writes it.");
const text = z.string().max(10_000);
const label = z.string().min(1).max(256);
const aliases = z.array(name).max(100).describe("Other spellings of the header.");
const nullTokens = z.array(z.string().max(256)).max(1_000).describe('Texts that mean "missing".');
const normalise = z
  .array(z.enum(["trim", "collapse-spaces", "case-fold"]))
  .max(3)
  .describe("How a text is normalised before it is compared.");
const numberFormat = z
  .strictObject({
    decimal: z.enum([".", ","]),
    group: z.enum([",", ".", " ", "'"]).nullable().optional(),
    affixes: z
      .array(
        z
          .string()
          .min(1)
          .max(16)
          // Nothing that a number itself is written with, and no white space at the ends.
          .regex(/^[^\s\d+\-(),'](?:[^\d+\-(),']*[^\s\d+\-(),'])?$/),
      )
      .min(1)
      .max(20)
      .optional()
      .describe(
        "Texts such as $, EUR or % that may stand before or behind a number; they change nothing of it.",
      ),
    negativeInParentheses: z.boolean().optional().describe("Whether (12) is -12."),
  })
  .describe("How numbers are written; a text written otherwise is refused, never guessed.");
const groups = z
  .record(z.string().min(1).max(256), z.array(z.string().max(1_024)).max(10_000))
  .describe("Values to groups: the group's name, then its members.");
const names = z.array(name).min(1).max(1_000);

const derivation = [
  z.strictObject({ op: z.literal("sum"), fields: names }),
  z.strictObject({ op: z.literal("difference"), minuend: name, subtrahend: name }),
  z.strictObject({ op: z.literal("ratio"), numerator: name, denominator: name }),
  z.strictObject({
    op: z.literal("date-part"),
    field: name,
    part: z.enum(["year", "month", "day", "weekday", "hour"]),
  }),
  z.strictObject({ op: z.literal("days-between"), from: name, to: name }),
  z.strictObject({ op: z.literal("count-present"), fields: names }),
] as const;
const [sum, difference, ratio, datePart, daysBetween, countPresent] = derivation;
const map = z.strictObject({
  op: z.literal("map"),
  field: name,
  groups,
  other: z.string().min(1).optional(),
});

const orFrom = z
  .discriminatedUnion("op", [...derivation, map])
  .describe("Supplies the raw value when the lead does not carry the field itself.");

const derivedCommon = { name, label: label.optional(), unit: label.optional(), reasonField: name.optional() };
const derived = z.discriminatedUnion("op", [
  sum.extend(derivedCommon),
  difference.extend(derivedCommon),
  ratio.extend(derivedCommon),
  datePart.extend(derivedCommon),
  daysBetween.extend(derivedCommon),
  countPresent.extend(derivedCommon),
]);

const fieldCommon = {
  name,
  aliases: aliases.optional(),
  label: label.optional(),
  description: text.optional(),
  knownAt: z
    .enum(["at-creation", "engagement", "after-contact"])
    .describe("When the value exists. A model for a moment leaves out what is known later."),
  required: z.boolean().optional(),
  nullTokens: nullTokens.optional(),
  normalise: normalise.optional(),
  numberFormat: numberFormat.optional(),
  orFrom: orFrom.optional(),
};
const bounds = z
  .strictObject({
    min: z.number().optional(),
    max: z.number().optional(),
    beyond: z.enum(["clip", "warn", "reject"]),
  })
  .describe("What is plausible, and what happens beyond it.");
const tokens = z.array(z.string().min(1).max(256)).min(1).max(1_000);
const field = z.discriminatedUnion("type", [
  z.strictObject({
    ...fieldCommon,
    type: z.literal("number"),
    unit: label.optional(),
    bounds: bounds.optional(),
    missingAs: z.number().optional(),
  }),
  z.strictObject({
    ...fieldCommon,
    type: z.literal("integer"),
    unit: label.optional(),
    bounds: bounds.optional(),
    missingAs: z.int().optional(),
  }),
  z.strictObject({
    ...fieldCommon,
    type: z.literal("boolean"),
    trueTokens: tokens.optional(),
    falseTokens: tokens.optional(),
    missingAs: z.boolean().optional(),
  }),
  z.strictObject({
    ...fieldCommon,
    type: z.literal("category"),
    groups: groups.optional(),
    other: z.string().min(1).max(256).optional(),
    otherIsExpected: z.boolean().optional(),
    missingAs: z.string().min(1).max(256).optional(),
  }),
  z.strictObject({
    ...fieldCommon,
    type: z.literal("ordinal"),
    levels: z.array(z.string().min(1).max(256)).min(2).max(1_000),
    groups: groups.optional(),
    missingAs: z.string().min(1).max(256).optional(),
  }),
  z.strictObject({
    ...fieldCommon,
    type: z.literal("timestamp"),
    formats: z.array(z.string().min(1).max(64)).min(1).max(20).optional(),
    missingAs: z.number().optional(),
  }),
]);

const feature = z.strictObject({
  input: name.describe("A field's or derived value's name."),
  encode: z.enum(["number", "one-hot", "ordinal", "native"]),
  impute: z
    .union([
      z.enum(["median", "mean", "most-frequent", "own-category", "none"]),
      z.strictObject({ constant: z.number() }),
    ])
    .optional(),
  missingIndicator: z.boolean().optional(),
  scale: z.enum(["standard", "minmax", "none"]).optional(),
  minimumCount: z.int().min(1).max(1_000_000).optional(),
});

const targetClass = {
  name: z.string().min(1).max(256),
  label: label.optional(),
  values: z.array(z.string().max(1_024)).min(1).max(1_000).describe("The texts that mean this class."),
};
const targetCommon = {
  field: name,
  aliases: aliases.optional(),
  event: text.optional(),
  nullTokens: nullTokens
    .optional()
    .describe('Texts that mean "no outcome yet", beside the spec\'s null tokens.'),
  horizonInDays: z.number().positive().max(36_500).optional(),
  createdAt: name.optional(),
  maturity: z.enum(["labels-final", "horizon-elapsed"]).optional(),
};
const target = z.discriminatedUnion("kind", [
  z.strictObject({
    ...targetCommon,
    kind: z.literal("binary"),
    classes: z.array(z.strictObject(targetClass)).length(2).describe("Two classes; the second is the event."),
  }),
  z.strictObject({
    ...targetCommon,
    kind: z.literal("ordered"),
    classes: z
      .array(z.strictObject({ ...targetClass, weight: z.number().min(0).max(100) }))
      .min(3)
      .max(100)
      .describe("From worst to best; the weights make the score."),
  }),
]);

const tier = z.strictObject({
  name: z.string().min(1).max(256),
  class: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe("Ordered targets: the class whose probability counts."),
  minimumProbability: z.number().min(0).max(1).optional(),
  action: z.string().min(1).max(1_000),
});

const training = z.strictObject({
  metric: z.enum(["log-loss", "roc-auc", "pr-auc", "brier", "f1", "accuracy"]).optional(),
  holdOut: z
    .discriminatedUnion("by", [
      z.strictObject({ by: z.literal("random"), share: z.number().gt(0).lt(1).optional() }),
      z.strictObject({ by: z.literal("time"), share: z.number().gt(0).lt(1).optional(), field: name }),
    ])
    .optional(),
  folds: z.int().min(2).max(20).optional(),
  families: z.array(z.enum(families)).min(1).max(families.length).optional(),
});

export const specSchema = z
  .strictObject({
    $schema: z.string().max(1_000).optional(),
    specVersion: z.literal(1),
    name: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/)
      .describe("The model's name in paths and URLs."),
    title: z.string().min(1).max(256),
    description: text.optional(),
    notes: z.array(text).max(1_000).optional().describe("Decisions and their evidence."),
    leadId: z.strictObject({ name, aliases: aliases.optional() }).optional(),
    ignored: z
      .array(z.strictObject({ name, aliases: aliases.optional(), reason: text }))
      .max(1_000)
      .optional()
      .describe("Columns that are known and deliberately not used."),
    nullTokens: nullTokens.optional(),
    normalise: normalise.optional(),
    numberFormat: numberFormat.optional(),
    fields: z.array(field).min(1).max(1_000),
    derived: z.array(derived).max(1_000).optional(),
    features: z.array(feature).min(1).max(2_000),
    target,
    tiers: z.array(tier).min(1).max(20),
    score: z.strictObject({ scale: z.enum(["probability", "percentile"]) }).optional(),
    training: training.optional(),
  })
  .meta({ title: "Leadgauge feature spec", description: "How a company's leads become model inputs." });

export type FeatureSpec = z.infer<typeof specSchema>;
export type Field = FeatureSpec["fields"][number];
export type FieldOf<T extends Field["type"]> = Extract<Field, { type: T }>;
export type Derived = NonNullable<FeatureSpec["derived"]>[number];
export type Derivation = NonNullable<Field["orFrom"]>;
export type Feature = FeatureSpec["features"][number];
export type NumberFormat = NonNullable<FeatureSpec["numberFormat"]>;
export type Normalisation = NonNullable<FeatureSpec["normalise"]>[number];
