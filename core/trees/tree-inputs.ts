import type { TreeEnsemble } from "./ensemble.ts";

/** LightGBM counts values up to (double)1e-35f as 0. */
const tiny = 1.0000000180025095e-35;

export function flushed(value: number): number {
  return value <= tiny && value >= -tiny ? 0 : value;
}

/**
 * Prepares a lead's features so that every split of every tree is one comparison, `x <= threshold`, also for missing
 * values and categories. A feature is copied into one slot for the splits that send missing values right (NaN stays: no
 * comparison holds) and one for those that send them left (NaN becomes -Infinity: every comparison holds); two more
 * where zero counts as missing too. A split by a set of categories gets a slot of its own, -Infinity or +Infinity.
 */
export class TreeInputs {
  readonly slots: number;
  /** The slot that each node compares; 0 for leaves. */
  readonly slotOfNode: Int32Array;
  readonly #rounds: boolean;
  readonly #flushTiny: boolean;
  readonly #features: Int32Array;
  readonly #zeroMissing: Uint8Array;
  readonly #missingLeft: Uint8Array;
  readonly #sets: readonly CategorySplits[];

  constructor(predictor: TreeEnsemble) {
    const { feature, missingLeft, zeroMissing, categorySet, categorySets } = predictor;
    /** By column x 4 + zeroMissing x 2 + missingLeft. */
    const slotOfKey = new Map<number, number>();
    const plainKeys: number[] = [];
    const setSlots = new Map<
      number,
      Map<string, { set: readonly number[]; missingLeft: boolean; nodes: number[] }>
    >();
    const slotOfNode = new Int32Array(feature.length);
    this.slotOfNode = slotOfNode;
    for (let node = 0; node < feature.length; node++) {
      const column = feature[node] as number;
      if (column < 0) continue;
      const set = categorySet === undefined ? -1 : (categorySet[node] as number);
      const key = column * 4 + (zeroMissing?.[node] ?? 0) * 2 + (missingLeft[node] as number);
      if (set < 0) {
        let slot = slotOfKey.get(key);
        if (slot === undefined) {
          slot = plainKeys.push(key) - 1;
          slotOfKey.set(key, slot);
        }
        slotOfNode[node] = slot;
        continue;
      }
      const ofColumn = setSlots.get(column) ?? new Map();
      setSlots.set(column, ofColumn);
      const setKey = `${set} ${missingLeft[node]}`;
      const entry = ofColumn.get(setKey) ?? {
        set: categorySets[set] ?? [],
        missingLeft: missingLeft[node] === 1,
        nodes: [],
      };
      ofColumn.set(setKey, entry);
      entry.nodes.push(node);
    }
    this.#rounds = predictor.input === "float32";
    this.#flushTiny = predictor.flushTiny;
    this.#features = Int32Array.from(plainKeys, (key) => key >> 2);
    this.#zeroMissing = Uint8Array.from(plainKeys, (key) => (key >> 1) & 1);
    this.#missingLeft = Uint8Array.from(plainKeys, (key) => key & 1);
    let slots = plainKeys.length;
    this.#sets = [...setSlots].map(([column, splits]) => {
      const entries = [...splits.values()];
      const firstSlot = slots;
      for (const { nodes } of entries) {
        for (const node of nodes) this.slotOfNode[node] = slots;
        slots++;
      }
      return categorySplits(column, firstSlot, entries, predictor.listedGo ?? "left");
    });
    this.slots = Math.max(slots, 1);
  }

  prepare(features: Float64Array, inputs: Float64Array): void {
    for (let slot = 0; slot < this.#features.length; slot++) {
      let value = features[this.#features[slot] as number] as number;
      if (this.#rounds) value = Math.fround(value);
      if (this.#flushTiny) value = flushed(value);
      if (value === 0 && this.#zeroMissing[slot] === 1) value = Number.NaN;
      inputs[slot] = this.#missingLeft[slot] === 1 && Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
    }
    for (const { column, firstSlot, missing, unlisted, isCategory, listings } of this.#sets) {
      const value = this.#rounds ? Math.fround(features[column] as number) : (features[column] as number);
      if (Number.isNaN(value)) {
        inputs.set(missing, firstSlot);
        continue;
      }
      inputs.fill(unlisted, firstSlot, firstSlot + missing.length);
      if (!isCategory(value)) continue;
      const splits = missing.length;
      const first = Math.trunc(value) * splits;
      for (let at = lowerBound(listings, first); (listings[at] as number) < first + splits; at++) {
        inputs[firstSlot + (listings[at] as number) - first] = -unlisted;
      }
    }
  }
}

/** All splits of one column by sets. */
interface CategorySplits {
  readonly column: number;
  readonly firstSlot: number;
  /** Where each split sends a missing value. */
  readonly missing: Float64Array;
  /** Where all splits send a category that they do not list; the others go the other way. */
  readonly unlisted: number;
  readonly isCategory: (value: number) => boolean;
  /**
   * Which category is listed by which split: category x splits + split, ascending. No table of all categories, which may
   * be few and great, or as many as customers.
   */
  readonly listings: Float64Array;
}

function categorySplits(
  column: number,
  firstSlot: number,
  entries: readonly { set: readonly number[]; missingLeft: boolean }[],
  listedGo: "left" | "right",
): CategorySplits {
  const side = (goesLeft: boolean) => (goesLeft ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
  const splits = entries.length;
  const listings = new Float64Array(entries.reduce((sum, { set }) => sum + set.length, 0));
  let end = 0;
  entries.forEach(({ set }, split) => {
    for (const category of set) listings[end++] = category * splits + split;
  });
  // -0.5 truncates to category 0 in LightGBM, whose listed go left; in XGBoost nothing below 0 is a category.
  const isCategory = (value: number) => listedGo === "left" || value >= 0;
  return {
    column,
    firstSlot,
    missing: Float64Array.from(entries, ({ missingLeft }) => side(missingLeft)),
    unlisted: side(listedGo === "right"),
    isCategory,
    listings: listings.sort(),
  };
}

/** Where the first number stands that is at least `least`. */
function lowerBound(ascending: Float64Array, least: number): number {
  let from = 0;
  let to = ascending.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((ascending[middle] as number) < least) from = middle + 1;
    else to = middle;
  }
  return from;
}
