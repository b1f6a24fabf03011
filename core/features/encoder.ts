/** Values to model inputs: the fitted columns of serving.json, compiled. */
import type { CategoryCodes, LeadValues } from "../lead/values.ts";
import type { Column, Scale } from "../package/serving.ts";
import type { FeatureSpec, Field } from "../spec/schema.ts";

/** The categories that the model knows, by field. */
export function knownCategories(
  spec: FeatureSpec,
  columns: readonly Column[],
): ReadonlyMap<string, CategoryCodes> {
  const codes = new Map<string, Map<string, number>>();
  for (const { name, type } of spec.fields) {
    if (type === "category" && columns.some(({ input }) => input === name)) codes.set(name, new Map());
  }
  for (const column of columns) {
    const known = codes.get(column.input);
    if (known === undefined) continue;
    const named =
      column.op === "is-category"
        ? [column.category]
        : column.op === "is-rare" || column.op === "category-code"
          ? column.known
          : [];
    for (const category of named) if (!known.has(category)) known.set(category, known.size);
  }
  return codes;
}

/** A column whose value is computed from a number. */
interface NumberColumn {
  readonly slot: number;
  readonly column: number;
  readonly impute: number;
  readonly scale: Scale | null;
}

/** All columns of one input that take few distinct values: what they are for each of its codes, other than 0. */
interface CodeColumns {
  readonly slot: number;
  /** By code; the last entry is for missing. */
  readonly columns: readonly Int32Array[];
  readonly values: readonly Float64Array[];
}

export class FeatureEncoder {
  readonly #numbers: readonly NumberColumn[];
  readonly #codes: readonly CodeColumns[];

  constructor(spec: FeatureSpec, columns: readonly Column[], categories: ReadonlyMap<string, CategoryCodes>) {
    const slots = new Map([...spec.fields, ...(spec.derived ?? [])].map(({ name }, slot) => [name, slot]));
    const slotOf = (name: string) => {
      const slot = slots.get(name);
      if (slot === undefined) throw new Error(`"${name}" is neither a field nor a derived value of the spec`);
      return slot;
    };
    const numbers: NumberColumn[] = [];
    const byInput = new Map<string, { column: Column; index: number }[]>();
    columns.forEach((column, index) => {
      if (column.op === "number") {
        const impute = column.impute ?? Number.NaN;
        numbers.push({ slot: slotOf(column.input), column: index, impute, scale: column.scale });
        return;
      }
      const group = byInput.get(column.input);
      if (group === undefined) byInput.set(column.input, [{ column, index }]);
      else group.push({ column, index });
    });
    this.#numbers = numbers;
    this.#codes = [...byInput].map(([input, group]) => {
      const slot = slotOf(input);
      return compileCodes(slot, categoriesByCode(spec.fields[slot], categories.get(input)), group);
    });
  }

  /** Writes the model's inputs, NaN for missing. */
  encode({ numbers }: LeadValues, features: Float64Array): void {
    features.fill(0);
    for (const { slot, column, impute, scale } of this.#numbers) {
      const value = numbers[slot] as number;
      const imputed = Number.isNaN(value) ? impute : value;
      features[column] = scale === null ? imputed : rescale(imputed, scale);
    }
    for (const { slot, columns, values } of this.#codes) {
      const value = numbers[slot] as number;
      const last = columns.length - 1;
      // Of a number only "is missing" is asked: any value has the code 0.
      const code = Number.isNaN(value) ? last : last === 1 ? 0 : value;
      const targets = columns[code] as Int32Array;
      const written = values[code] as Float64Array;
      for (let i = 0; i < targets.length; i++) features[targets[i] as number] = written[i] as number;
    }
  }
}

function rescale(value: number, scale: Scale): number {
  return scale.kind === "standard"
    ? (value - scale.mean) / scale.deviation
    : value * scale.multiply + scale.add;
}

/** The category that each code of an input stands for; undefined: one that no column names. */
function categoriesByCode(
  field: Field | undefined,
  known: CategoryCodes | undefined,
): (string | undefined)[] {
  if (known !== undefined) return [...known.keys(), undefined];
  if (field?.type === "boolean") return ["false", "true"];
  if (field?.type === "ordinal") return [...field.levels];
  return [undefined];
}

function compileCodes(
  slot: number,
  categories: readonly (string | undefined)[],
  group: readonly { column: Column; index: number }[],
): CodeColumns {
  const perCode = [...categories.map((category) => ({ category })), null].map((value) =>
    group
      .map(({ column, index }) => ({ index, value: columnValue(column, value) }))
      .filter((entry) => entry.value !== 0),
  );
  return {
    slot,
    columns: perCode.map((entries) => Int32Array.from(entries, ({ index }) => index)),
    values: perCode.map((entries) => Float64Array.from(entries, ({ value }) => value)),
  };
}

/** `value` null: missing; its category undefined: one that no column names. */
function columnValue(column: Column, value: { category: string | undefined } | null): number {
  if (column.op === "number") throw new Error("a number has no codes");
  if (column.op === "is-missing") return value === null ? 1 : 0;
  const substitute = column.missingAs === null ? null : { category: column.missingAs };
  const used = value ?? substitute;
  switch (column.op) {
    case "is-category":
      return used !== null && used.category === column.category ? 1 : 0;
    case "is-rare":
      return used !== null && !(used.category !== undefined && column.known.includes(used.category)) ? 1 : 0;
    case "category-code": {
      if (used === null) return Number.NaN;
      const code = used.category === undefined ? -1 : column.known.indexOf(used.category);
      if (code >= 0) return code;
      return column.rareCode ? column.known.length : Number.NaN;
    }
  }
}
