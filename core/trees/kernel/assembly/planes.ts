// 128 rows at once, a bit a row. A flag becomes a plane of 128 bits; a tree is then two operations a split for all rows
// together, whatever its shape, and only which leaf a row has reached and that leaf's value are looked up row by row.
import { CATEGORIES, Column, FLUSH_TINY, flushed, patternOfCategory, rank, SINGLE, ZERO_PATTERN } from "./flags";

const PLANE: usize = 16;
const ROWS: usize = 128;

/** A row's bit stands where `codesOf` wants it: bits 0, 2, 4 ... of 16 rows in the first of their two bytes, the odd ones in the second. */
@inline
function raise(plane: usize, row: usize): void {
  const at = plane + ((row >> 3) & ~1) + (row & 1);
  store<u8>(at, load<u8>(at) | <u8>((<i32>1) << ((<i32>row >> 1) & 7)));
}

/** The bucket of each row: how many cuts are below its value; behind those, that of missing values and that of zero. */
@inline
function sortRows<T>(column: Column, rows: usize, stride: usize, count: usize, buckets: usize): void {
  const missing = column.count + 1;
  // Rarer kinds of numbers cost the common ones nothing.
  const flush = (column.kind & FLUSH_TINY) != 0;
  const zero = column.kind & ZERO_PATTERN ? missing + 1 : 0;
  const cuts = column.cuts;
  const levels = column.levels;
  let at = rows + column.offset;
  for (let row: usize = 0; row < count; row++) {
    let x = load<f64>(at);
    at += stride;
    if (sizeof<T>() == 4) x = <f64><f32>x;
    if (flush) x = flushed(x);
    const splat = sizeof<T>() == 4 ? f32x4.splat(<f32>x) : f64x2.splat(x);
    let bucket = select<usize>(rank<T>(cuts, levels, splat), missing, x == x);
    if (zero) bucket = select<usize>(zero, bucket, x == 0);
    raise(buckets + bucket * PLANE, row);
  }
}

/** Adds the rows of a plane to those flags that a pattern raises. */
@inline
function raisePattern(planes: usize, flags: usize, pattern: usize, rows: v128): void {
  if (!v128.any_true(rows)) return;
  for (let flag: usize = 0; flag < flags; flag++) {
    const isRaised = i8x16.ne(v128.load_splat<u8>(pattern + flag), i32x4.splat(0));
    const to = planes + flag * PLANE;
    v128.store(to, v128.or(v128.load(to), v128.and(rows, isRaised)));
  }
}

function setNumeric(column: Column, rows: usize, stride: usize, count: usize, planes: usize, buckets: usize): void {
  const flags = column.count;
  memory.fill(buckets, 0, (flags + 3) * PLANE);
  if (column.kind & SINGLE) sortRows<f32>(column, rows, stride, count, buckets);
  else sortRows<f64>(column, rows, stride, count, buckets);
  // A value that is above a cut is above all lower ones.
  let above = i32x4.splat(0);
  for (let flag = flags * PLANE; flag > 0; flag -= PLANE) {
    above = v128.or(above, v128.load(buckets + flag));
    v128.store(planes + flag - PLANE, above);
  }
  const missing = buckets + (flags + 1) * PLANE;
  raisePattern(planes, flags, column.patterns, v128.load(missing));
  raisePattern(planes, flags, column.patterns + flags, v128.load(missing, PLANE));
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
    raise(bucket + PLANE, row);
  }
  for (let bucket = buckets; bucket < end; bucket += 2 * PLANE) {
    raisePattern(planes, flags, load<usize>(bucket), v128.load(bucket + PLANE));
  }
}

/**
 * Writes the planes of all flags for up to 128 rows of float64, `stride` bytes apart. `buckets`: room for 256 planes, and for 3 more than the
 * longest column has flags.
 */
export function setPlanes(
  columns: usize,
  end: usize,
  rows: usize,
  stride: usize,
  count: usize,
  planes: usize,
  buckets: usize,
): void {
  for (; columns < end; columns += offsetof<Column>()) {
    const column = changetype<Column>(columns);
    const first = planes + column.flags * PLANE;
    if (column.kind & CATEGORIES) setCategories(column, rows, stride, count, first, buckets);
    else setNumeric(column, rows, stride, count, first, buckets);
  }
}

/** The rows at each node, from the root down. A split is three addresses of planes: its flag, and where the rows of either side go. */
@inline
function part(splits: usize, end: usize, nodes: usize): void {
  for (; splits < end; splits += 12) {
    const rows = v128.load(nodes);
    const raised = v128.load(load<usize>(splits));
    v128.store(load<usize>(splits, 4), v128.andnot(rows, raised));
    v128.store(load<usize>(splits, 8), v128.and(rows, raised));
    nodes += PLANE;
  }
}

/** From the rows at each of the leaves to planes of the bits of each row's leaf; returns how many bits there are. Overwrites the leaves. */
@inline
function bitsOf(leaves: usize, count: usize, bits: usize): usize {
  const first = bits;
  for (; count > 1; bits += PLANE) {
    // Of the pairs of neighbours: those in the second of a pair have this bit; a pair is one leaf of the next round.
    let odd = i32x4.splat(0);
    let to = leaves;
    let at = leaves;
    for (const end = leaves + (count & ~1) * PLANE; at < end; at += 2 * PLANE) {
      const second = v128.load(at, PLANE);
      odd = v128.or(odd, second);
      v128.store(to, v128.or(v128.load(at), second));
      to += PLANE;
    }
    if (count & 1) v128.store(to, v128.load(at));
    v128.store(bits, odd);
    count = (count + 1) >> 1;
  }
  return (bits - first) / PLANE;
}

/** Doubles the codes of 16 rows and adds their bits. */
@inline
function addBit(code: v128, at: usize): v128 {
  const bitOfRow = i16x8(0x0101, 0x0202, 0x0404, 0x0808, 0x1010, 0x2020, 0x4040, <i16>0x8080);
  const isSet = i8x16.eq(v128.and(v128.load_splat<u16>(at), bitOfRow), bitOfRow);
  return i8x16.sub(i8x16.add(code, code), isSet);
}

/** From up to 8 planes of bits to a byte a row. */
@inline
function codesOf(bits: usize, planes: usize, codes: usize): void {
  for (let half: usize = 0; half < PLANE; half += 8) {
    let a = i32x4.splat(0);
    let b = i32x4.splat(0);
    let c = i32x4.splat(0);
    let d = i32x4.splat(0);
    for (let at = bits + planes * PLANE + half; at > bits + half; ) {
      at -= PLANE;
      a = addBit(a, at);
      b = addBit(b, at + 2);
      c = addBit(c, at + 4);
      d = addBit(d, at + 6);
    }
    v128.store(codes, a, 0);
    v128.store(codes, b, 16);
    v128.store(codes, c, 32);
    v128.store(codes, d, 48);
    codes += 64;
  }
}

/** One value a leaf of at most 256 leaves. */
@inline
function addOne<T>(codes: usize, values: usize, sums: usize): void {
  if (sizeof<T>() == 4) {
    for (const end = codes + ROWS; codes < end; codes += 4) {
      let leaves = v128.load_zero<f32>(values + (<usize>load<u8>(codes) << 2));
      leaves = v128.load_lane<f32>(values + (<usize>load<u8>(codes, 1) << 2), leaves, 1);
      leaves = v128.load_lane<f32>(values + (<usize>load<u8>(codes, 2) << 2), leaves, 2);
      leaves = v128.load_lane<f32>(values + (<usize>load<u8>(codes, 3) << 2), leaves, 3);
      v128.store(sums, f32x4.add(v128.load(sums), leaves));
      sums += 16;
    }
  } else {
    for (const end = codes + ROWS; codes < end; codes += 2) {
      let leaves = v128.load_zero<f64>(values + (<usize>load<u8>(codes) << 3));
      leaves = v128.load_lane<f64>(values + (<usize>load<u8>(codes, 1) << 3), leaves, 1);
      v128.store(sums, f64x2.add(v128.load(sums), leaves));
      sums += 16;
    }
  }
}

/** Any number of values a leaf, and of leaves; `highCodes`: the upper bytes of the leaves' numbers. */
@inline
function addMany<T>(codes: usize, highCodes: bool, values: usize, valuesPerLeaf: usize, sums: usize): void {
  for (let i: usize = 0; i < valuesPerLeaf; i++) {
    for (let row: usize = 0; row < ROWS; row++) {
      let leaf = <usize>load<u8>(codes + row);
      if (highCodes) leaf |= <usize>load<u8>(codes + row, 128) << 8;
      store<T>(sums, load<T>(sums) + load<T>(values + (leaf * valuesPerLeaf + i) * sizeof<T>()));
      sums += sizeof<T>();
    }
  }
}

@inline
function add<T>(trees: usize, end: usize, nodes: usize, values: usize, valuesPerLeaf: usize, sums: usize): void {
  const bits = nodes - 16 * PLANE - 2 * ROWS;
  const codes = nodes - 2 * ROWS;
  // All rows are at the root of every tree.
  v128.store(nodes, i32x4.splat(-1));
  while (trees < end) {
    const splits = load<usize>(trees);
    const sumsOfTree = load<usize>(trees, 4);
    trees += 8;
    part(trees, trees + splits * 12, nodes);
    trees += splits * 12;
    const planes = bitsOf(nodes + splits * PLANE, splits + 1, bits);
    codesOf(bits, min(planes, 8), codes);
    if (planes > 8) codesOf(bits + 8 * PLANE, planes - 8, codes + ROWS);
    if (planes <= 8 && valuesPerLeaf == 1) addOne<T>(codes, values, sums + sumsOfTree);
    else addMany<T>(codes, planes > 8, values, valuesPerLeaf, sums + sumsOfTree);
    values += (splits + 1) * valuesPerLeaf * sizeof<T>();
  }
}

/**
 * Adds the leaves of all trees, in their order, to 128 sums an output. A tree is how many splits it has, where its output's sums stand behind
 * `sums`, and its splits, each before those below it; `values`: the leaves' values, in the order of their planes behind the splits'.
 * `nodes`: room for the planes of the largest tree, with 512 bytes before it.
 */
export function addTreesSingle(
  trees: usize,
  end: usize,
  nodes: usize,
  values: usize,
  valuesPerLeaf: usize,
  sums: usize,
): void {
  add<f32>(trees, end, nodes, values, valuesPerLeaf, sums);
}

export function addTreesDouble(
  trees: usize,
  end: usize,
  nodes: usize,
  values: usize,
  valuesPerLeaf: usize,
  sums: usize,
): void {
  add<f64>(trees, end, nodes, values, valuesPerLeaf, sums);
}
