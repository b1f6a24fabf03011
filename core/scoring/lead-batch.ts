import { emptyValues, type LeadValues } from "../lead/values.ts";
import type { FieldError } from "./result.ts";

/** As many as the explainer works on at once, twice over; more would only take memory. */
export const leadsTogether = 64;

/** Leads that are scored together, as evaluator and explainer take less time for each then. */
export class LeadBatch {
  /** One lead behind the other: features, margins, what their outputs count for in the reasons, contributions by field. */
  readonly features: Float64Array;
  readonly margins: Float64Array;
  readonly weights: Float64Array;
  readonly contributions: Float64Array;
  readonly values: readonly LeadValues[];
  /** Of every lead added: why it cannot be scored, or nothing. */
  readonly errors: (readonly FieldError[] | undefined)[] = [];
  /** Leads that can be scored. */
  count = 0;
  readonly #columns: number;

  constructor(columns: number, outputs: number, fields: number, derived: number) {
    this.#columns = columns;
    this.features = new Float64Array(leadsTogether * columns);
    this.margins = new Float64Array(leadsTogether * outputs);
    this.weights = new Float64Array(leadsTogether * outputs);
    this.contributions = new Float64Array(leadsTogether * fields);
    this.values = Array.from({ length: leadsTogether }, () => emptyValues(fields, derived));
  }

  reject(errors: readonly FieldError[]): void {
    this.errors.push(errors);
  }

  /** Keeps a copy of the values, and returns where the lead's features are to be written. */
  add({ numbers, categories, flags }: LeadValues): Float64Array {
    const own = this.values[this.count] as LeadValues;
    own.numbers.set(numbers);
    own.flags.set(flags);
    for (let slot = 0; slot < categories.length; slot++)
      own.categories[slot] = categories[slot] as string | null;
    this.errors.push(undefined);
    const start = this.count++ * this.#columns;
    return this.features.subarray(start, start + this.#columns);
  }

  clear(): void {
    this.errors.length = 0;
    this.count = 0;
  }
}
