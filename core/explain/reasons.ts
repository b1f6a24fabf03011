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
}

export class ReasonWriter {
  /** By field. */
  readonly #subjects: readonly Subject[];

  constructor(spec: FeatureSpec, columns: readonly Column[]) {
    const { fields, derived = [] } = spec;
    this.#subjects = fields.map((field, slot): Subject => {
      const inputs = new Set(
        columns.filter((column) => column.field === field.name).map(({ input }) => input),
      );
      const [only] = inputs;
      const derivedIndex = inputs.size === 1 ? derived.findIndex(({ name }) => name === only) : -1;
      const standIn = derived[derivedIndex];
      if (standIn !== undefined) {
        const at = fields.length + derivedIndex;
        const { label = standIn.name, unit } = standIn;
        return { field: field.name, label, unit: unit ? ` ${unit}` : "", slot: at, read: numberAt(at) };
      }
      const unit = "unit" in field && field.unit !== undefined ? ` ${field.unit}` : "";
      return {
        field: field.name,
        label: field.label ?? field.name,
        unit,
        slot,
        read: reader(field, slot),
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
    for (let field = 0; field < contributions.length; field++) {
      const strength = sign * (contributions[field] as number);
      if (!(strength > 0)) continue;
      let place = chosen.length;
      while (place > 0 && strength > sign * (contributions[chosen[place - 1] as number] as number)) place--;
      if (place >= most) continue;
      chosen.splice(place, 0, field);
      if (chosen.length > most) chosen.pop();
    }
    return chosen.map((field) => this.#reason(values, field, contributions[field] as number));
  }

  #reason(values: LeadValues, index: number, contribution: number): Reason {
    const { field, label, unit, slot, read } = this.#subjects[index] as Subject;
    const value = read(values);
    if (value === null) return { field, value, contribution, text: `${label} is missing` };
    const told = `${tell(value)}${unit}`;
    const isAssumed = slot < values.flags.length && ((values.flags[slot] as number) & PRESENT) === 0;
    const text = isAssumed ? `${label} is missing, taken as ${told}` : `${label} is ${told}`;
    return { field, value, contribution, text };
  }
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
