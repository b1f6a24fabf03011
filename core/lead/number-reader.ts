/** Numbers and whole numbers, by rules 3 and 4 of docs/feature-spec.md. */
import type { FeatureSpec, FieldOf, NumberFormat } from "../spec/schema.ts";
import { numberParser, plainDecimalParser } from "./number.ts";
import {
  type FieldReader,
  invalidText,
  invalidType,
  normalisation,
  nullTokens,
  numberFormat,
  type Problem,
  writeMissing,
  writeNumber,
} from "./reading.ts";
import { textProblem } from "./text.ts";
import { BEYOND_BOUNDS, type LeadValues, PRESENT } from "./values.ts";

export class NumberReader implements FieldReader {
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
