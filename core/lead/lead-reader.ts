/** A lead's raw values, by name or by position, to the values of its fields and derived values. */
import type { FieldError, FieldErrorCode, RawLead, RawValue } from "../scoring/result.ts";
import type { FeatureSpec } from "../spec/schema.ts";
import { compileDerived, compileOrFrom, sourcesOf } from "./derivation.ts";
import { fieldReader } from "./field-reader.ts";
import { HeaderIndex, UNKNOWN } from "./header-index.ts";
import type { FieldReader } from "./reading.ts";
import { type CategoryCodes, emptyValues, type LeadValues, PRESENT } from "./values.ts";

export interface LeadReading {
  /** Empty: the values can be used. */
  readonly errors: readonly FieldError[];
  readonly unknownKeys: readonly string[];
}

interface Fallback {
  readonly slot: number;
  readonly sourceSlots: readonly number[];
  readonly supply: (values: LeadValues) => number | string | null;
}

interface MissingAs {
  readonly number: number;
  readonly category: string | null;
}

const none: readonly never[] = [];
const absent = {
  code: "required",
  detail: "is required and has no value; give one, or leave the lead out",
} as const;
const accepted: LeadReading = { errors: none, unknownKeys: none };

/** Reads one lead at a time, into values that `emptyValues` made. */
export class LeadReader {
  readonly headers: HeaderIndex;
  readonly #names: readonly string[];
  readonly #derivedCount: number;
  /** What the lead that is being read is written into. */
  #values: LeadValues;
  readonly #readers: readonly FieldReader[];
  readonly #fallbacks: readonly Fallback[];
  readonly #hasFallback: readonly boolean[];
  readonly #required: readonly boolean[];
  readonly #missingAs: readonly (MissingAs | undefined)[];
  readonly #derived: readonly ((values: LeadValues) => number)[];
  /** By field: undefined where the lead does not carry it. */
  readonly #raw: unknown[];
  readonly #problems: { slot: number; code: FieldErrorCode; detail: string }[] = [];

  /** `codes` gives the categories that the model knows, by field name. */
  constructor(spec: FeatureSpec, codes: ReadonlyMap<string, CategoryCodes>) {
    const { fields, derived = [] } = spec;
    const slots = new Map([...fields, ...derived].map(({ name }, slot) => [name, slot]));
    const slotOf = (name: string): number => {
      const slot = slots.get(name);
      if (slot === undefined) throw new Error(`"${name}" is neither a field nor a derived value of the spec`);
      return slot;
    };
    this.headers = new HeaderIndex(spec);
    this.#names = fields.map(({ name }) => name);
    this.#derivedCount = derived.length;
    this.#values = this.emptyValues();
    this.#readers = fields.map((field) => fieldReader(spec, field, codes.get(field.name)));
    this.#fallbacks = fields.flatMap(({ orFrom }, slot) =>
      orFrom === undefined
        ? []
        : [
            {
              slot,
              sourceSlots: sourcesOf(orFrom).map(slotOf),
              supply: compileOrFrom(spec, orFrom, slotOf),
            },
          ],
    );
    this.#hasFallback = fields.map(({ orFrom }) => orFrom !== undefined);
    this.#required = fields.map(({ required }) => required === true);
    this.#missingAs = fields.map(({ missingAs }, slot) => {
      if (missingAs === undefined) return undefined;
      // Read as the field reads any raw value, so that it is normalised and grouped alike.
      this.#readers[slot]?.read(missingAs, this.#values, slot);
      return {
        number: this.#values.numbers[slot] as number,
        category: this.#values.categories[slot] as string | null,
      };
    });
    this.#derived = derived.map((each) => compileDerived(each, slotOf));
    this.#raw = new Array<unknown>(fields.length).fill(undefined);
  }

  /** Of the spec's size. */
  emptyValues(): LeadValues {
    return emptyValues(this.#names.length, this.#derivedCount);
  }

  readLead(lead: RawLead, into: LeadValues): LeadReading {
    const raw = this.#raw;
    raw.fill(undefined);
    let unknownKeys: string[] | undefined;
    let duplicates: Map<number, FieldError> | undefined;
    for (const key of Object.keys(lead)) {
      const slot = this.headers.meaningOf(key);
      if (slot >= 0) {
        if (raw[slot] !== undefined) {
          duplicates ??= new Map();
          duplicates.set(slot, this.#duplicate(slot, key));
        } else raw[slot] = lead[key];
      } else if (slot === UNKNOWN) {
        unknownKeys ??= [];
        unknownKeys.push(key);
      }
    }
    this.#evaluate(into);
    if (duplicates === undefined && this.#problems.length === 0) {
      return unknownKeys === undefined ? accepted : { errors: none, unknownKeys };
    }
    const keys = Object.keys(lead);
    const keyOf = (slot: number) => keys.find((key) => this.headers.meaningOf(key) === slot);
    return { errors: this.#errors(keyOf, duplicates), unknownKeys: unknownKeys ?? none };
  }

  /** `columnOfSlot[slot]` is the column of a field, or -1. `header` only serves to tell of errors. */
  readCells(
    cells: readonly RawValue[],
    columnOfSlot: Int32Array,
    header: readonly string[],
    into: LeadValues,
  ): readonly FieldError[] {
    const raw = this.#raw;
    for (let slot = 0; slot < columnOfSlot.length; slot++) {
      const column = columnOfSlot[slot] as number;
      raw[slot] = column < 0 ? undefined : cells[column];
    }
    this.#evaluate(into);
    if (this.#problems.length === 0) return none;
    return this.#errors((slot) => header[columnOfSlot[slot] as number]);
  }

  #evaluate(values: LeadValues): void {
    this.#values = values;
    this.#problems.length = 0;
    for (let slot = 0; slot < this.#readers.length; slot++) {
      this.#read(slot, this.#raw[slot]);
      if (!this.#hasFallback[slot]) this.#finish(slot);
    }
    for (const fallback of this.#fallbacks) this.#fallBack(fallback);
    for (let i = 0; i < this.#derived.length; i++) {
      values.numbers[this.#readers.length + i] = (this.#derived[i] as (values: LeadValues) => number)(values);
    }
  }

  #read(slot: number, raw: unknown): boolean {
    const problem = (this.#readers[slot] as FieldReader).read(raw, this.#values, slot);
    if (problem === undefined) return true;
    this.#problems.push({ slot, code: problem.code, detail: problem.detail });
    const { numbers, categories, flags } = this.#values;
    numbers[slot] = Number.NaN;
    categories[slot] = null;
    flags[slot] = 0;
    return false;
  }

  /** `orFrom`: the key is absent, or its value is missing and some source has one. */
  #fallBack({ slot, sourceSlots, supply }: Fallback): void {
    const { flags } = this.#values;
    if (this.#isRejected(slot)) return;
    if (((flags[slot] as number) & PRESENT) === 0) {
      const isAbsent = this.#raw[slot] === undefined;
      if (isAbsent || sourceSlots.some((source) => ((flags[source] as number) & PRESENT) !== 0)) {
        if (!this.#read(slot, supply(this.#values))) return;
      }
    }
    this.#finish(slot);
  }

  #finish(slot: number): void {
    const { numbers, categories, flags } = this.#values;
    if (((flags[slot] as number) & PRESENT) !== 0) return;
    if (this.#required[slot]) {
      if (!this.#isRejected(slot)) this.#problems.push({ slot, ...absent });
      return;
    }
    const substitute = this.#missingAs[slot];
    if (substitute === undefined) return;
    numbers[slot] = substitute.number;
    categories[slot] = substitute.category;
  }

  #isRejected(slot: number): boolean {
    return this.#problems.some((problem) => problem.slot === slot);
  }

  /** In the order of the fields. A field that the lead carries twice has no other error. */
  #errors(
    keyOf: (slot: number) => string | undefined,
    duplicates: ReadonlyMap<number, FieldError> = new Map(),
  ): FieldError[] {
    const errors = this.#problems
      .filter(({ slot }) => !duplicates.has(slot))
      .map(({ slot, code, detail }) => {
        const field = keyOf(slot) ?? (this.#names[slot] as string);
        return { slot, error: { code, field, detail: `"${field}" ${detail}.` } };
      });
    for (const [slot, error] of duplicates) errors.push({ slot, error });
    return errors.sort((a, b) => a.slot - b.slot).map(({ error }) => error);
  }

  #duplicate(slot: number, key: string): FieldError {
    const name = this.#names[slot] as string;
    return {
      code: "duplicate_field",
      field: key,
      detail: `"${key}" is another spelling of "${name}", which the lead carries already; send one of them.`,
    };
  }
}
