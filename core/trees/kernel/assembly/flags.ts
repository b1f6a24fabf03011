// From the features of a row to one byte a cut. See ../../README.md, "Cuts and flags".
import { FLAGS } from "./layout";

/** LightGBM counts values up to (double)1e-35f as 0. */
const TINY: f64 = 1.0000000180025095e-35;

// Bits of Column.kind.
const SINGLE: i32 = 1;
const FLUSH_TINY: i32 = 2;
const ZERO_PATTERN: i32 = 4;
const CATEGORIES: i32 = 8;

/** What is known of one feature: 32 bytes. */
@unmanaged
class Column {
  kind: i32;
  /** Of the feature, from the start of the row. */
  offset: usize;
  /** The cuts, rising, as a tree of blocks of 16: the last of each block but the last stands in the block above. */
  cuts: usize;
  levels: i32;
  flags: usize;
  count: i32;
  /** `count` raised flags end here, and as many lowered ones follow. */
  step: usize;
  /** Flags of a missing value; then of zero, or of an unlisted category and of each category. */
  patterns: usize;
}

/** How many of 16 rising numbers are below x. */
@inline
function belowSingle(at: usize, x: v128): i32 {
  const a = f32x4.lt(v128.load(at, 0), x);
  const b = f32x4.lt(v128.load(at, 16), x);
  const c = f32x4.lt(v128.load(at, 32), x);
  const d = f32x4.lt(v128.load(at, 48), x);
  const ab = i16x8.narrow_i32x4_s(a, b);
  const cd = i16x8.narrow_i32x4_s(c, d);
  return popcnt(i8x16.bitmask(i8x16.narrow_i16x8_s(ab, cd)));
}

@inline
function belowDouble(at: usize, x: v128): i32 {
  let sum = i64x2.add(f64x2.lt(v128.load(at, 0), x), f64x2.lt(v128.load(at, 16), x));
  sum = i64x2.add(sum, i64x2.add(f64x2.lt(v128.load(at, 32), x), f64x2.lt(v128.load(at, 48), x)));
  sum = i64x2.add(sum, i64x2.add(f64x2.lt(v128.load(at, 64), x), f64x2.lt(v128.load(at, 80), x)));
  sum = i64x2.add(sum, i64x2.add(f64x2.lt(v128.load(at, 96), x), f64x2.lt(v128.load(at, 112), x)));
  return -(<i32>i64x2.extract_lane(sum, 0) + <i32>i64x2.extract_lane(sum, 1));
}

/** How many cuts are below x. */
@inline
function rankSingle(cuts: usize, levels: i32, x: f32): i32 {
  const splat = f32x4.splat(x);
  let block = 0;
  for (let blocks = 1; levels > 1; --levels) {
    block = (block << 4) + belowSingle(cuts + (<usize>block << 6), splat);
    cuts += <usize>blocks << 6;
    blocks <<= 4;
  }
  return (block << 4) + belowSingle(cuts + (<usize>block << 6), splat);
}

@inline
function rankDouble(cuts: usize, levels: i32, x: f64): i32 {
  const splat = f64x2.splat(x);
  let block = 0;
  for (let blocks = 1; levels > 1; --levels) {
    block = (block << 4) + belowDouble(cuts + (<usize>block << 7), splat);
    cuts += <usize>blocks << 7;
    blocks <<= 4;
  }
  return (block << 4) + belowDouble(cuts + (<usize>block << 7), splat);
}

/** Where the flags of a column's value stand: a window of its step, or a pattern. */
@inline
export function flagsOf(column: Column, x: f64): usize {
  const kind = column.kind;
  if (kind & CATEGORIES) {
    return 0;
  }
  if (kind & FLUSH_TINY) {
    x = select<f64>(0, x, abs(x) <= TINY);
  }
  const rank = kind & SINGLE
    ? rankSingle(column.cuts, column.levels, <f32>x)
    : rankDouble(column.cuts, column.levels, x);
  const stepped = column.step - <usize>rank;
  if (kind & ZERO_PATTERN && x == 0) return column.patterns + <usize>column.count;
  return select<usize>(stepped, column.patterns, x == x);
}

/** Raises and lowers the flags of all cuts as the features of a row say. */
export function setFlags(columns: usize, end: usize, row: usize): void {
  for (; columns < end; columns += offsetof<Column>()) {
    const column = changetype<Column>(columns);
    const from = flagsOf(column, load<f64>(row + column.offset));
    const to = FLAGS + column.flags;
    const count = <usize>column.count;
    // The last step writes beyond the column; the next column writes there again.
    for (let i: usize = 0; i < count; i += 16) v128.store(to + i, v128.load(from + i));
  }
}
