/** Times, by rule 8 of docs/feature-spec.md. */
import type { FeatureSpec, FieldOf } from "../spec/schema.ts";
import { numberParser } from "./number.ts";
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
import { timestampExample, timestampOfNumber, timestampParser } from "./timestamp.ts";
import { type LeadValues, PRESENT } from "./values.ts";

export class TimestampReader implements FieldReader {
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
      detail: `is not a date that exists, of the years 1 to 9999, written like ${this.#formats.map(timestampExample).join(" or ")}`,
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
