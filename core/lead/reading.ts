/** What the readers of all types of field share (docs/feature-spec.md, rules 1 and 2). */
import type { FieldErrorCode } from "../scoring/result.ts";
import type { FeatureSpec, Field } from "../spec/schema.ts";
import { defaultNumberFormat } from "./number.ts";
import { normaliser } from "./text.ts";
import type { LeadValues } from "./values.ts";

export interface Problem {
  readonly code: FieldErrorCode;
  readonly detail: string;
}

export interface FieldReader {
  /** Writes one slot. `raw` may be anything; undefined and null are missing. Answers why the lead must be rejected, if so. */
  read(raw: unknown, into: LeadValues, slot: number): Problem | undefined;
}

export function normalisation(spec: FeatureSpec, field: Field): (text: string) => string {
  return normaliser(field.normalise ?? spec.normalise ?? ["trim", "collapse-spaces"]);
}

export function numberFormat(spec: FeatureSpec, field: Field) {
  return field.numberFormat ?? spec.numberFormat ?? defaultNumberFormat;
}

export function nullTokens(spec: FeatureSpec, field: Field): ReadonlySet<string> {
  return new Set([...(spec.nullTokens ?? []), ...(field.nullTokens ?? [])].map(normalisation(spec, field)));
}

export function writeMissing(into: LeadValues, slot: number, flags = 0): undefined {
  into.numbers[slot] = Number.NaN;
  into.categories[slot] = null;
  into.flags[slot] = flags;
}

export function writeNumber(into: LeadValues, slot: number, value: number, flags: number): undefined {
  into.numbers[slot] = value;
  into.flags[slot] = flags;
}

export function invalidType(raw: unknown): Problem {
  const found = Array.isArray(raw) ? "an array" : raw === null ? "null" : `a value of type ${typeof raw}`;
  return { code: "invalid_type", detail: `is ${found}; give a text, a number, true, false or null` };
}

export function invalidText(detail: string): Problem {
  return { code: "invalid_text", detail };
}
