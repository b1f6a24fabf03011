/** Contributions to reasons: the strongest few a side, each with its value in a sentence. */
import { type LeadValues, PRESENT } from "../lead/values.ts";
import type { Column } from "../package/serving.ts";
import type { RawValue, Reason, Reasons } from "../scoring/result.ts";
import type { FeatureSpec } from "../spec/schema.ts";

/** What a field's contribution is told with. */
interface Subject {
  readonly field: string;
  readonly label: string;
  readonly unit: string;
  /** Where the value stands: the field's own slot, or that of the one derived value that the model uses instead. */
  readonly slot: number;
  readonly read: (values: LeadValues) => RawValue;
  /** What has been told of its values, those that the lead gives and those that are assumed for it. */
  readonly sentences: { readonly given: Map<RawValue, string>; readonly assumed: Map<RawValue, string> };
}

const maximumRemembered = 1_000;

export class ReasonWriter {
  /** By field. */
  readonly #subjects: readonly Subject[];

  constructor(spec: FeatureSpec, columns: readonly Column[]) {
    const { fields, derived = [] } = spec;
    this.#subjects = fields.map((field, slot): Subject => {
      const sentences = { given: new Map<RawValue, string>(), assumed: new Map<RawValue, string>() };
      const inputs = new Set(
        columns.filter((column) => column.field === field.name).map(({ input }) => input),
      );
      const [only] = inputs;
      const derivedIndex = inputs.size === 1 ? derived.findIndex(({ name }) => name === only) : -1;
      const standIn = derived[derivedIndex];
      if (standIn !== undefined) {
        const at = fields.length + derivedIndex;
        const { label = standIn.name, unit } = standIn;
        return {
          field: field.name,
          label,
          unit: unit ? ` ${unit}` : "",
          slot: at,
          read: numberAt(at),
          sentences,
        };
      }
      const unit = "unit" in field && field.unit !== undefined ? ` ${field.unit}` : "";
      return {
        field: field.name,
        label: field.label ?? field.name,
        unit,
        slot,
        read: reader(field, slot),
        sentences,
      };
    });
  }

  /** At most `most` that raise and `most` that lower, the strongest first, the earlier field first among equals. */
  write(
    values: LeadValues,
    contributions: Float64Array,
    most: number,
    margin: number,
    baseline: number,
  ): Reasons {
    const raises = this.#strongest(values, contributions, most, 1);
    const lowers = this.#strongest(values, contributions, most, -1);
    let other = margin - baseline;
    for (const { contribution } of raises) other -= contribution;
    for (const { contribution } of lowers) other -= contribution;
    return { raises, lowers, baseline, other };
  }

  #strongest(values: LeadValues, contributions: Float64Array, most: number, sign: 1 | -1): Reason[] {
    const chosen: number[] = [];
    const strengths: number[] = [];
    for (let field = 0; field < contributions.length; field++) {
      const strength = sign * (contributions[field] as number);
      if (!(strength > 0)) continue;
      let place = chosen.length;
      if (place === most) {
        if (strength <= (strengths[most - 1] as number)) continue;
        place--;
      }
      for (; place > 0 && strength > (strengths[place - 1] as number); place--) {
        chosen[place] = chosen[place - 1] as number;
        strengths[place] = strengths[place - 1] as number;
      }
      chosen[place] = field;
      strengths[place] = strength;
    }
    return chosen.map((field) => this.#reason(values, field, contributions[field] as number));
  }

  #reason(values: LeadValues, index: number, contribution: number): Reason {
    const subject = this.#subjects[index] as Subject;
    const { field, slot } = subject;
    const value = subject.read(values);
    const isAssumed = slot < values.flags.length && ((values.flags[slot] as number) & PRESENT) === 0;
    return { field, value, contribution, text: sentence(subject, value, isAssumed) };
  }
}

/** The sentence about a value. Leads have the same values again and again: what was written is kept, up to a bound. */
function sentence({ label, unit, sentences }: Subject, value: RawValue, isAssumed: boolean): string {
  if (value === null) return `${label} is missing`;
  const known = isAssumed ? sentences.assumed : sentences.given;
  let text = known.get(value);
  if (text === undefined) {
    const told = `${tell(value)}${unit}`;
    text = isAssumed ? `${label} is missing, taken as ${told}` : `${label} is ${told}`;
    if (known.size >= maximumRemembered) known.clear();
    known.set(value, text);
  }
  return text;
}

function numberAt(slot: number): (values: LeadValues) => number | null {
  return ({ numbers }) => {
    const number = numbers[slot] as number;
    return Number.isNaN(number) ? null : number;
  };
}

function reader(field: FeatureSpec["fields"][number], slot: number): (values: LeadValues) => RawValue {
  if (field.type === "category") return ({ categories }) => categories[slot] ?? null;
  const number = numberAt(slot);
  const told = (read: (value: number) => RawValue) => (values: LeadValues) => {
    const value = number(values);
    return value === null ? null : read(value);
  };
  if (field.type === "boolean") return told((value) => value === 1);
  if (field.type === "ordinal") return told((value) => field.levels[value] ?? null);
  if (field.type === "timestamp") return told((value) => new Date(value).toISOString());
  return number;
}

function tell(value: string | number | boolean): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string" || Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(6)));
}
