/** The shape of a spec document: what the schema says of it, in sentences. */
import * as z from "zod";
import type { JsonSchema } from "../json/json-schema.ts";
import type { Finding, Path } from "./problem.ts";
import { type FeatureSpec, specSchema } from "./schema.ts";
import { didYouMean } from "./suggest.ts";

let jsonSchema: JsonSchema | undefined;

/** The published JSON Schema, in the form in which people write a spec. Made when first asked for: only to explain a problem. */
export function specJsonSchema(): JsonSchema {
  jsonSchema ??= z.toJSONSchema(specSchema, { io: "input" }) as JsonSchema;
  return jsonSchema;
}

export type ShapeReading =
  | { readonly spec: FeatureSpec; readonly findings: readonly [] }
  | { readonly spec: undefined; readonly findings: readonly Finding[] };

export function readShape(document: unknown): ShapeReading {
  // Compiling validators pays off after many documents; a spec is read once.
  const parsed = specSchema.safeParse(document, { jitless: true });
  if (parsed.success) return { spec: parsed.data, findings: [] };
  const schema = specJsonSchema();
  return {
    spec: undefined,
    findings: parsed.error.issues.flatMap((issue) => findingsOf(issue, document, schema)),
  };
}

type Issue = z.core.$ZodIssue;

function findingsOf(issue: Issue, document: unknown, schema: JsonSchema): Finding[] {
  const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
  const value = valueAt(document, path);
  if (value === undefined && issue.code !== "unrecognized_keys" && path.length > 0) {
    return [{ path: path.slice(0, -1), message: `lacks the key "${path.at(-1)}", which is required.` }];
  }
  if (issue.code === "unrecognized_keys") {
    const place = schemaAt(schema, document, path);
    const allowed = Object.keys(place?.properties ?? {});
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `is not a key that is allowed here.${didYouMean(key, allowed)} Allowed are ${allowed.join(", ")}.`,
    }));
  }
  // An unknown discriminator is reported at its key: the union is one step above.
  const held = issue.code === "invalid_union" && issue.discriminator !== undefined ? path.slice(0, -1) : path;
  return [{ path, message: sentenceOf(issue, value, schemaAt(schema, document, held)) }];
}

function sentenceOf(issue: Issue, value: unknown, schema: JsonSchema | undefined): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${typeName(issue.expected)}; it is ${typeOf(value)}.`;
    case "invalid_value":
      return choice(value, issue.values);
    case "invalid_union": {
      const key = issue.discriminator;
      const values =
        key === undefined ? [] : unionMembers(schema).map((each) => each.properties?.[key]?.const);
      if (values.length > 0) return choice(value, values);
      const named = unionMembers(schema)
        .flatMap((each) => each.enum ?? [])
        .map(String);
      const guess = typeof value === "string" ? didYouMean(value, named) : "";
      const others = unionMembers(schema).some((each) => each.type === "object")
        ? ' or an object such as { "constant": 0 }'
        : "";
      return `must be one of ${named.join(", ")}${others}.${guess}`;
    }
    case "too_small":
      return `is too small or too short: ${limit(issue.origin, "at least", issue.minimum, issue.inclusive)}.`;
    case "too_big":
      return `is too large or too long: ${limit(issue.origin, "at most", issue.maximum, issue.inclusive)}.`;
    case "invalid_format":
      return issue.format === "regex"
        ? `must be 1 to 64 lower-case letters, digits and hyphens, with no hyphen at either end.`
        : `is not a valid ${issue.format}.`;
    default:
      return `${issue.message}.`;
  }
}

function choice(value: unknown, allowed: readonly unknown[]): string {
  const names = allowed.map(String);
  const guess = typeof value === "string" ? didYouMean(value, names) : "";
  return `is ${describe(value)}, which is not allowed.${guess} Allowed: ${names.join(", ")}.`;
}

function limit(
  origin: string,
  words: string,
  bound: number | bigint,
  inclusive: boolean | undefined,
): string {
  const unit = origin === "string" ? " characters" : origin === "array" ? " items" : "";
  return `${inclusive === false ? (words === "at least" ? "more than" : "less than") : words} ${bound}${unit} ${unit === "" ? "is" : "are"} allowed`;
}

function typeName(expected: string): string {
  const names: Record<string, string> = {
    string: "a text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    array: "a list",
    object: "an object",
    record: "an object",
  };
  return names[expected] ?? expected;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeName(typeof value);
}

function describe(value: unknown): string {
  return typeof value === "object" ? typeOf(value) : JSON.stringify(value);
}

function valueAt(document: unknown, path: Path): unknown {
  let value = document;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

function unionMembers(schema: JsonSchema | undefined): readonly JsonSchema[] {
  return schema?.anyOf ?? schema?.oneOf ?? [];
}

/** The part of the schema that a place of the document is held against. */
function schemaAt(schema: JsonSchema, document: unknown, path: Path): JsonSchema | undefined {
  let current: JsonSchema | undefined = schema;
  let value = document;
  for (const part of path) {
    const { properties, items, additionalProperties }: JsonSchema = memberFor(current, value) ?? {};
    value = valueAt(value, [part]);
    if (typeof part === "number") current = items;
    else if (properties !== undefined && Object.hasOwn(properties, part)) current = properties[part];
    else current = typeof additionalProperties === "object" ? additionalProperties : undefined;
  }
  return memberFor(current, valueAt(document, path)) ?? current;
}

/** Of a union, the member whose constants the value has. */
function memberFor(schema: JsonSchema | undefined, value: unknown): JsonSchema | undefined {
  if (unionMembers(schema).length === 0) return schema;
  return unionMembers(schema).find((member) => {
    const constants = Object.entries(member.properties ?? {}).filter(([, each]) => each.const !== undefined);
    return constants.length > 0 && constants.every(([key, each]) => valueAt(value, [key]) === each.const);
  });
}
