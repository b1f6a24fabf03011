/** Raw values to values, one reader a field, by rules 1 to 9 of docs/feature-spec.md. Compiled once, then called a million times. */
import type { FieldErrorCode } from "../scoring/result.ts";
import type { FeatureSpec, Field, FieldOf, NumberFormat } from "../spec/schema.ts";
import { defaultNumberFormat, numberParser, plainDecimalParser } from "./number.ts";
import { caseFold, normaliser, textProblem } from "./text.ts";
import { timestampOfNumber, timestampParser } from "./timestamp.ts";
import { BEYOND_BOUNDS, type CategoryCodes, type LeadValues, PRESENT, UNSEEN } from "./values.ts";

export interface Problem {
  readonly code: FieldErrorCode;
  readonly detail: string;
}

export interface FieldReader {
  /** Writes one slot. `raw` may be anything; undefined and null are missing. Answers why the lead must be rejected, if so. */
  read(raw: unknown, into: LeadValues, slot: number): Problem | undefined;
}

export function fieldReader(spec: FeatureSpec, field: Field, codes: CategoryCodes | undefined): FieldReader {
  switch (field.type) {
    case "number":
    case "integer":
      return new NumberReader(spec, field);
    case "timestamp":
      return new TimestampReader(spec, field);
    case "boolean":
      return new WordReader(spec, field, booleanWords(spec, field));
    case "category":
      return new WordReader(spec, field, categoryWords(spec, field, codes));
    case "ordinal":
      return new WordReader(spec, field, ordinalWords(spec, field));
  }
}

function normalisation(spec: FeatureSpec, field: Field): (text: string) => string {
  return normaliser(field.normalise ?? spec.normalise ?? ["trim", "collapse-spaces"]);
}

function numberFormat(spec: FeatureSpec, field: Field) {
  return field.numberFormat ?? spec.numberFormat ?? defaultNumberFormat;
}

function nullTokens(spec: FeatureSpec, field: Field): ReadonlySet<string> {
  return new Set([...(spec.nullTokens ?? []), ...(field.nullTokens ?? [])].map(normalisation(spec, field)));
}

function writeMissing(into: LeadValues, slot: number, flags = 0): undefined {
  into.numbers[slot] = Number.NaN;
  into.categories[slot] = null;
  into.flags[slot] = flags;
}

function writeNumber(into: LeadValues, slot: number, value: number, flags: number): undefined {
  into.numbers[slot] = value;
  into.flags[slot] = flags;
}

function invalidType(raw: unknown): Problem {
  const found = Array.isArray(raw) ? "an array" : raw === null ? "null" : `a value of type ${typeof raw}`;
  return { code: "invalid_type", detail: `is ${found}; give a text, a number, true, false or null` };
}

function invalidText(detail: string): Problem {
  return { code: "invalid_text", detail };
}

class NumberReader implements FieldReader {
  readonly #parse: (text: string) => number;
  readonly #parsePlain: ((text: string) => number) | undefined;
  readonly #normalise: (text: string) => string;
  readonly #nullTokens: ReadonlySet<string>;
  readonly #isInteger: boolean;
  readonly #bounds: FieldOf<"number">["bounds"];
  readonly #notANumber: Problem;

  constructor(spec: FeatureSpec, field: FieldOf<"number"> | FieldOf<"integer">) {
    const format = numberFormat(spec, field);
    const parsePlain = plainDecimalParser(format);
    this.#parse = numberParser(format);
    this.#normalise = normalisation(spec, field);
    this.#nullTokens = nullTokens(spec, field);
    // A null token that reads as a number ("999") must be looked for before any text is read as one.
    const hasNumericToken = [...this.#nullTokens].some((token) => !Number.isNaN(this.#parse(token)));
    this.#parsePlain = hasNumericToken ? undefined : parsePlain;
    this.#isInteger = field.type === "integer";
    this.#bounds = field.bounds;
    const marks =
      format.group == null ? "no group marks" : `"${format.group}" between groups of three digits, or none`;
    this.#notANumber = {
      code: this.#isInteger ? "invalid_integer" : "invalid_number",
      detail: `is not a number: digits with "${format.decimal}" as the decimal mark and ${marks} are allowed${alsoAllowed(format)}`,
    };
  }

  read(raw: unknown, into: LeadValues, slot: number): Problem | undefined {
    if (typeof raw === "string") {
      const plain = this.#parsePlain === undefined ? Number.NaN : this.#parsePlain(raw);
      return Number.isNaN(plain) ? this.#readText(raw, into, slot) : this.#accept(plain, into, slot);
    }
    if (typeof raw === "number") return this.#accept(raw + 0, into, slot);
    if (raw == null) return writeMissing(into, slot);
    return typeof raw === "boolean" ? this.#notANumber : invalidType(raw);
  }

  #readText(text: string, into: LeadValues, slot: number): Problem | undefined {
    if (text === "") return writeMissing(into, slot);
    const problem = textProblem(text);
    if (problem !== undefined) return invalidText(problem);
    if (text.trim() === "" || this.#nullTokens.has(this.#normalise(text))) return writeMissing(into, slot);
    return this.#accept(this.#parse(text), into, slot);
  }

  #accept(value: number, into: LeadValues, slot: number): Problem | undefined {
    if (Number.isNaN(value)) return this.#notANumber;
    if (!Number.isFinite(value)) {
      return { code: this.#notANumber.code, detail: "is not a finite number of double precision" };
    }
    if (this.#isInteger && !Number.isSafeInteger(value)) {
      return {
        code: "invalid_integer",
        detail: "is not a whole number between -9007199254740991 and 9007199254740991",
      };
    }
    const bounds = this.#bounds;
    if (bounds !== undefined) {
      const bound =
        bounds.min !== undefined && value < bounds.min
          ? bounds.min
          : bounds.max !== undefined && value > bounds.max
            ? bounds.max
            : undefined;
      if (bound !== undefined) {
        if (bounds.beyond === "reject") return outOfBounds(bounds);
        const used = bounds.beyond === "clip" ? bound : value;
        return writeNumber(into, slot, used, PRESENT | BEYOND_BOUNDS);
      }
    }
    return writeNumber(into, slot, value, PRESENT);
  }
}

function alsoAllowed({ affixes = [], negativeInParentheses }: NumberFormat): string {
  const before = affixes.length === 0 ? "" : `, with ${affixes.join(" or ")} before or behind`;
  return negativeInParentheses === true ? `${before}, in parentheses if negative` : before;
}

function outOfBounds({ min, max }: { min?: number | undefined; max?: number | undefined }): Problem {
  const allowed =
    min !== undefined && max !== undefined
      ? `${min} to ${max}`
      : min !== undefined
        ? `${min} or more`
        : `${max} or less`;
  return { code: "out_of_bounds", detail: `is out of bounds: ${allowed} is allowed` };
}

class TimestampReader implements FieldReader {
  readonly #formats: readonly string[];
  readonly #parsers: readonly ((text: string) => number)[];
  readonly #normalise: (text: string) => string;
  readonly #nullTokens: ReadonlySet<string>;
  readonly #problem: Problem;

  constructor(spec: FeatureSpec, field: FieldOf<"timestamp">) {
    this.#formats = field.formats ?? ["iso"];
    const parseNumber = numberParser(numberFormat(spec, field));
    this.#parsers = this.#formats.map((format) => timestampParser(format, parseNumber));
    this.#normalise = normalisation(spec, field);
    this.#nullTokens = nullTokens(spec, field);
    this.#problem = {
      code: "invalid_timestamp",
      detail: `is not a date that exists in one of the formats ${this.#formats.join(", ")}, of the years 1 to 9999`,
    };
  }

  read(raw: unknown, into: LeadValues, slot: number): Problem | undefined {
    if (raw == null) return writeMissing(into, slot);
    if (typeof raw === "string") {
      const problem = textProblem(raw);
      if (problem !== undefined) return invalidText(problem);
      if (raw.trim() === "" || this.#nullTokens.has(this.#normalise(raw))) return writeMissing(into, slot);
      for (const parse of this.#parsers) {
        const milliseconds = parse(raw);
        if (!Number.isNaN(milliseconds)) return writeNumber(into, slot, milliseconds, PRESENT);
      }
      return this.#problem;
    }
    if (typeof raw === "number") {
      for (const format of this.#formats) {
        const milliseconds = timestampOfNumber(format, raw);
        if (!Number.isNaN(milliseconds)) return writeNumber(into, slot, milliseconds, PRESENT);
      }
      return this.#problem;
    }
    return typeof raw === "boolean" ? this.#problem : invalidType(raw);
  }
}

/** What one distinct text means: kept, so that the same text is interpreted once. */
interface Meaning {
  readonly number: number;
  readonly category: string | null;
  readonly flags: number;
  readonly problem: Problem | undefined;
}

const missing: Meaning = { number: Number.NaN, category: null, flags: 0, problem: undefined };
const unseenLevel: Meaning = { ...missing, flags: UNSEEN };

// Bounds of what is remembered: texts are untrusted, and there may be millions of distinct ones.
const maximumRemembered = 4_096;
const maximumRememberedLength = 256;

/** Reads fields whose values are words: booleans, categories, ordinals. */
class WordReader implements FieldReader {
  readonly #words: (normalised: string) => Meaning;
  readonly #normalise: (text: string) => string;
  readonly #nullTokens: ReadonlySet<string>;
  readonly #remembered = new Map<string, Meaning>();
  readonly #isBoolean: boolean;

  constructor(spec: FeatureSpec, field: Field, words: (normalised: string) => Meaning) {
    this.#words = words;
    this.#normalise = normalisation(spec, field);
    this.#nullTokens = nullTokens(spec, field);
    this.#isBoolean = field.type === "boolean";
  }

  read(raw: unknown, into: LeadValues, slot: number): Problem | undefined {
    if (raw == null) return writeMissing(into, slot);
    let meaning: Meaning;
    if (typeof raw === "string") meaning = this.#remembered.get(raw) ?? this.#interpret(raw);
    else if (typeof raw === "number") meaning = this.#words(this.#normalise(String(raw)));
    else if (typeof raw === "boolean") {
      if (this.#isBoolean) return writeNumber(into, slot, raw ? 1 : 0, PRESENT);
      meaning = this.#words(this.#normalise(String(raw)));
    } else return invalidType(raw);
    into.numbers[slot] = meaning.number;
    into.categories[slot] = meaning.category;
    into.flags[slot] = meaning.flags;
    return meaning.problem;
  }

  #interpret(text: string): Meaning {
    const meaning = this.#meaningOf(text);
    if (text.length <= maximumRememberedLength) {
      if (this.#remembered.size >= maximumRemembered) this.#remembered.clear();
      // A copy: a cell may be a slice that would keep the whole chunk of its file in memory.
      this.#remembered.set(` ${text}`.slice(1), meaning);
    }
    return meaning;
  }

  #meaningOf(text: string): Meaning {
    const problem = textProblem(text);
    if (problem !== undefined) return { ...missing, problem: invalidText(problem) };
    if (text.trim() === "") return missing;
    const normalised = this.#normalise(text);
    return this.#nullTokens.has(normalised) ? missing : this.#words(normalised);
  }
}

function booleanWords(spec: FeatureSpec, field: FieldOf<"boolean">): (normalised: string) => Meaning {
  const normalise = normalisation(spec, field);
  const fold = (text: string) => caseFold(normalise(text).trim());
  const trueTokens = field.trueTokens ?? ["true", "yes", "1"];
  const falseTokens = field.falseTokens ?? ["false", "no", "0"];
  const truths = new Set(trueTokens.map(fold));
  const falsehoods = new Set(falseTokens.map(fold));
  const yes: Meaning = { number: 1, category: null, flags: PRESENT, problem: undefined };
  const no: Meaning = { ...yes, number: 0 };
  const neither: Meaning = {
    ...missing,
    problem: {
      code: "invalid_boolean",
      detail: `is neither true (${trueTokens.join(", ")}) nor false (${falseTokens.join(", ")})`,
    },
  };
  return (normalised) => {
    const folded = fold(normalised);
    return truths.has(folded) ? yes : falsehoods.has(folded) ? no : neither;
  };
}

/** Members of groups, normalised, to the group's name; a group's own name belongs to it. */
export function groupMembers(
  groups: Readonly<Record<string, readonly string[]>>,
  normalise: (text: string) => string,
): Map<string, string> {
  const groupOf = new Map<string, string>();
  for (const [group, members] of Object.entries(groups)) {
    for (const member of [group, ...members]) groupOf.set(normalise(member), group);
  }
  return groupOf;
}

/** Maps a text to a group's name; an unlisted or missing one to `other`, if there is one. */
export function groupMapper(
  spec: FeatureSpec,
  source: Field,
  groups: Readonly<Record<string, readonly string[]>>,
  other: string | undefined,
): (text: string | null) => string | undefined {
  const normalise = normalisation(spec, source);
  const groupOf = groupMembers(groups, normalise);
  return (text) => (text === null ? other : (groupOf.get(normalise(text)) ?? other));
}

function categoryWords(
  spec: FeatureSpec,
  field: FieldOf<"category">,
  codes: CategoryCodes | undefined,
): (normalised: string) => Meaning {
  const normalise = normalisation(spec, field);
  const groupOf = groupMembers(field.groups ?? {}, normalise);
  const { other, otherIsExpected } = field;
  if (other !== undefined && !groupOf.has(normalise(other))) groupOf.set(normalise(other), other);
  return (normalised) => {
    const listed = groupOf.get(normalised);
    const category = listed ?? other ?? normalised;
    const fellToOther = listed === undefined && other !== undefined && otherIsExpected !== true;
    const code = codes === undefined ? 0 : (codes.get(category) ?? codes.size);
    const isUnknown = codes !== undefined && code === codes.size;
    return {
      number: code,
      category,
      flags: fellToOther || isUnknown ? PRESENT | UNSEEN : PRESENT,
      problem: undefined,
    };
  };
}

function ordinalWords(spec: FeatureSpec, field: FieldOf<"ordinal">): (normalised: string) => Meaning {
  const normalise = normalisation(spec, field);
  const meanings = field.levels.map(
    (_, index): Meaning => ({ number: index, category: null, flags: PRESENT, problem: undefined }),
  );
  const byText = new Map<string, Meaning>();
  field.levels.forEach((level, index) => {
    byText.set(normalise(level), meanings[index] as Meaning);
  });
  for (const [member, group] of groupMembers(field.groups ?? {}, normalise)) {
    const meaning = meanings[field.levels.indexOf(group)];
    if (meaning !== undefined) byText.set(member, meaning);
  }
  return (normalised) => byText.get(normalised) ?? unseenLevel;
}
