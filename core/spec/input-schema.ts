/** The JSON Schema of a lead's fields, as a caller sends them. */
import { timestampExample } from "../lead/timestamp.ts";
import type { FeatureSpec, Field } from "./schema.ts";

export interface LeadJsonSchema {
  readonly type: "object";
  readonly title: string;
  readonly description: string;
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly required: readonly string[];
  /** Unknown fields are warned of, not refused. */
  readonly additionalProperties: true;
}

const knownAt = {
  "at-creation": "Known when the lead is created.",
  engagement: "Known once the lead has been active.",
  "after-contact": "Known after contact only.",
} as const;
const maximumValuesTold = 30;

export function inputJsonSchema(spec: FeatureSpec): LeadJsonSchema {
  return {
    type: "object",
    title: `A lead for ${spec.title}`,
    description: "Numbers, texts, true, false or null. A field that is left out, null or empty is missing.",
    properties: Object.fromEntries(spec.fields.map((field) => [field.name, propertyOf(field)])),
    required: spec.fields.filter(({ required }) => required).map(({ name }) => name),
    additionalProperties: true,
  };
}

function propertyOf(field: Field): Record<string, unknown> {
  const { label = field.name, description, aliases = [] } = field;
  const about = [
    description,
    "unit" in field && field.unit !== undefined ? `In ${field.unit}.` : undefined,
    valuesOf(field),
    knownAt[field.knownAt],
    aliases.length > 0 ? `Also spelt ${aliases.join(", ")}.` : undefined,
  ];
  return {
    title: label,
    description: about.filter((part) => part !== undefined).join(" "),
    type: typesOf(field),
    ...limits(field),
  };
}

/** Every field may be a text, as in a file, or null; only what JSON types say is said, as texts are read by the spec's rules. */
function typesOf({ type }: Field): string[] {
  switch (type) {
    case "number":
      return ["number", "string", "null"];
    case "integer":
      return ["integer", "string", "null"];
    case "boolean":
    case "category":
    case "ordinal":
      return ["string", "boolean", "number", "null"];
    case "timestamp":
      return ["string", "number", "null"];
  }
}

function limits(field: Field): Record<string, unknown> {
  if ((field.type !== "number" && field.type !== "integer") || field.bounds?.beyond !== "reject") return {};
  const { min, max } = field.bounds;
  return { ...(min === undefined ? {} : { minimum: min }), ...(max === undefined ? {} : { maximum: max }) };
}

function valuesOf(field: Field): string | undefined {
  switch (field.type) {
    case "boolean": {
      const { trueTokens = ["true", "yes", "1"], falseTokens = ["false", "no", "0"] } = field;
      return `True: ${trueTokens.join(", ")}; false: ${falseTokens.join(", ")}.`;
    }
    case "ordinal":
      return `From low to high: ${field.levels.join(", ")}.`;
    case "timestamp":
      return `A date or time such as ${(field.formats ?? ["iso"]).map(timestampExample).join(" or ")}.`;
    case "category": {
      const groups = Object.keys(field.groups ?? {});
      if (groups.length === 0) return undefined;
      const more = groups.length > maximumValuesTold ? ", …" : "";
      return `Grouped into ${groups.slice(0, maximumValuesTold).join(", ")}${more}.`;
    }
    default:
      return undefined;
  }
}
