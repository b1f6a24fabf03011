/** Finds what a lead's key or a file's header stands for. */
import type { FeatureSpec } from "../spec/schema.ts";
import { headerKey } from "./text.ts";

/** A key stands for a field (its index in `spec.fields`) or for one of these. */
export const LEAD_ID = -1;
export const TARGET = -2;
export const IGNORED = -3;
export const UNKNOWN = -4;

const maximumRemembered = 2_000;
const maximumRememberedLength = 256;

export class HeaderIndex {
  readonly #exact = new Map<string, number>();
  readonly #folded = new Map<string, number>();
  /** Keys that are not spelt as the spec spells them, so that each is folded once. Bounded: keys are untrusted. */
  readonly #remembered = new Map<string, number>();

  constructor(spec: FeatureSpec) {
    spec.fields.forEach((field, index) => {
      this.#add([field.name, ...(field.aliases ?? [])], index);
    });
    if (spec.leadId) this.#add([spec.leadId.name, ...(spec.leadId.aliases ?? [])], LEAD_ID);
    this.#add([spec.target.field, ...(spec.target.aliases ?? [])], TARGET);
    for (const ignored of spec.ignored ?? []) this.#add([ignored.name, ...(ignored.aliases ?? [])], IGNORED);
  }

  #add(names: readonly string[], meaning: number): void {
    for (const name of names) {
      this.#exact.set(name, meaning);
      this.#folded.set(headerKey(name), meaning);
    }
  }

  meaningOf(key: string): number {
    const known = this.#exact.get(key) ?? this.#remembered.get(key);
    if (known !== undefined) return known;
    const meaning = this.#folded.get(headerKey(key)) ?? UNKNOWN;
    if (this.#remembered.size < maximumRemembered && key.length <= maximumRememberedLength) {
      this.#remembered.set(key, meaning);
    }
    return meaning;
  }
}
