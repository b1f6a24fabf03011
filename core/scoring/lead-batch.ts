import type { LeadValues } from "../lead/values.ts";
import type { FieldError } from "./result.ts";

/** As many as the explainer works on at once, twice over; more would only take memory. */
export const leadsTogether = 64;

/** What is computed of a lead, from its values to its reasons. Overwritten by the next lead in its place. */
export interface Workings {
  readonly values: LeadValues;
  readonly features: Float64Array;
  /** One an output, as `probabilities` and `weights` are. */
  readonly margins: Float64Array;
  readonly probabilities: Float64Array;
  /** What the outputs count for in the reasons. */
  readonly weights: Float64Array;
  /** By field. */
  readonly contributions: Float64Array;
  /** Keys of the lead that the spec does not know. */
  unknownKeys: readonly string[];
}

export interface WorkingsSize {
  readonly columns: number;
  readonly outputs: number;
  readonly fields: number;
  readonly emptyValues: () => LeadValues;
}

/** Leads that are scored together, as evaluator and explainer take less time for each then. */
export class LeadBatch {
  /** Of every lead added: why it cannot be scored, or nothing. */
  readonly errors: (readonly FieldError[] | undefined)[] = [];
  /** Leads that can be scored. */
  count = 0;
  readonly #size: WorkingsSize;
  /** One lead behind the other. */
  readonly #features: Float64Array;
  readonly #margins: Float64Array;
  readonly #probabilities: Float64Array;
  readonly #weights: Float64Array;
  readonly #contributions: Float64Array;
  /** Views of the arrays above, made when a place is taken for the first time. */
  readonly #leads: Workings[] = [];

  constructor(size: WorkingsSize, most: number) {
    const { columns, outputs, fields } = size;
    this.#size = size;
    this.#features = new Float64Array(most * columns);
    this.#margins = new Float64Array(most * outputs);
    this.#probabilities = new Float64Array(most * outputs);
    this.#weights = new Float64Array(most * outputs);
    this.#contributions = new Float64Array(most * fields);
  }

  /** The place of a lead, be it taken or the next that is free. */
  at(lead: number): Workings {
    let workings = this.#leads[lead];
    if (workings === undefined) {
      const { columns, outputs, fields, emptyValues } = this.#size;
      const part = (of: Float64Array, width: number) => of.subarray(lead * width, (lead + 1) * width);
      workings = {
        values: emptyValues(),
        features: part(this.#features, columns),
        margins: part(this.#margins, outputs),
        probabilities: part(this.#probabilities, outputs),
        weights: part(this.#weights, outputs),
        contributions: part(this.#contributions, fields),
        unknownKeys: [],
      };
      this.#leads[lead] = workings;
    }
    return workings;
  }

  /** Takes the next place. */
  accept(): void {
    this.errors.push(undefined);
    this.count++;
  }

  reject(errors: readonly FieldError[]): void {
    this.errors.push(errors);
  }

  /** Of the leads that can be scored, one behind the other. */
  all(): Pick<Workings, "features" | "margins" | "weights" | "contributions"> {
    const { columns, outputs, fields } = this.#size;
    return {
      features: this.#features.subarray(0, this.count * columns),
      margins: this.#margins.subarray(0, this.count * outputs),
      weights: this.#weights.subarray(0, this.count * outputs),
      contributions: this.#contributions.subarray(0, this.count * fields),
    };
  }

  clear(): void {
    this.errors.length = 0;
    this.count = 0;
  }
}
