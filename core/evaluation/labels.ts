import { caseFold, headerKey, normaliser, trim } from "../lead/text.ts";
import type { FeatureSpec } from "../spec/schema.ts";

/** A class index; `none`: the lead has no outcome yet; `unknown`: a text that no class lists. */
export type Label = number | "none" | "unknown";

/** Reads the target's values as docs/feature-spec.md says: compared after trim and case-fold, numbers by their text. */
export class LabelReader {
  readonly #classOf: ReadonlyMap<string, number>;
  readonly #nullTokens: ReadonlySet<string>;
  readonly #keys: ReadonlySet<string>;
  readonly allowed: string;

  constructor({ target, nullTokens = [] }: FeatureSpec) {
    this.#classOf = new Map(
      target.classes.flatMap(({ values }, index) =>
        values.map((value) => [caseFold(trim(value)), index] as const),
      ),
    );
    this.#nullTokens = new Set([...nullTokens, ...(target.nullTokens ?? [])].map(normaliseToken));
    this.#keys = new Set([target.field, ...(target.aliases ?? [])].map(headerKey));
    this.allowed = target.classes.flatMap(({ values }) => values).join(", ");
  }

  read(value: unknown): Label {
    if (value === null || value === undefined) return "none";
    if (typeof value === "object") return "unknown";
    const text = String(value);
    const index = this.#classOf.get(caseFold(trim(text)));
    if (index !== undefined) return index;
    return trim(text) === "" || this.#nullTokens.has(normaliseToken(text)) ? "none" : "unknown";
  }

  /** The label of a lead that names its own fields. */
  readFrom(lead: Readonly<Record<string, unknown>>): Label {
    const key = Object.keys(lead).find((name) => this.#keys.has(headerKey(name)));
    return key === undefined ? "none" : this.read(lead[key]);
  }
}

const normaliseToken = normaliser(["trim", "collapse-spaces"]);
