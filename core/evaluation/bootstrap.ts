import type { RowWeights } from "./outcome-table.ts";

const mostResamples = 1_000;
const fewestResamples = 200;
/** Rows drawn in all: large tables, whose intervals are narrow anyway, are resampled less often. */
const mostDraws = 10_000_000;
const level = 0.95;

export type Interval = readonly [low: number, high: number];

/** The shape of nested figures, with an interval in the place of every number. */
export type IntervalsOf<Tree> = Tree extends number
  ? Interval
  : { readonly [Key in keyof Tree]: IntervalsOf<Tree[Key]> };

export function resampleCount(rows: number): number {
  return Math.min(mostResamples, Math.max(fewestResamples, Math.floor(mostDraws / rows)));
}

/**
 * Percentile intervals of nested figures under resampling of rows with replacement (Efron 1979), the same for the same seed. Every
 * figure is measured on the same resamples; those in which it is not defined (NaN) are left out of its interval. `measure` must answer
 * with the same shape every time.
 */
export function bootstrapIntervals<Tree extends object>(
  rows: number,
  measure: (weights: RowWeights) => Tree,
  seed: number,
): IntervalsOf<Tree> {
  const random = mulberry32(seed);
  const weights = new Int32Array(rows);
  const drawn: number[][] = [];
  let shape: Tree | undefined;
  for (let resample = resampleCount(rows); resample > 0; resample--) {
    weights.fill(0);
    for (let draw = 0; draw < rows; draw++) {
      const row = Math.floor(random() * rows);
      weights[row] = (weights[row] as number) + 1;
    }
    shape = measure(weights);
    let figure = 0;
    for (const value of leaves(shape)) {
      drawn[figure] ??= [];
      drawn[figure]?.push(value);
      figure++;
    }
  }
  const intervals = drawn.map(percentileInterval);
  return withLeaves(shape, () => intervals.shift()) as IntervalsOf<Tree>;
}

function percentileInterval(values: readonly number[]): Interval {
  const known = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const tail = (1 - level) / 2;
  return [quantile(known, tail), quantile(known, 1 - tail)];
}

function* leaves(tree: unknown): Generator<number> {
  if (typeof tree === "number") yield tree;
  else for (const branch of Object.values(tree as object)) yield* leaves(branch);
}

function withLeaves(tree: unknown, nextLeaf: () => unknown): unknown {
  if (typeof tree === "number") return nextLeaf();
  if (Array.isArray(tree)) return tree.map((branch) => withLeaves(branch, nextLeaf));
  return Object.fromEntries(
    Object.entries(tree as object).map(([name, branch]) => [name, withLeaves(branch, nextLeaf)]),
  );
}

/** Linear between order statistics, as numpy's default. */
function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (high - low) * (position - below);
}

/** Tommy Ettinger's generator of 32 bits of state: enough for resampling, and the same everywhere. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
