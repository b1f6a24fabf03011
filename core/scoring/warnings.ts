import type { Warning, WarningCode } from "./result.ts";

const sentences: Record<WarningCode, string> = {
  missing_fields: "These fields have no value",
  out_of_bounds: "These fields have values beyond what is plausible",
  unknown_fields: "These fields are not known and were not used",
  unseen_categories: "These fields have values that the model does not know",
};
const maximumNamed = 20;

export function warning(code: WarningCode, fields: readonly string[]): Warning {
  const named = fields.slice(0, maximumNamed).join(", ");
  const more = fields.length > maximumNamed ? ` and ${fields.length - maximumNamed} more` : "";
  return { code, detail: `${sentences[code]}: ${named}${more}.`, fields };
}

interface Step {
  readonly next: (Step | undefined)[];
  readonly names: readonly string[];
  warning: Warning | undefined;
}

const maximumSteps = 20_000;

/**
 * Warnings of one code, each set of fields made once: the leads of a file lack the same few sets of fields again and
 * again. A set is walked field by field, each step leading to the set with that field.
 */
export class WarningCache {
  readonly #code: WarningCode;
  readonly #fields: readonly string[];
  #root: Step = { next: [], names: [], warning: undefined };
  #steps = 0;
  #current: Step = this.#root;

  /** `fields` are told by their index. */
  constructor(code: WarningCode, fields: readonly string[]) {
    this.#code = code;
    this.#fields = fields;
  }

  start(): void {
    if (this.#steps > maximumSteps) {
      this.#root = { next: [], names: [], warning: undefined };
      this.#steps = 0;
    }
    this.#current = this.#root;
  }

  add(field: number): void {
    const known = this.#current.next[field];
    if (known !== undefined) {
      this.#current = known;
      return;
    }
    const names = [...this.#current.names, this.#fields[field] as string];
    const step: Step = { next: [], names, warning: undefined };
    this.#steps++;
    this.#current.next[field] = step;
    this.#current = step;
  }

  /** The warning of the fields added since `start`; undefined: none was. */
  end(): Warning | undefined {
    const step = this.#current;
    if (step.names.length === 0) return undefined;
    step.warning ??= warning(this.#code, step.names);
    return step.warning;
  }
}
