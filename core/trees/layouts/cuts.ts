import type { TreeEnsemble } from "../ensemble.ts";

/** Flag 0 is never raised: leaves look at it. */
export const FIRST_FLAG = 1;

/**
 * The distinct questions that splits ask of a row, each answered by a flag: raised, the row goes right. The cuts of one
 * feature stand together, so that one search answers all of them.
 */
export interface Cuts {
  /** One more than the number of the last flag. */
  readonly flags: number;
  readonly columns: readonly (NumericCuts | CategoryCuts)[];
}

export interface NumericCuts {
  readonly kind: "numeric";
  readonly feature: number;
  readonly firstFlag: number;
  /** Rising. A flag is raised by values above its cut. */
  readonly cuts: Float64Array;
  /** By cut: 0, a missing value raises the flag; 1, it does not. */
  readonly missingLeft: Uint8Array;
  /** By cut, 1: zero counts as missing too. Absent: at no cut. */
  readonly zeroMissing?: Uint8Array;
}

export interface CategoryCuts {
  readonly kind: "categories";
  readonly feature: number;
  readonly firstFlag: number;
  /** By cut, 1: a missing value raises the flag. */
  readonly raisedByMissing: Uint8Array;
  readonly raisedByUnlisted: Uint8Array;
  /** By code. */
  readonly raisedByCode: readonly Uint8Array[];
}

/** The cuts of an ensemble, and by node the flag that it looks at; 0 for leaves. Expects thresholds that are numbers. */
export function cutsOf(ensemble: TreeEnsemble): Cuts & { readonly flagOfNode: Int32Array } {
  const flagOfNode = new Int32Array(ensemble.feature.length);
  const columns: (NumericCuts | CategoryCuts)[] = [];
  let flags = FIRST_FLAG;
  for (const { feature, numeric, categories } of splitsByFeature(ensemble)) {
    if (numeric.length > 0) {
      const column = numericCuts(ensemble, feature, numeric, flags, flagOfNode);
      columns.push(column);
      flags += flagsOf(column);
    }
    if (categories.length > 0) {
      const column = categoryCuts(ensemble, feature, categories, flags, flagOfNode);
      columns.push(column);
      flags += flagsOf(column);
    }
  }
  return { flags, flagOfNode, columns };
}

function splitsByFeature({ feature, categorySet }: TreeEnsemble) {
  const columns: { feature: number; numeric: number[]; categories: number[] }[] = [];
  const byFeature: (typeof columns)[number][] = [];
  for (let node = 0; node < feature.length; node++) {
    const column = feature[node] as number;
    if (column < 0) continue;
    let splits = byFeature[column];
    if (splits === undefined) {
      splits = { feature: column, numeric: [], categories: [] };
      byFeature[column] = splits;
      columns.push(splits);
    }
    if (categorySet === undefined || (categorySet[node] as number) < 0) splits.numeric.push(node);
    else splits.categories.push(node);
  }
  return columns.sort((a, b) => a.feature - b.feature);
}

/** A cut is a threshold together with what the splits do with a missing value and with zero. */
function numericCuts(
  { threshold, missingLeft, zeroMissing }: TreeEnsemble,
  feature: number,
  nodes: readonly number[],
  firstFlag: number,
  flagOfNode: Int32Array,
): NumericCuts {
  const thresholds = new Float64Array(nodes.length);
  for (let i = 0; i < nodes.length; i++) thresholds[i] = threshold[nodes[i] as number] as number;
  const distinct = distinctSorted(thresholds);
  /** By key, which is place in `distinct` x 4 + zeroMissing x 2 + missingLeft: 1 if there is such a cut; then, its place. */
  const placeOfKey = new Int32Array(distinct.length * 4);
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i] as number;
    const kind =
      (missingLeft[node] as number) + (zeroMissing === undefined ? 0 : 2 * (zeroMissing[node] as number));
    const key = lowerBound(distinct, threshold[node] as number) * 4 + kind;
    flagOfNode[node] = key;
    placeOfKey[key] = 1;
  }
  const keys: number[] = [];
  for (let key = 0; key < placeOfKey.length; key++) {
    if (placeOfKey[key] === 1) placeOfKey[key] = keys.push(key) - 1;
  }
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i] as number;
    flagOfNode[node] = firstFlag + (placeOfKey[flagOfNode[node] as number] as number);
  }
  const cuts = Float64Array.from(keys, (key) => distinct[key >> 2] as number);
  const missing = Uint8Array.from(keys, (key) => key & 1);
  const base = { kind: "numeric", feature, firstFlag, cuts, missingLeft: missing } as const;
  if (keys.every((key) => (key & 2) === 0)) return base;
  return { ...base, zeroMissing: Uint8Array.from(keys, (key) => (key >> 1) & 1) };
}

/** How many flags a column has. */
export function flagsOf(column: NumericCuts | CategoryCuts): number {
  return column.kind === "numeric" ? column.cuts.length : column.raisedByMissing.length;
}

function distinctSorted(values: Float64Array): Float64Array {
  values.sort();
  let count = 0;
  for (const value of values) {
    if (count === 0 || value !== values[count - 1]) values[count++] = value;
  }
  return values.subarray(0, count);
}

/** The first place whose value is not below x. */
function lowerBound(values: Float64Array, x: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A cut is a set together with the side of a missing value. */
function categoryCuts(
  { categorySet, categorySets, missingLeft, listedGo }: TreeEnsemble,
  feature: number,
  nodes: readonly number[],
  firstFlag: number,
  flagOfNode: Int32Array,
): CategoryCuts {
  const placeOfKey = new Map<number, number>();
  for (const node of nodes) {
    const key = ((categorySet as Int32Array)[node] as number) * 2 + (missingLeft[node] as number);
    const place = placeOfKey.get(key) ?? placeOfKey.size;
    placeOfKey.set(key, place);
    flagOfNode[node] = firstFlag + place;
  }
  const keys = [...placeOfKey.keys()];
  const listedRaises = listedGo === "right" ? 1 : 0;
  const sets = keys.map((key) => categorySets[key >> 1] as readonly number[]);
  // One at least: a number just below 0 truncates to code 0, whether or not a set lists it.
  const codes = 1 + sets.reduce((highest, set) => set.reduce((a, b) => Math.max(a, b), highest), 0);
  const raisedByUnlisted = new Uint8Array(keys.length).fill(1 - listedRaises);
  // Codes that no set lists share one pattern.
  const raisedByCode: Uint8Array[] = new Array(codes).fill(raisedByUnlisted);
  sets.forEach((set, place) => {
    for (const code of set) {
      if (raisedByCode[code] === raisedByUnlisted) raisedByCode[code] = raisedByUnlisted.slice();
      (raisedByCode[code] as Uint8Array)[place] = listedRaises;
    }
  });
  const raisedByMissing = Uint8Array.from(keys, (key) => 1 - (key & 1));
  return { kind: "categories", feature, firstFlag, raisedByMissing, raisedByUnlisted, raisedByCode };
}
