import type { TreeEnsemble } from "./ensemble.ts";

/** LightGBM counts values up to (double)1e-35f as 0. */
const tiny = 1.0000000180025095e-35;

/**
 * Prepares a lead's features so that every split of every tree is one comparison, `x <= threshold`, also for missing
 * values and categories. A feature is copied into one slot for the splits that send missing values right (NaN stays: no
 * comparison holds) and one for those that send them left (NaN becomes -Infinity: every comparison holds). A split by a
 * set of categories gets a slot of its own, -Infinity or +Infinity.
 */
export class TreeInputs {
  readonly slots: number;
  /** The slot that each node compares; 0 for leaves. */
  readonly slotOfNode: Int32Array;
  readonly #rounds: boolean;
  readonly #flushTiny: boolean;
  readonly #features: Int32Array;
  readonly #missingLeft: Uint8Array;
  readonly #sets: readonly CategorySplits[];

  constructor(predictor: TreeEnsemble) {
    const { feature, missingLeft, categorySet, categorySets } = predictor;
    /** By column x 2 + missingLeft: the slot + 1. */
    const slotOfKey = new Int32Array(2 * (1 + feature.reduce((most, column) => Math.max(most, column), 0)));
    const plainKeys: number[] = [];
    const setSlots = new Map<
      number,
      Map<string, { set: readonly number[]; missingLeft: boolean; nodes: number[] }>
    >();
    this.slotOfNode = new Int32Array(feature.length);
    for (let node = 0; node < feature.length; node++) {
      const column = feature[node] as number;
      if (column < 0) continue;
      const set = categorySet === undefined ? -1 : (categorySet[node] as number);
      const key = column * 2 + (missingLeft[node] as number);
      if (set < 0) {
        if (slotOfKey[key] === 0) slotOfKey[key] = plainKeys.push(key);
        this.slotOfNode[node] = (slotOfKey[key] as number) - 1;
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
    this.#features = Int32Array.from(plainKeys, (key) => key >> 1);
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
      if (this.#flushTiny && value <= tiny && value >= -tiny) value = 0;
      inputs[slot] = this.#missingLeft[slot] === 1 && Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
    }
    for (const { column, firstSlot, sidesOf } of this.#sets) {
      const value = features[column] as number;
      inputs.set(sidesOf(this.#rounds ? Math.fround(value) : value), firstSlot);
    }
  }
}

/** All splits of one column by sets. */
interface CategorySplits {
  readonly column: number;
  readonly firstSlot: number;
  /** Where each split sends a value. */
  readonly sidesOf: (value: number) => Float64Array;
}

function categorySplits(
  column: number,
  firstSlot: number,
  entries: readonly { set: readonly number[]; missingLeft: boolean }[],
  listedGo: "left" | "right",
): CategorySplits {
  const side = (goesLeft: boolean) => (goesLeft ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
  const missing = Float64Array.from(entries, ({ missingLeft }) => side(missingLeft));
  const unlisted = new Float64Array(entries.length).fill(side(listedGo === "right"));
  // A map: codes may be few and great.
  const byCode = new Map<number, Float64Array>();
  entries.forEach(({ set }, index) => {
    for (const code of set) {
      const sides = byCode.get(code) ?? unlisted.slice();
      byCode.set(code, sides);
      sides[index] = side(listedGo === "left");
    }
  });
  // -0.5 truncates to category 0 in LightGBM, whose listed go left; in XGBoost nothing below 0 is a category.
  const isCategory = (value: number) => listedGo === "left" || value >= 0;
  return {
    column,
    firstSlot,
    sidesOf: (value) => {
      if (Number.isNaN(value)) return missing;
      return (isCategory(value) ? byCode.get(Math.trunc(value)) : undefined) ?? unlisted;
    },
  };
}
