// From the features of a row to the flags of all cuts: which of them the row is beyond.
import { FLAGS } from "./layout";

/** LightGBM counts values up to (double)1e-35f as 0. */
const TINY: f64 = 1.0000000180025095e-35;

// Bits of Column.kind.
export const SINGLE: i32 = 1;
export const FLUSH_TINY: i32 = 2;
export const ZERO_PATTERN: i32 = 4;
export const CATEGORIES: i32 = 8;
const KEEP_NEGATIVE_FRACTION: i32 = 16;

/** The cuts of one feature. Flags are copied from a pattern: for most numbers, a window of `raised ... raised lowered ... lowered`. */
@unmanaged
export class Column {
  kind: i32;
  /** Of the feature, from the start of the row. */
  offset: usize;
  /** The cuts, rising, under blocks of 16 that lead to them; of categories, the pattern of each code. */
  cuts: usize;
  /** Of blocks; of categories, how many codes there are. */
  levels: i32;
  /** Address of the first flag. */
  flags: usize;
  count: usize;
  /** Where the raised flags end and the lowered ones begin; of categories, the pattern of an unlisted one. */
  step: usize;
  /** The pattern of a missing value; that of zero follows. */
  patterns: usize;
}

/** How many of 16 rising numbers are below x. */
@inline
function belowSingle(at: usize, x: v128): usize {
  const first = i16x8.narrow_i32x4_s(f32x4.lt(v128.load(at, 0), x), f32x4.lt(v128.load(at, 16), x));
  const second = i16x8.narrow_i32x4_s(f32x4.lt(v128.load(at, 32), x), f32x4.lt(v128.load(at, 48), x));
  return <usize>popcnt(i8x16.bitmask(i8x16.narrow_i16x8_s(first, second)));
}

@inline
function belowDouble(at: usize, x: v128): usize {
  let sum = i64x2.add(f64x2.lt(v128.load(at, 0), x), f64x2.lt(v128.load(at, 16), x));
  sum = i64x2.add(sum, i64x2.add(f64x2.lt(v128.load(at, 32), x), f64x2.lt(v128.load(at, 48), x)));
  sum = i64x2.add(sum, i64x2.add(f64x2.lt(v128.load(at, 64), x), f64x2.lt(v128.load(at, 80), x)));
  sum = i64x2.add(sum, i64x2.add(f64x2.lt(v128.load(at, 96), x), f64x2.lt(v128.load(at, 112), x)));
  return 0 - <usize>(i64x2.extract_lane(sum, 0) + i64x2.extract_lane(sum, 1));
}

@inline
export function below<T>(block: usize, x: v128): usize {
  return sizeof<T>() == 4 ? belowSingle(block, x) : belowDouble(block, x);
}

/** More than 256 cuts: block by block down a tree of 16 children a block, whose levels follow one another. */
function rankOfMany<T>(cuts: usize, levels: i32, x: v128): usize {
  let block: usize = 0;
  let blocks: usize = 1;
  for (; levels > 1; --levels) {
    block = (block << 4) + below<T>(cuts + block * (16 * sizeof<T>()), x);
    cuts += blocks * (16 * sizeof<T>());
    blocks <<= 4;
  }
  return (block << 4) + below<T>(cuts + block * (16 * sizeof<T>()), x);
}

/** How many cuts are below x. */
@inline
export function rank<T>(cuts: usize, levels: i32, x: v128): usize {
  if (levels == 1) return below<T>(cuts, x);
  if (levels > 2) return rankOfMany<T>(cuts, levels, x);
  const block = below<T>(cuts, x);
  return (block << 4) + below<T>(cuts + (block + 1) * (16 * sizeof<T>()), x);
}

@inline
export function flushed(x: f64): f64 {
  return select<f64>(0, x, abs(x) <= TINY);
}

/** The pattern of a category: a number is truncated to its code. */
@inline
export function patternOfCategory(column: Column, value: f64): usize {
  if (value != value) return column.patterns;
  const lowest: f64 = column.kind & KEEP_NEGATIVE_FRACTION ? -1 : -f64.MIN_VALUE;
  if (!(value > lowest && value < <f64>column.levels)) return column.step;
  return load<usize>(column.cuts + (<usize><i32>value << 2));
}

/** What a row's search keeps of a column from one pass to the next. */
@unmanaged
class Search {
  /** The flags, if no cut of the block is below the value. */
  pattern: usize;
  /** The lowest block of cuts. */
  block: usize;
  /** The value, as its cuts are; not a number where the pattern is settled. */
  value: f64;
}

/** Down to the lowest block of each column. `heads`: the topmost blocks of all columns that have more than one level. */
@inline
function beginSearches<T>(columns: usize, end: usize, row: usize, heads: usize, searches: usize): void {
  const bytesOfBlock: usize = 16 * sizeof<T>();
  for (let at = columns; at < end; at += offsetof<Column>()) {
    const column = changetype<Column>(at);
    const search = changetype<Search>(searches);
    searches += offsetof<Search>();
    const kind = column.kind;
    let levels = column.levels;
    let lowest = column.cuts;
    let x = <T>load<f64>(row + column.offset);
    let settled = column.patterns;
    if (kind & ~SINGLE) {
      if (kind & CATEGORIES) {
        settled = patternOfCategory(column, <f64>x);
        x = <T>NaN;
        lowest = FLAGS;
        levels = 1;
      }
      if (kind & FLUSH_TINY) x = <T>flushed(<f64>x);
      if (kind & ZERO_PATTERN && x == 0) {
        settled += column.count;
        x = <T>NaN;
      }
    }
    store<T>(searches - sizeof<f64>(), x);
    let block: usize = 0;
    if (levels > 1) {
      const splat = sizeof<T>() == 4 ? f32x4.splat(<f32>x) : f64x2.splat(<f64>x);
      block = below<T>(heads, splat);
      heads += bytesOfBlock;
      lowest += bytesOfBlock;
      let blocks: usize = 16;
      for (; levels > 2; --levels) {
        block = (block << 4) + below<T>(lowest + block * bytesOfBlock, splat);
        lowest += blocks * bytesOfBlock;
        blocks <<= 4;
      }
    }
    search.pattern = select<usize>(column.step - (block << 4), settled, x == x);
    search.block = lowest + block * bytesOfBlock;
  }
}

/** Through the lowest blocks: nothing here depends on the one before, so that many are on their way from memory at once. */
@inline
function endSearches<T>(searches: usize, end: usize): void {
  for (; searches < end; searches += offsetof<Search>()) {
    const search = changetype<Search>(searches);
    const value = searches + offsetof<Search>("value");
    const splat = sizeof<T>() == 4 ? v128.load_splat<f32>(value) : v128.load_splat<f64>(value);
    search.pattern -= below<T>(search.block, splat);
  }
}

/** Sets the flags of all cuts for a row of float64. `searches`: room for a Search a column. */
export function setFlags(columns: usize, end: usize, row: usize, heads: usize, searches: usize, single: i32): void {
  const searchesEnd = searches + (end - columns) / offsetof<Column>() * offsetof<Search>();
  if (single) {
    beginSearches<f32>(columns, end, row, heads, searches);
    endSearches<f32>(searches, searchesEnd);
  } else {
    beginSearches<f64>(columns, end, row, heads, searches);
    endSearches<f64>(searches, searchesEnd);
  }
  for (let at = columns; at < end; at += offsetof<Column>()) {
    const column = changetype<Column>(at);
    const from = changetype<Search>(searches).pattern;
    const to = column.flags;
    const count = column.count;
    // The last steps write beyond the column, where the next column writes after it.
    for (let i: usize = 0; i < count; i += 64) {
      v128.store(to + i, v128.load(from + i), FLAGS);
      v128.store(to + i, v128.load(from + i, 16), FLAGS + 16);
      v128.store(to + i, v128.load(from + i, 32), FLAGS + 32);
      v128.store(to + i, v128.load(from + i, 48), FLAGS + 48);
    }
    searches += offsetof<Search>();
  }
}
