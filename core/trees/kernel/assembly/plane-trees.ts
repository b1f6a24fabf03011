// 128 rows through the trees at once, on the planes of ./planes.ts: a few operations a split for all rows together, and only the value of the
// leaf that a row has reached is looked up row by row.
import { PLANE, ROWS } from "./planes";

// ---- From a tree's leaves to sums ----

/** Where the bits of `high` under a mask differ from those of `low` that are `distance` above it. */
@inline
function difference(low: v128, high: v128, distance: i32, mask: v128): v128 {
  return v128.and(v128.xor(i64x2.shr_u(low, distance), high), mask);
}

/** From 8 planes of bits to a byte a row: 16 squares of 8 by 8 bits are transposed at once, in three rounds that exchange what differs. */
@inline
function codesOf(bits: usize, codes: usize): void {
  let a = v128.load(bits, 0);
  let b = v128.load(bits, 16);
  let c = v128.load(bits, 32);
  let d = v128.load(bits, 48);
  let e = v128.load(bits, 64);
  let f = v128.load(bits, 80);
  let g = v128.load(bits, 96);
  let h = v128.load(bits, 112);
  let mask = i8x16.splat(0x0f);
  let x = difference(a, e, 4, mask);
  a = v128.xor(a, i64x2.shl(x, 4));
  e = v128.xor(e, x);
  x = difference(b, f, 4, mask);
  b = v128.xor(b, i64x2.shl(x, 4));
  f = v128.xor(f, x);
  x = difference(c, g, 4, mask);
  c = v128.xor(c, i64x2.shl(x, 4));
  g = v128.xor(g, x);
  x = difference(d, h, 4, mask);
  d = v128.xor(d, i64x2.shl(x, 4));
  h = v128.xor(h, x);
  mask = i8x16.splat(0x33);
  x = difference(a, c, 2, mask);
  a = v128.xor(a, i64x2.shl(x, 2));
  c = v128.xor(c, x);
  x = difference(b, d, 2, mask);
  b = v128.xor(b, i64x2.shl(x, 2));
  d = v128.xor(d, x);
  x = difference(e, g, 2, mask);
  e = v128.xor(e, i64x2.shl(x, 2));
  g = v128.xor(g, x);
  x = difference(f, h, 2, mask);
  f = v128.xor(f, i64x2.shl(x, 2));
  h = v128.xor(h, x);
  mask = i8x16.splat(0x55);
  x = difference(a, b, 1, mask);
  v128.store(codes, v128.xor(a, i64x2.shl(x, 1)), 0);
  v128.store(codes, v128.xor(b, x), 16);
  x = difference(c, d, 1, mask);
  v128.store(codes, v128.xor(c, i64x2.shl(x, 1)), 32);
  v128.store(codes, v128.xor(d, x), 48);
  x = difference(e, f, 1, mask);
  v128.store(codes, v128.xor(e, i64x2.shl(x, 1)), 64);
  v128.store(codes, v128.xor(f, x), 80);
  x = difference(g, h, 1, mask);
  v128.store(codes, v128.xor(g, i64x2.shl(x, 1)), 96);
  v128.store(codes, v128.xor(h, x), 112);
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

// ---- Perfect trees, as one heap: see writeHeap of ./tables.ts ----

@inline
function flagOf(node: usize, planes: usize): v128 {
  return v128.load(planes + (<usize>load<u16>(node) << 4));
}

/** `right` where rows have gone right. */
@inline
function either(wentRight: v128, left: v128, right: v128): v128 {
  return v128.bitselect(right, left, wentRight);
}

/** Of four neighbouring nodes of a level, the flag of the one that the row came to by its last two steps. */
@inline
function oneOfFour(node: usize, planes: usize, step: v128, last: v128): v128 {
  const left = either(last, flagOf(node, planes), flagOf(node + 2, planes));
  return either(step, left, either(last, flagOf(node + 4, planes), flagOf(node + 6, planes)));
}

/** The bits of each row's leaf, the last step first. `at`: twice the root's place; `work`: 512 bytes, a level's flags on their way to one. */
@inline
function walkPlanes(nodes: usize, at: usize, depth: usize, planes: usize, bits: usize, work: usize): void {
  let bit = bits + (depth - 1) * PLANE;
  const first = flagOf(nodes + at, planes);
  v128.store(bit, first);
  if (depth == 1) return;
  at <<= 1;
  const second = either(first, flagOf(nodes + at, planes), flagOf(nodes + at + 2, planes));
  v128.store(bit - PLANE, second);
  if (depth == 2) return;
  at <<= 1;
  v128.store(bit - 2 * PLANE, oneOfFour(nodes + at, planes, first, second));
  bit -= 3 * PLANE;
  for (let groups: usize = 1; bit >= bits; bit -= PLANE, groups <<= 1) {
    at <<= 1;
    const before = v128.load(bit, 3 * PLANE);
    const step = v128.load(bit, 2 * PLANE);
    const last = v128.load(bit, PLANE);
    let to = work;
    for (let node = nodes + at, end = node + (groups << 4); node < end; node += 16) {
      v128.store(to, either(before, oneOfFour(node, planes, step, last), oneOfFour(node + 8, planes, step, last)));
      to += PLANE;
    }
    let above = bit + 4 * PLANE;
    for (let left = groups >> 1; left > 0; left >>= 1) {
      const wentRight = v128.load(above);
      above += PLANE;
      let from = work;
      to = work;
      for (const end = work + left * PLANE; to < end; to += PLANE) {
        v128.store(to, either(wentRight, v128.load(from), v128.load(from, PLANE)));
        from += 2 * PLANE;
      }
    }
    v128.store(bit, v128.load(work));
  }
}

@inline
function addPerfect<T>(
  trees: usize, depth: usize, outputs: usize, planes: usize, nodes: usize, firstLeaf: usize, work: usize, sums: usize,
): void {
  const bits = work;
  const codes = work + 8 * PLANE;
  work = codes + ROWS;
  for (let plane = depth; plane < 8; plane++) v128.store(bits + plane * PLANE, i32x4.splat(0));
  for (let tree: usize = 0; tree < trees; tree++) {
    walkPlanes(nodes, (trees + tree) << 1, depth, planes, bits, work);
    codesOf(bits, codes);
    addOne<T>(codes, firstLeaf, sums + <usize>load<u32>(outputs + (tree << 2)) * (ROWS * sizeof<T>()));
    firstLeaf += sizeof<T>() << depth;
  }
}

/** The same of perfect trees of 1 to 8 levels. `outputs`: by tree, an int32; `work`: 512 bytes. */
export function addPerfectSingle(
  trees: usize, depth: usize, outputs: usize, planes: usize, nodes: usize, firstLeaf: usize, work: usize, sums: usize,
): void {
  addPerfect<f32>(trees, depth, outputs, planes, nodes, firstLeaf, work, sums);
}

export function addPerfectDouble(
  trees: usize, depth: usize, outputs: usize, planes: usize, nodes: usize, firstLeaf: usize, work: usize, sums: usize,
): void {
  addPerfect<f64>(trees, depth, outputs, planes, nodes, firstLeaf, work, sums);
}

// ---- Trees of any shape ----

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
    for (let plane = planes; plane < (planes > 8 ? 16 : 8); plane++) v128.store(bits + plane * PLANE, i32x4.splat(0));
    codesOf(bits, codes);
    if (planes > 8) codesOf(bits + 8 * PLANE, codes + ROWS);
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
