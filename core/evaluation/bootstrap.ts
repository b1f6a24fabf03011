import type { RowWeights } from "./outcome-table.ts";

const mostResamples = 1_000;
const fewestResamples = 200;
/** Rows drawn in all: large tables, whose intervals are narrow anyway, are resampled less often. */
const mostDraws = 10_000_000;
const level = 0.95;

export type Interval = readonly [low: number, high: number];

export function resampleCount(rows: number): number {
  return Math.min(mostResamples, Math.max(fewestResamples, Math.floor(mostDraws / rows)));
}

/**
 * Percentile intervals of figures under resampling of rows with replacement (Efron 1979), the same for the same seed.
 * Resamples in which a figure is not defined are left out of its interval.
 */
export function bootstrapIntervals<Name extends string>(
  rows: number,
  figuresOf: (weights: RowWeights) => Readonly<Record<Name, number>>,
  seed: number,
): Record<Name, Interval> {
  const random = mulberry32(seed);
  const weights = new Int32Array(rows);
  const drawn = new Map<Name, number[]>();
  for (let resample = resampleCount(rows); resample > 0; resample--) {
    weights.fill(0);
    for (let draw = 0; draw < rows; draw++) {
      const row = Math.floor(random() * rows);
      weights[row] = (weights[row] as number) + 1;
    }
    for (const [name, value] of Object.entries(figuresOf(weights)) as [Name, number][]) {
      const values = drawn.get(name) ?? [];
      values.push(value);
      drawn.set(name, values);
    }
  }
  const tail = (1 - level) / 2;
  const intervals = {} as Record<Name, Interval>;
  for (const [name, values] of drawn) {
    const known = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
    intervals[name] = [quantile(known, tail), quantile(known, 1 - tail)];
  }
  return intervals;
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
