/** The cases of reading leads that both languages run: test/cases/lead-parsing.json. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readSpec } from "../spec/read-spec.ts";
import type { FeatureSpec } from "../spec/schema.ts";
import { LeadReader } from "./lead-reader.ts";
import { BEYOND_BOUNDS, type LeadValues, PRESENT, UNSEEN } from "./values.ts";

type Case = readonly [raw: unknown, answer: unknown, warning?: string];
interface Cases {
  readonly cells: readonly { about: string; spec: object; field: { type: string }; cases: readonly Case[] }[];
  readonly leads: readonly { about: string; spec: object; cases: readonly LeadCase[] }[];
}
interface LeadCase {
  readonly lead: Record<string, unknown>;
  readonly values?: Record<string, unknown>;
  readonly errors?: Record<string, string>;
  readonly warnings?: Record<string, string[]>;
  readonly unknown?: string[];
}

const cases = JSON.parse(
  readFileSync(new URL("../../test/cases/lead-parsing.json", import.meta.url), "utf8"),
) as Cases;

function specOf(parts: object): FeatureSpec {
  const { fields: given } = parts as { fields: { name: string; type: string }[] };
  const fields = given.map((field) => ({
    knownAt: "at-creation",
    ...field,
  }));
  const document = {
    specVersion: 1,
    name: "sample",
    title: "A sample",
    features: fields.slice(0, 1).map(({ name, type }) => ({ input: name, encode: encodingOf(type) })),
    target: {
      field: "label",
      kind: "binary",
      classes: [
        { name: "no", values: ["0"] },
        { name: "yes", values: ["1"] },
      ],
    },
    tiers: [{ name: "All", action: "Look" }],
    ...parts,
    fields,
  };
  const { spec, problems } = readSpec(JSON.stringify(document));
  if (spec === undefined) throw new Error(JSON.stringify(problems));
  return spec;
}

function encodingOf(type: string): string {
  return type === "category" ? "one-hot" : type === "ordinal" ? "ordinal" : "number";
}

function unpack(raw: unknown): unknown {
  if (typeof raw !== "object" || raw === null || !("repeat" in raw)) return raw;
  const [text, times] = raw.repeat as [string, number];
  return text.repeat(times);
}

function readValue({ numbers, categories }: LeadValues, spec: FeatureSpec, name: string): unknown {
  const slot = [...spec.fields, ...(spec.derived ?? [])].findIndex((each) => each.name === name);
  if (spec.fields[slot]?.type === "category") return categories[slot];
  const number = numbers[slot] as number;
  return Number.isNaN(number) ? null : number;
}

describe("cells", () => {
  it.each(cases.cells)("$about", ({ spec: parts, field, cases: rows }) => {
    const spec = specOf({ ...parts, fields: [{ name: "x", ...field }] });
    const reader = new LeadReader(spec, new Map());
    const values = reader.emptyValues();
    for (const [raw, answer, warning] of rows) {
      const cell = unpack(raw);
      // Twice: the second time from what was remembered; and by position, as in a file.
      for (const read of [
        () => reader.readLead({ x: cell }, values).errors,
        () => reader.readLead({ x: cell }, values).errors,
        () => reader.readCells([cell as string], Int32Array.of(0), ["x"], values),
      ]) {
        const [error] = read();
        const flags = values.flags[0] as number;
        const found = error === undefined ? readValue(values, spec, "x") : { error: error.code };
        expect(found, JSON.stringify(raw)).toEqual(unpack(answer));
        const warned =
          flags & UNSEEN ? "unseen_categories" : flags & BEYOND_BOUNDS ? "out_of_bounds" : undefined;
        if (error === undefined) expect(warned, JSON.stringify(raw)).toBe(warning);
      }
    }
  });
});

describe("leads", () => {
  it.each(cases.leads)("$about", ({ spec: parts, cases: rows }) => {
    const spec = specOf(parts);
    const reader = new LeadReader(spec, new Map());
    const read = reader.emptyValues();
    for (const { lead, values = {}, errors = {}, warnings = {}, unknown = [] } of rows) {
      const about = JSON.stringify(lead);
      const reading = reader.readLead(lead, read);
      expect(
        reading.errors.map(({ code }) => code),
        about,
      ).toEqual(Object.values(errors));
      expect(reading.unknownKeys, about).toEqual(unknown);
      if (reading.errors.length > 0) continue;
      for (const [name, value] of Object.entries(values))
        expect(readValue(read, spec, name), `${name} of ${about}`).toEqual(value);
      const { flags } = read;
      const flagged = (flag: number) =>
        spec.fields.filter((_, slot) => (flags[slot] as number) & flag).map(({ name }) => name);
      expect(flagged(UNSEEN), about).toEqual(warnings.unseen_categories ?? []);
      expect(flagged(BEYOND_BOUNDS), about).toEqual(warnings.out_of_bounds ?? []);
      const isMissing = (slot: number) =>
        ((flags[slot] as number) & PRESENT) === 0 && spec.fields[slot]?.missingAs === undefined;
      const missing = spec.fields.filter((_, slot) => isMissing(slot)).map(({ name }) => name);
      if (warnings.missing_fields !== undefined) expect(missing, about).toEqual(warnings.missing_fields);
    }
  });
});
