/** What a lead's fields and derived values are, in buffers that are written again for every lead. */

/** The lead has a value for the field; `missingAs` does not count as one. */
export const PRESENT = 1;
/** The text fell to `other`, is no level, or is a category that the model does not know. */
export const UNSEEN = 2;
export const BEYOND_BOUNDS = 4;

export interface LeadValues {
  /**
   * A slot a field, then one a derived value. Number, integer: the number; boolean: 1 or 0; ordinal: the level's index;
   * timestamp: milliseconds; category: its code (`CategoryCodes`). NaN: missing.
   */
  readonly numbers: Float64Array;
  /** Category fields: the category; null: missing. Not meaningful for other fields. */
  readonly categories: (string | null)[];
  /** Of PRESENT, UNSEEN and BEYOND_BOUNDS; fields only. */
  readonly flags: Uint8Array;
}

/** Codes 0, 1, … of the categories that the model knows of one field; any other category has the code `size`. */
export type CategoryCodes = ReadonlyMap<string, number>;

export function emptyValues(fields: number, derived: number): LeadValues {
  return {
    numbers: new Float64Array(fields + derived).fill(Number.NaN),
    categories: new Array<string | null>(fields).fill(null),
    flags: new Uint8Array(fields),
  };
}
