/** Values computed from fields: the arithmetic of `derived` and `orFrom`. IEEE doubles, left to right; NaN is missing. */
import type { Derivation, Derived, FeatureSpec, Field } from "../spec/schema.ts";
import { type LeadValues, PRESENT } from "./values.ts";
import { groupMapper } from "./word-reader.ts";

const millisecondsPerDay = 86_400_000;

type Arithmetic = Exclude<Derivation, { op: "map" }> | Derived;

/** The names that a derivation reads, in order; the first is the one that it is told under by default. */
export function sourcesOf(derivation: Derivation | Derived): readonly string[] {
  switch (derivation.op) {
    case "sum":
    case "count-present":
      return derivation.fields;
    case "difference":
      return [derivation.minuend, derivation.subtrahend];
    case "ratio":
      return [derivation.numerator, derivation.denominator];
    case "days-between":
      return [derivation.from, derivation.to];
    case "date-part":
    case "map":
      return [derivation.field];
  }
}

/** `slotOf` gives a name's slot in the values. */
export function compileDerived(
  derived: Arithmetic,
  slotOf: (name: string) => number,
): (values: LeadValues) => number {
  const compute = arithmetic(derived, sourcesOf(derived).map(slotOf));
  return (values) => {
    const result = compute(values) + 0; // -0 + 0 is 0
    return Number.isFinite(result) ? result : Number.NaN;
  };
}

/** The raw value that an `orFrom` supplies: a number, a text, or null. */
export function compileOrFrom(
  spec: FeatureSpec,
  derivation: Derivation,
  slotOf: (name: string) => number,
): (values: LeadValues) => number | string | null {
  if (derivation.op === "map") {
    const slot = slotOf(derivation.field);
    const source = spec.fields[slot];
    if (source === undefined) throw new Error(`orFrom names "${derivation.field}", which is no field`);
    const mapper = groupMapper(spec, source, derivation.groups, derivation.other);
    const textOf = texts(source, slot);
    return (values) => mapper(textOf(values)) ?? null;
  }
  const compute = compileDerived(derivation, slotOf);
  return (values) => {
    const number = compute(values);
    return Number.isNaN(number) ? null : number;
  };
}

/** A field's value as the text that a `map` looks up. */
function texts(field: Field, slot: number): (values: LeadValues) => string | null {
  if (field.type === "category") return ({ categories }) => categories[slot] ?? null;
  const name = (number: number) =>
    field.type === "ordinal"
      ? (field.levels[number] as string)
      : field.type === "boolean"
        ? String(number === 1)
        : String(number);
  return ({ numbers }) => {
    const number = numbers[slot] as number;
    return Number.isNaN(number) ? null : name(number);
  };
}

function arithmetic(derivation: Arithmetic, slots: readonly number[]): (values: LeadValues) => number {
  const [first = 0, second = 0] = slots;
  switch (derivation.op) {
    case "sum":
      return ({ numbers }) => {
        let sum = Number.NaN;
        for (const slot of slots) {
          const value = numbers[slot] as number;
          if (!Number.isNaN(value)) sum = Number.isNaN(sum) ? value : sum + value;
        }
        return sum;
      };
    case "difference":
      return ({ numbers }) => (numbers[first] as number) - (numbers[second] as number);
    case "ratio":
      return ({ numbers }) =>
        numbers[second] === 0 ? Number.NaN : (numbers[first] as number) / (numbers[second] as number);
    case "days-between":
      return ({ numbers }) => ((numbers[second] as number) - (numbers[first] as number)) / millisecondsPerDay;
    case "count-present":
      return ({ numbers, flags }) => {
        let count = 0;
        for (const slot of slots) {
          const isPresent =
            slot < flags.length ? ((flags[slot] as number) & PRESENT) !== 0 : !Number.isNaN(numbers[slot]);
          if (isPresent) count++;
        }
        return count;
      };
    case "date-part": {
      const partOf = datePart[derivation.part];
      return ({ numbers }) => partOf(numbers[first] as number);
    }
  }
}

const datePart: Record<"year" | "month" | "day" | "weekday" | "hour", (milliseconds: number) => number> = {
  year: (milliseconds) => new Date(milliseconds).getUTCFullYear(),
  month: (milliseconds) => new Date(milliseconds).getUTCMonth() + 1,
  day: (milliseconds) => new Date(milliseconds).getUTCDate(),
  weekday: (milliseconds) => (new Date(milliseconds).getUTCDay() + 6) % 7,
  hour: (milliseconds) => new Date(milliseconds).getUTCHours(),
};
