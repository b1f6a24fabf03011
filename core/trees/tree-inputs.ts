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
      return categorySplits(column, firstSlot, entries);
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
    for (const { column, firstSlot, byCode, missing, unlisted } of this.#sets) {
      const code = features[column] as number;
      const sides = Number.isNaN(code) ? missing : (byCode[code] ?? unlisted);
      inputs.set(sides, firstSlot);
    }
  }
}

/** All splits of one column by sets: where each goes, for each code. */
interface CategorySplits {
  readonly column: number;
  readonly firstSlot: number;
  readonly byCode: readonly Float64Array[];
  readonly missing: Float64Array;
  /** Codes beyond every set. */
  readonly unlisted: Float64Array;
}

function categorySplits(
  column: number,
  firstSlot: number,
  entries: readonly { set: readonly number[]; missingLeft: boolean }[],
): CategorySplits {
  const side = (goesLeft: boolean) => (goesLeft ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
  const unlisted = new Float64Array(entries.length).fill(side(false));
  const codes = 1 + entries.reduce((highest, { set }) => set.reduce((a, b) => Math.max(a, b), highest), -1);
  const byCode = Array.from({ length: codes }, () => unlisted.slice());
  entries.forEach(({ set }, index) => {
    for (const code of set) (byCode[code] as Float64Array)[index] = side(true);
  });
  const missing = Float64Array.from(entries, ({ missingLeft }) => side(missingLeft));
  return { column, firstSlot, byCode, missing, unlisted };
}
