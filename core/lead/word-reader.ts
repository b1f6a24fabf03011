/** Booleans, categories and ordinals, by rules 5 to 7 of docs/feature-spec.md. */
import type { FeatureSpec, Field, FieldOf } from "../spec/schema.ts";
import {
  type FieldReader,
  invalidText,
  invalidType,
  normalisation,
  nullTokens,
  type Problem,
  writeMissing,
  writeNumber,
} from "./reading.ts";
import { caseFold, textProblem } from "./text.ts";
import { type CategoryCodes, type LeadValues, PRESENT, UNSEEN } from "./values.ts";

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
export class WordReader implements FieldReader {
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

export function booleanWords(spec: FeatureSpec, field: FieldOf<"boolean">): (normalised: string) => Meaning {
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

export function categoryWords(
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

export function ordinalWords(spec: FeatureSpec, field: FieldOf<"ordinal">): (normalised: string) => Meaning {
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
