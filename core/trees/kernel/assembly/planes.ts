// 128 rows at once, a bit a row: a flag becomes a plane of 128 bits. ./plane-trees.ts leads the rows through the trees.
import { below, CATEGORIES, Column, FLUSH_TINY, flushed, patternOfCategory, rank, SINGLE, ZERO_PATTERN } from "./flags";

export const PLANE: usize = 16;
export const ROWS: usize = 128;
/** With more of them, going down block by block takes less. */
const MOST_PIVOTS: usize = 48;

/**
 * A row's bit stands where ./plane-trees.ts wants it: the first 16 rows have the lowest bits of the bytes of a plane, the next 16 the second ones, and so on.
 * `group`: the bit of 16 rows.
 */
@inline
function raise(plane: usize, row: usize, group: i32): void {
  const at = plane + row;
  store<u8>(at, load<u8>(at) | <u8>group);
}

// ---- Which rows a column's flags are raised for ----

const ABOVE = 0;
const MISSING = 1;
const EQUAL = 2;

/** All of one bits in the lanes whose value passes the test. */
@inline
function test<T>(TEST: i32, values: usize, limit: v128): v128 {
  const x = v128.load(values);
  if (sizeof<T>() == 4) return TEST == ABOVE ? f32x4.lt(limit, x) : TEST == MISSING ? f32x4.ne(x, x) : f32x4.eq(x, limit);
  return TEST == ABOVE ? f64x2.lt(limit, x) : TEST == MISSING ? f64x2.ne(x, x) : f64x2.eq(x, limit);
}

/** The same of four rows, as 32 bits each. */
@inline
function testFour<T>(TEST: i32, values: usize, limit: v128): v128 {
  if (sizeof<T>() == 4) return test<T>(TEST, values, limit);
  return i16x8.narrow_i32x4_s(test<T>(TEST, values, limit), test<T>(TEST, values + 16, limit));
}

/** The same of 16 rows, as a byte each. */
@inline
function testSixteen<T>(TEST: i32, values: usize, limit: v128): v128 {
  const four = 4 * sizeof<T>();
  return i8x16.narrow_i16x8_s(
    i16x8.narrow_i32x4_s(testFour<T>(TEST, values, limit), testFour<T>(TEST, values + four, limit)),
    i16x8.narrow_i32x4_s(testFour<T>(TEST, values + 2 * four, limit), testFour<T>(TEST, values + 3 * four, limit)),
  );
}

/** The plane of the rows that pass a test. */
@inline
function rowsOf<T>(TEST: i32, values: usize): v128 {
  let rows = i32x4.splat(0);
  let group = i8x16.splat(1);
  for (const end = values + ROWS * sizeof<T>(); values < end; values += 16 * sizeof<T>()) {
    rows = v128.or(rows, v128.and(group, testSixteen<T>(TEST, values, i32x4.splat(0))));
    group = i8x16.add(group, group);
  }
  return rows;
}

/** The values of a column, one behind the other, as its cuts are compared with them. */
@inline
function gatherValues<T>(column: Column, rows: usize, stride: usize, count: usize, values: usize): void {
  const flush = (column.kind & FLUSH_TINY) != 0;
  let at = rows + column.offset;
  for (const end = values + count * sizeof<T>(); values < end; values += sizeof<T>()) {
    let x = load<f64>(at);
    at += stride;
    // Rarer kinds of numbers cost the common ones nothing.
    if (flush) x = flushed(sizeof<T>() == 4 ? <f64><f32>x : x);
    store<T>(values, <T>x);
  }
}

@inline
function splat<T>(value: usize): v128 {
  return sizeof<T>() == 4 ? v128.load_splat<f32>(value) : v128.load_splat<f64>(value);
}

/** Under which of the lowest blocks of cuts 16 values are, as a byte each. `pivots`: the last cuts of all of these blocks but one. */
@inline
function blocksOf<T>(pivots: usize, end: usize, values: usize): v128 {
  let block = i32x4.splat(0);
  for (; pivots < end; pivots += sizeof<T>()) {
    block = i8x16.sub(block, testSixteen<T>(ABOVE, values, splat<T>(pivots)));
  }
  return block;
}

/** Raises each row in its bucket: how many cuts are below its value. A value that is not a number is above none. `blocks`: room for 16 bytes. */
@inline
function rankRows<T>(column: Column, values: usize, count: usize, buckets: usize, blocks: usize): void {
  const bytesOfBlock: usize = 16 * sizeof<T>();
  const end = values + count * sizeof<T>();
  const levels = column.levels;
  const pivots = (column.count - 1) >> 4;
  if (pivots > MOST_PIVOTS) {
    let group = 1;
    for (; values < end; group <<= 1) {
      for (let row: usize = 0; row < 16; row++) {
        raise(buckets + rank<T>(column.cuts, levels, splat<T>(values)) * PLANE, row, group);
        values += sizeof<T>();
      }
    }
    return;
  }
  const first = column.cuts + (levels == 3 ? bytesOfBlock : 0);
  const lowest = first + (levels == 1 ? 0 : levels == 2 ? bytesOfBlock : bytesOfBlock << 4);
  let group = 1;
  for (; values < end; group <<= 1) {
    v128.store(blocks, blocksOf<T>(first, first + pivots * sizeof<T>(), values));
    for (let row: usize = 0; row < 16; row++) {
      const block = <usize>load<u8>(blocks + row);
      const bucket = (block << 4) + below<T>(lowest + block * bytesOfBlock, splat<T>(values));
      raise(buckets + bucket * PLANE, row, group);
      values += sizeof<T>();
    }
  }
}

/** Gives some rows those flags that a pattern raises. */
@inline
function setPattern(planes: usize, flags: usize, pattern: usize, rows: v128): void {
  if (!v128.any_true(rows)) return;
  for (let flag: usize = 0; flag < flags; flag++) {
    const isRaised = i8x16.ne(v128.load_splat<u8>(pattern + flag), i32x4.splat(0));
    const to = planes + flag * PLANE;
    v128.store(to, v128.bitselect(isRaised, v128.load(to), rows));
  }
}

/** `work`: 16 bytes, the values of all rows, and a bucket more than there are flags. */
@inline
function setNumeric<T>(column: Column, rows: usize, stride: usize, count: usize, planes: usize, work: usize): void {
  const flags = column.count;
  const values = work + PLANE;
  const buckets = values + ROWS * sizeof<T>();
  memory.fill(buckets, 0, (flags + 1) * PLANE);
  gatherValues<T>(column, rows, stride, count, values);
  rankRows<T>(column, values, count, buckets, work);
  // A value that is above a cut is above all lower ones.
  let above = i32x4.splat(0);
  for (let flag = flags * PLANE; flag > 0; flag -= PLANE) {
    above = v128.or(above, v128.load(buckets + flag));
    v128.store(planes + flag - PLANE, above);
  }
  setPattern(planes, flags, column.patterns, rowsOf<T>(MISSING, values));
  if (column.kind & ZERO_PATTERN) setPattern(planes, flags, column.patterns + flags, rowsOf<T>(EQUAL, values));
}

/** Rows of one category have one pattern; the buckets are those met so far, each behind the address of its pattern. */
function setCategories(column: Column, rows: usize, stride: usize, count: usize, planes: usize, buckets: usize): void {
  const flags = column.count;
  memory.fill(planes, 0, flags * PLANE);
  let end = buckets;
  let at = rows + column.offset;
  for (let row: usize = 0; row < count; row++) {
    const x = load<f64>(at);
    const pattern = patternOfCategory(column, column.kind & SINGLE ? <f64><f32>x : x);
    at += stride;
    let bucket = buckets;
    while (bucket < end && load<usize>(bucket) != pattern) bucket += 2 * PLANE;
    if (bucket == end) {
      store<usize>(bucket, pattern);
      v128.store(bucket + PLANE, i32x4.splat(0));
      end += 2 * PLANE;
    }
    raise(bucket + PLANE, row & 15, (<i32>1) << (<i32>row >> 4));
  }
  for (let bucket = buckets; bucket < end; bucket += 2 * PLANE) {
    setPattern(planes, flags, load<usize>(bucket), v128.load(bucket + PLANE));
  }
}

/**
 * Writes the planes of all flags for up to 128 rows of float64, `stride` bytes apart. `work`: room for 256 planes, and for 66 more than the
 * longest column has flags.
 */
export function setPlanes(
  columns: usize,
  end: usize,
  rows: usize,
  stride: usize,
  count: usize,
  planes: usize,
  work: usize,
): void {
  for (; columns < end; columns += offsetof<Column>()) {
    const column = changetype<Column>(columns);
    const first = planes + column.flags * PLANE;
    if (column.kind & CATEGORIES) setCategories(column, rows, stride, count, first, work);
    else if (column.kind & SINGLE) setNumeric<f32>(column, rows, stride, count, first, work);
    else setNumeric<f64>(column, rows, stride, count, first, work);
  }
}
