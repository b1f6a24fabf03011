// Exact contributions of one row, or of rows in pairs. What is computed is told in ../../explain/README.md; what lies
// where, in ../../explain/block-layout.ts.
//
// Both do the same operations in the same order, on vectors of two numbers: those of two neighbouring items of a record
// for one row (a lane is an item), those of two rows for pairs (a lane is a row). ROWS says which; ITEM is then the item
// at work. JOINED: the left sides of the two items are one record, and so are the right ones, so that one row reads and writes them at once.
// Parameters in capitals are constants: the compiler writes every function out for each of their values.

@unmanaged
export class Block {
  /** Of a pass. */
  points: i32;
  passes: i32;
  output: i32;
  levels: i32;
  /** By level: how many records of joined splits, of other splits, and of repeated splits. */
  counts: usize;
  /** Records of splits, by level; all that follows lies behind them without a gap. */
  splits: usize;
  quartets: usize;
  pairs: usize;
  repeatedPairs: usize;
  leaves: usize;
  leavesEnd: usize;
  roots: usize;
  rootsEnd: usize;
  /** By pass: points, then their weights. */
  quadrature: usize;
  /** The offset of the cells of the leaves. */
  leafCells: usize;
}

/** Of a level's counts. */
export const COUNTS: usize = 12;
export const SPLIT: usize = 64;
export const REPEATED_SPLIT: usize = 96;
export const QUARTET: usize = 208;
export const PAIR: usize = 80;
export const REPEATED_PAIR: usize = 112;
export const LEAVES: usize = 16;
export const SIDES: usize = 48;

@inline
function mul(a: v128, b: v128): v128 {
  return f64x2.mul(a, b);
}

@inline
function add(a: v128, b: v128): v128 {
  return f64x2.add(a, b);
}

@inline
function sub(a: v128, b: v128): v128 {
  return f64x2.sub(a, b);
}

// ---- How lanes are filled ----

/** A number of the record. */
@inline
function constant(ROWS: bool, ITEM: usize, at: usize): v128 {
  return ROWS ? v128.load_splat<f64>(at + ITEM * 8) : v128.load(at);
}

/** Where the offset of the record points to, of the first lane. It is read once: what is stored may alias it. */
@inline
function placeOf(ROWS: bool, ITEM: usize, offset: usize, base: usize): usize {
  return base + (ROWS ? <usize>load<u32>(offset + ITEM * 4) << 1 : <usize>load<u32>(offset));
}

/** The same of the second lane; with rows, and with joined splits, it lies beside the first. */
@inline
function secondPlaceOf(ROWS: bool, JOINED: bool, offset: usize, base: usize): usize {
  if (ROWS) return 0;
  return JOINED ? 0 : base + <usize>load<u32>(offset, 4);
}

/** The q-th vector at a place: inputs, cells of the sides, sides of the split above. */
@inline
function gather(ROWS: bool, JOINED: bool, first: usize, second: usize, q: usize): v128 {
  if (ROWS) return v128.load(first + q * 32);
  if (JOINED) return v128.load(first + q * 16);
  return v128.load_lane<f64>(second + q * 16, v128.load_zero<f64>(first + q * 16), 1);
}

@inline
function scatter(ROWS: bool, JOINED: bool, first: usize, second: usize, q: usize, value: v128): void {
  if (ROWS) v128.store(first + q * 32, value);
  else if (JOINED) v128.store(first + q * 16, value);
  else {
    v128.store_lane<f64>(first + q * 16, value, 0);
    v128.store_lane<f64>(second + q * 16, value, 1);
  }
}

/** The q-th vector of what runs along with the records: cells, sides. */
@inline
function along(ROWS: bool, ITEM: usize, at: usize, q: usize): v128 {
  return ROWS ? v128.load(at + q * 32 + ITEM * 16) : v128.load(at + q * 16);
}

@inline
function putAlong(ROWS: bool, ITEM: usize, at: usize, q: usize, value: v128): void {
  v128.store(ROWS ? at + q * 32 + ITEM * 16 : at + q * 16, value);
}

/** Adds to the contribution of the field that the record names. */
@inline
function contribute(ROWS: bool, ITEM: usize, field: usize, out: usize, value: v128): void {
  if (ROWS) {
    const to = out + (<usize>load<u32>(field + ITEM * 4) << 1);
    v128.store(to, add(v128.load(to), value));
  } else {
    contributeOne(field, out, f64x2.extract_lane(value, 0));
    contributeOne(field + 4, out, f64x2.extract_lane(value, 1));
  }
}

@inline
function contributeOne(field: usize, out: usize, value: f64): void {
  const to = out + <usize>load<u32>(field);
  store<f64>(to, load<f64>(to) + value);
}

/** All of one bits where the row takes the left side. */
@inline
function goesLeft(ROWS: bool, ITEM: usize, slot: usize, threshold: usize, x: usize): v128 {
  const value = gather(ROWS, false, placeOf(ROWS, ITEM, slot, x), secondPlaceOf(ROWS, false, slot, x), 0);
  return f64x2.le(value, constant(ROWS, ITEM, threshold));
}

/** All of one bits where the row takes the side of the split above that leads here. */
@inline
function takenAbove(ROWS: bool, ITEM: usize, offset: usize, allSides: usize): v128 {
  return gather(ROWS, false, placeOf(ROWS, ITEM, offset, allSides), secondPlaceOf(ROWS, false, offset, allSides), 0);
}

// ---- One item, or two; REPEATED: its column was split above ----

@inline
function splitDown(
  ROWS: bool, ITEM: usize, JOINED: bool, REPEATED: bool, POINTS: i32,
  at: usize, x: usize, above: usize, cell: usize, allSides: usize, sides: usize, curve: usize,
  t0: v128, t1: v128, t2: v128, t3: v128,
): void {
  const share = constant(ROWS, ITEM, at + 48);
  const left = goesLeft(ROWS, ITEM, at, at + 32, x);
  let step = sub(v128.and(left, f64x2.splat(1)), share);
  if (REPEATED) {
    const taken = takenAbove(ROWS, ITEM, at + 64, allSides);
    step = v128.and(step, taken);
    putAlong(ROWS, ITEM, sides, 1, v128.and(taken, left));
    putAlong(ROWS, ITEM, sides, 2, v128.andnot(taken, left));
  } else {
    putAlong(ROWS, ITEM, sides, 1, left);
    putAlong(ROWS, ITEM, sides, 2, v128.not(left));
  }
  const l = placeOf(ROWS, ITEM, at + 16, above);
  const l2 = secondPlaceOf(ROWS, JOINED, at + 16, above);
  const r = placeOf(ROWS, ITEM, at + 24, above);
  const r2 = secondPlaceOf(ROWS, JOINED, at + 24, above);
  putAlong(ROWS, ITEM, sides, 0, step);
  splitDownAt(ROWS, ITEM, JOINED, REPEATED, 0, l, l2, r, r2, above, cell, curve, t0, share, step);
  splitDownAt(ROWS, ITEM, JOINED, REPEATED, 1, l, l2, r, r2, above, cell, curve, t1, share, step);
  if (POINTS > 2) splitDownAt(ROWS, ITEM, JOINED, REPEATED, 2, l, l2, r, r2, above, cell, curve, t2, share, step);
  if (POINTS > 3) splitDownAt(ROWS, ITEM, JOINED, REPEATED, 3, l, l2, r, r2, above, cell, curve, t3, share, step);
}

@inline
function splitDownAt(
  ROWS: bool, ITEM: usize, JOINED: bool, REPEATED: bool, q: usize, l: usize, l2: usize, r: usize, r2: usize,
  above: usize, cell: usize, curve: usize, t: v128, share: v128, step: v128,
): void {
  const product = along(ROWS, ITEM, above + cell, q);
  const left = mul(product, add(share, mul(REPEATED ? constant(ROWS, ITEM, curve + q * 16) : t, step)));
  scatter(ROWS, JOINED, l, l2, q, left);
  scatter(ROWS, JOINED, r, r2, q, sub(product, left));
}

@inline
function splitUp(
  ROWS: bool, ITEM: usize, JOINED: bool, REPEATED: bool, POINTS: i32,
  at: usize, out: usize, above: usize, below: usize, cell: usize, sides: usize, curve: usize,
  t0: v128, t1: v128, t2: v128, t3: v128,
): void {
  const share = constant(ROWS, ITEM, at + 48);
  const step = along(ROWS, ITEM, sides, 0);
  const l = placeOf(ROWS, ITEM, at + 16, below);
  const l2 = secondPlaceOf(ROWS, JOINED, at + 16, below);
  const r = placeOf(ROWS, ITEM, at + 24, below);
  const r2 = secondPlaceOf(ROWS, JOINED, at + 24, below);
  let sum = splitUpAt(ROWS, ITEM, JOINED, REPEATED, POINTS, 0, l, l2, r, r2, above, below, cell, curve, t0, share, step);
  sum = add(sum, splitUpAt(ROWS, ITEM, JOINED, REPEATED, POINTS, 1, l, l2, r, r2, above, below, cell, curve, t1, share, step));
  if (POINTS > 2)
    sum = add(sum, splitUpAt(ROWS, ITEM, JOINED, REPEATED, POINTS, 2, l, l2, r, r2, above, below, cell, curve, t2, share, step));
  if (POINTS > 3)
    sum = add(sum, splitUpAt(ROWS, ITEM, JOINED, REPEATED, POINTS, 3, l, l2, r, r2, above, below, cell, curve, t3, share, step));
  contribute(ROWS, ITEM, at + 8, out, mul(step, sum));
}

@inline
function splitUpAt(
  ROWS: bool, ITEM: usize, JOINED: bool, REPEATED: bool, POINTS: i32, q: usize, l: usize, l2: usize, r: usize, r2: usize,
  above: usize, below: usize, cell: usize, curve: usize, t: v128, share: v128, step: v128,
): v128 {
  const right = gather(ROWS, JOINED, r, r2, q);
  const difference = sub(gather(ROWS, JOINED, l, l2, q), right);
  const factor = add(share, mul(REPEATED ? constant(ROWS, ITEM, curve + q * 16) : t, step));
  putAlong(ROWS, ITEM, below + cell, q, add(right, mul(factor, difference)));
  return mul(weightAt(ROWS, ITEM, REPEATED, POINTS, q, above, cell, curve), difference);
}

/** The product of the factors above, as it weighs what a split adds. */
@inline
function weightAt(
  ROWS: bool, ITEM: usize, REPEATED: bool, POINTS: i32, q: usize, above: usize, cell: usize, curve: usize,
): v128 {
  const product = along(ROWS, ITEM, above + cell, q);
  return REPEATED ? mul(product, constant(ROWS, ITEM, curve + (<usize>POINTS + q) * 16)) : product;
}

/** The difference of the two leaves times how far the row's own way is from the training rows'. */
@inline
function pairStep(
  ROWS: bool, ITEM: usize, slot: usize, threshold: usize, difference: usize, x: usize,
): v128 {
  const taken = v128.and(goesLeft(ROWS, ITEM, slot, threshold, x), constant(ROWS, ITEM, difference));
  return sub(taken, constant(ROWS, ITEM, difference + 16));
}

@inline
function pair(
  ROWS: bool, ITEM: usize, REPEATED: bool, POINTS: i32,
  at: usize, x: usize, out: usize, above: usize, below: usize, cell: usize, allSides: usize, curve: usize,
  t0: v128, t1: v128, t2: v128, t3: v128,
): void {
  let step = pairStep(ROWS, ITEM, at, at + 16, at + 32, x);
  if (REPEATED) step = v128.and(step, takenAbove(ROWS, ITEM, at + 80, allSides));
  const mean = constant(ROWS, ITEM, at + 64);
  let sum = pairAt(ROWS, ITEM, REPEATED, POINTS, 0, above, below, cell, curve, t0, step, mean);
  sum = add(sum, pairAt(ROWS, ITEM, REPEATED, POINTS, 1, above, below, cell, curve, t1, step, mean));
  if (POINTS > 2)
    sum = add(sum, pairAt(ROWS, ITEM, REPEATED, POINTS, 2, above, below, cell, curve, t2, step, mean));
  if (POINTS > 3)
    sum = add(sum, pairAt(ROWS, ITEM, REPEATED, POINTS, 3, above, below, cell, curve, t3, step, mean));
  contribute(ROWS, ITEM, at + 8, out, mul(step, sum));
}

@inline
function pairAt(
  ROWS: bool, ITEM: usize, REPEATED: bool, POINTS: i32, q: usize,
  above: usize, below: usize, cell: usize, curve: usize, t: v128, step: v128, mean: v128,
): v128 {
  putAlong(
    ROWS, ITEM, below + cell, q,
    add(mean, mul(REPEATED ? constant(ROWS, ITEM, curve + q * 16) : t, step)),
  );
  return weightAt(ROWS, ITEM, REPEATED, POINTS, q, above, cell, curve);
}

/** Below a quartet all is linear in t: of what is above, two sums over the points are all that is needed. */
@inline
function quartet(
  ROWS: bool, ITEM: usize, POINTS: i32,
  at: usize, x: usize, out: usize, above: usize, below: usize, cell: usize,
  t0: v128, t1: v128, t2: v128, t3: v128,
): void {
  const share = constant(ROWS, ITEM, at + 96);
  const step = sub(v128.and(goesLeft(ROWS, ITEM, at, at + 48, x), f64x2.splat(1)), share);
  const left = pairStep(ROWS, ITEM, at + 8, at + 64, at + 112, x);
  const right = pairStep(ROWS, ITEM, at + 16, at + 80, at + 144, x);
  const product0 = along(ROWS, ITEM, above + cell, 0);
  const product1 = along(ROWS, ITEM, above + cell, 1);
  let sum = add(product0, product1);
  let moment = add(mul(product0, t0), mul(product1, t1));
  if (POINTS > 2) {
    const product = along(ROWS, ITEM, above + cell, 2);
    sum = add(sum, product);
    moment = add(moment, mul(product, t2));
  }
  if (POINTS > 3) {
    const product = along(ROWS, ITEM, above + cell, 3);
    sum = add(sum, product);
    moment = add(moment, mul(product, t3));
  }
  const sumLeft = add(mul(share, sum), mul(step, moment));
  const means = constant(ROWS, ITEM, at + 176);
  const slopes = sub(left, right);
  const own = mul(step, add(mul(means, sum), mul(slopes, moment)));
  const ofLeft = mul(left, sumLeft);
  const ofRight = mul(right, sub(sum, sumLeft));
  if (ROWS) {
    contribute(ROWS, ITEM, at + 24, out, own);
    contribute(ROWS, ITEM, at + 32, out, ofLeft);
    contribute(ROWS, ITEM, at + 40, out, ofRight);
  } else {
    contributeOne(at + 24, out, f64x2.extract_lane(own, 0));
    contributeOne(at + 32, out, f64x2.extract_lane(ofLeft, 0));
    contributeOne(at + 40, out, f64x2.extract_lane(ofRight, 0));
    contributeOne(at + 28, out, f64x2.extract_lane(own, 1));
    contributeOne(at + 36, out, f64x2.extract_lane(ofLeft, 1));
    contributeOne(at + 44, out, f64x2.extract_lane(ofRight, 1));
  }
  // mean + linear t + square t²
  const mean = constant(ROWS, ITEM, at + 192);
  const linear = add(add(right, mul(share, slopes)), mul(step, means));
  const square = mul(step, slopes);
  quartetBelowAt(ROWS, ITEM, 0, below, cell, t0, mean, linear, square);
  quartetBelowAt(ROWS, ITEM, 1, below, cell, t1, mean, linear, square);
  if (POINTS > 2) quartetBelowAt(ROWS, ITEM, 2, below, cell, t2, mean, linear, square);
  if (POINTS > 3) quartetBelowAt(ROWS, ITEM, 3, below, cell, t3, mean, linear, square);
}

@inline
function quartetBelowAt(
  ROWS: bool, ITEM: usize, q: usize,
  below: usize, cell: usize, t: v128, mean: v128, linear: v128, square: v128,
): void {
  putAlong(ROWS, ITEM, below + cell, q, add(mean, mul(t, add(linear, mul(t, square)))));
}

// ---- A block ----

/**
 * Two numbers a point and repeated item, of z, the share of the training weight above: t / f, by which a side's factor
 * takes the place of f = z (1 - t) + t, and z / f², which weighs what the item adds.
 */
@inline
function writeCurves(POINTS: i32, block: Block, quadrature: usize, curves: usize): void {
  let at = block.splits;
  for (let counts = block.counts, level = block.levels; level > 0; --level, counts += COUNTS) {
    at += <usize>(load<u32>(counts) + load<u32>(counts, 4)) * SPLIT;
    for (let end = at + <usize>load<u32>(counts, 8) * REPEATED_SPLIT; at < end; at += REPEATED_SPLIT) {
      writeCurve(POINTS, v128.load(at, 80), quadrature, curves);
      curves += <usize>POINTS * 32;
    }
  }
  for (at = block.repeatedPairs; at < block.leaves; at += REPEATED_PAIR) {
    writeCurve(POINTS, v128.load(at, 96), quadrature, curves);
    curves += <usize>POINTS * 32;
  }
}

@inline
function writeCurve(POINTS: i32, share: v128, quadrature: usize, to: usize): void {
  for (let q: usize = 0; q < <usize>POINTS; ++q) {
    const t = v128.load_splat<f64>(quadrature + q * 8);
    const factor = add(mul(share, sub(f64x2.splat(1), t)), t);
    v128.store(to + q * 16, f64x2.div(t, factor));
    v128.store(to + (<usize>POINTS + q) * 16, f64x2.div(share, mul(factor, factor)));
  }
}

@inline
function writeLeaves(ROWS: bool, POINTS: i32, block: Block, below: usize): void {
  let to = below + (ROWS ? block.leafCells << 1 : block.leafCells);
  for (let at = block.leaves; at < block.leavesEnd; at += LEAVES) {
    for (let q: usize = 0; q < <usize>POINTS; ++q) {
      putAlong(ROWS, 0, to, q, constant(ROWS, 0, at));
      if (ROWS) putAlong(ROWS, 1, to, q, constant(ROWS, 1, at));
    }
    to += <usize>POINTS * (ROWS ? 32 : 16);
  }
}

@inline
function writeRoots(ROWS: bool, POINTS: i32, block: Block, weights: usize, weight: f64, above: usize): void {
  for (let root = block.roots; root < block.rootsEnd; root += 4) {
    const to = above + (<usize>load<u32>(root) << (ROWS ? 1 : 0));
    for (let q: usize = 0; q < <usize>POINTS; ++q) {
      const value = load<f64>(weights + q * 8) * weight;
      if (ROWS) v128.store(to + q * 32, f64x2.splat(value));
      else store<f64>(to + q * 16, value);
    }
  }
}

/** Products of the factors from the roots down, sums of the leaves from the leaves up, and what each split adds. */
@inline
function explainBlock(
  ROWS: bool, POINTS: i32, block: Block, quadrature: usize,
  x: usize, out: usize, above: usize, below: usize, allSides: usize, curves: usize,
): void {
  const t0 = v128.load_splat<f64>(quadrature);
  const t1 = v128.load_splat<f64>(quadrature, 8);
  const t2 = POINTS > 2 ? v128.load_splat<f64>(quadrature, 16) : t0;
  const t3 = POINTS > 3 ? v128.load_splat<f64>(quadrature, 24) : t0;
  const cellsOfRecord = <usize>POINTS * (ROWS ? 32 : 16);
  const sidesOfRecord = SIDES * (ROWS ? 2 : 1);
  const curveOfRecord = <usize>POINTS * 32;

  let at = block.splits;
  let cell: usize = 0;
  let sides = allSides;
  let curve = curves;
  let counts = block.counts;
  for (let level = block.levels; level > 0; --level, counts += COUNTS) {
    let end = at + <usize>load<u32>(counts) * SPLIT;
    if (!ROWS) {
      for (; at < end; at += SPLIT) {
        splitDown(false, 0, true, false, POINTS, at, x, above, cell, allSides, sides, 0, t0, t1, t2, t3);
        cell += cellsOfRecord;
        sides += sidesOfRecord;
      }
    }
    for (end += <usize>load<u32>(counts, 4) * SPLIT; at < end; at += SPLIT) {
      splitDown(ROWS, 0, false, false, POINTS, at, x, above, cell, allSides, sides, 0, t0, t1, t2, t3);
      if (ROWS) splitDown(ROWS, 1, false, false, POINTS, at, x, above, cell, allSides, sides, 0, t0, t1, t2, t3);
      cell += cellsOfRecord;
      sides += sidesOfRecord;
    }
    for (end += <usize>load<u32>(counts, 8) * REPEATED_SPLIT; at < end; at += REPEATED_SPLIT) {
      splitDown(ROWS, 0, false, true, POINTS, at, x, above, cell, allSides, sides, curve, t0, t1, t2, t3);
      if (ROWS) splitDown(ROWS, 1, false, true, POINTS, at, x, above, cell, allSides, sides, curve, t0, t1, t2, t3);
      cell += cellsOfRecord;
      sides += sidesOfRecord;
      curve += curveOfRecord;
    }
  }

  let levelCell = cell;
  let levelCurve = curve;
  for (; at < block.pairs; at += QUARTET) {
    quartet(ROWS, 0, POINTS, at, x, out, above, below, cell, t0, t1, t2, t3);
    if (ROWS) quartet(ROWS, 1, POINTS, at, x, out, above, below, cell, t0, t1, t2, t3);
    cell += cellsOfRecord;
  }
  for (; at < block.repeatedPairs; at += PAIR) {
    pair(ROWS, 0, false, POINTS, at, x, out, above, below, cell, allSides, 0, t0, t1, t2, t3);
    if (ROWS) pair(ROWS, 1, false, POINTS, at, x, out, above, below, cell, allSides, 0, t0, t1, t2, t3);
    cell += cellsOfRecord;
  }
  for (; at < block.leaves; at += REPEATED_PAIR) {
    pair(ROWS, 0, true, POINTS, at, x, out, above, below, cell, allSides, curve, t0, t1, t2, t3);
    if (ROWS) pair(ROWS, 1, true, POINTS, at, x, out, above, below, cell, allSides, curve, t0, t1, t2, t3);
    cell += cellsOfRecord;
    curve += curveOfRecord;
  }

  let levelAt = block.quartets;
  for (let level = block.levels; level > 0; --level) {
    counts -= COUNTS;
    const joined = <usize>load<u32>(counts);
    const first = joined + <usize>load<u32>(counts, 4);
    const repeated = <usize>load<u32>(counts, 8);
    levelAt -= first * SPLIT + repeated * REPEATED_SPLIT;
    levelCell -= (first + repeated) * cellsOfRecord;
    sides -= (first + repeated) * sidesOfRecord;
    levelCurve -= repeated * curveOfRecord;
    at = levelAt;
    cell = levelCell;
    curve = levelCurve;
    let side = sides;
    if (!ROWS) {
      for (let end = at + joined * SPLIT; at < end; at += SPLIT) {
        splitUp(false, 0, true, false, POINTS, at, out, above, below, cell, side, 0, t0, t1, t2, t3);
        cell += cellsOfRecord;
        side += sidesOfRecord;
      }
    }
    for (let end = levelAt + first * SPLIT; at < end; at += SPLIT) {
      splitUp(ROWS, 0, false, false, POINTS, at, out, above, below, cell, side, 0, t0, t1, t2, t3);
      if (ROWS) splitUp(ROWS, 1, false, false, POINTS, at, out, above, below, cell, side, 0, t0, t1, t2, t3);
      cell += cellsOfRecord;
      side += sidesOfRecord;
    }
    for (let end = at + repeated * REPEATED_SPLIT; at < end; at += REPEATED_SPLIT) {
      splitUp(ROWS, 0, false, true, POINTS, at, out, above, below, cell, side, curve, t0, t1, t2, t3);
      if (ROWS) splitUp(ROWS, 1, false, true, POINTS, at, out, above, below, cell, side, curve, t0, t1, t2, t3);
      cell += cellsOfRecord;
      side += sidesOfRecord;
      curve += curveOfRecord;
    }
  }
}

@inline
function explainPasses(
  ROWS: bool, POINTS: i32, block: Block, weight: f64, count: i32, x: usize, xStride: usize,
  out: usize, outStride: usize, above: usize, below: usize, sides: usize, curves: usize,
): void {
  writeLeaves(ROWS, POINTS, block, below);
  let quadrature = block.quadrature;
  for (let pass = block.passes; pass > 0; --pass) {
    writeRoots(ROWS, POINTS, block, quadrature + <usize>POINTS * 8, weight, above);
    writeCurves(POINTS, block, quadrature, curves);
    for (let i = 0; i < count; ++i) {
      explainBlock(
        ROWS, POINTS, block, quadrature,
        x + <usize>i * xStride, out + <usize>i * outStride, above, below, sides, curves,
      );
    }
    quadrature += <usize>POINTS * 16;
  }
}

// Functions of their own, each compiled when it is first called: by the points of a pass, of one row and of pairs.

function rowByTwo(
  block: Block, weight: f64, x: usize, out: usize, above: usize, below: usize, sides: usize, curves: usize,
): void {
  explainPasses(false, 2, block, weight, 1, x, 0, out, 0, above, below, sides, curves);
}

function pairsByTwo(
  block: Block, weight: f64, count: i32, x: usize, xStride: usize, out: usize, outStride: usize,
  above: usize, below: usize, sides: usize, curves: usize,
): void {
  explainPasses(true, 2, block, weight, count, x, xStride, out, outStride, above, below, sides, curves);
}

function rowByThree(
  block: Block, weight: f64, x: usize, out: usize, above: usize, below: usize, sides: usize, curves: usize,
): void {
  explainPasses(false, 3, block, weight, 1, x, 0, out, 0, above, below, sides, curves);
}

function pairsByThree(
  block: Block, weight: f64, count: i32, x: usize, xStride: usize, out: usize, outStride: usize,
  above: usize, below: usize, sides: usize, curves: usize,
): void {
  explainPasses(true, 3, block, weight, count, x, xStride, out, outStride, above, below, sides, curves);
}

function rowByFour(
  block: Block, weight: f64, x: usize, out: usize, above: usize, below: usize, sides: usize, curves: usize,
): void {
  explainPasses(false, 4, block, weight, 1, x, 0, out, 0, above, below, sides, curves);
}

function pairsByFour(
  block: Block, weight: f64, count: i32, x: usize, xStride: usize, out: usize, outStride: usize,
  above: usize, below: usize, sides: usize, curves: usize,
): void {
  explainPasses(true, 4, block, weight, count, x, xStride, out, outStride, above, below, sides, curves);
}

@inline
function weightOf(block: Block, weights: usize): f64 {
  return load<f64>(weights + (<usize>block.output << 3));
}

/** Adds the contributions of a row to `out`. `weights`: by output. */
export function explainRow(
  blocks: usize, end: usize, weights: usize, x: usize, out: usize,
  above: usize, below: usize, sides: usize, curves: usize,
): void {
  for (; blocks < end; blocks += offsetof<Block>()) {
    const block = changetype<Block>(blocks);
    const weight = weightOf(block, weights);
    if (weight == 0) continue;
    if (block.points == 2) rowByTwo(block, weight, x, out, above, below, sides, curves);
    else if (block.points == 3) rowByThree(block, weight, x, out, above, below, sides, curves);
    else rowByFour(block, weight, x, out, above, below, sides, curves);
  }
}

/** The same of pairs of rows; the inputs and the results of the two alternate, number by number. */
export function explainPairs(
  blocks: usize, end: usize, weights: usize, pairs: i32, x: usize, xStride: usize, out: usize, outStride: usize,
  above: usize, below: usize, sides: usize, curves: usize,
): void {
  for (; blocks < end; blocks += offsetof<Block>()) {
    const block = changetype<Block>(blocks);
    const weight = weightOf(block, weights);
    if (weight == 0) continue;
    if (block.points == 2) pairsByTwo(block, weight, pairs, x, xStride, out, outStride, above, below, sides, curves);
    else if (block.points == 3) pairsByThree(block, weight, pairs, x, xStride, out, outStride, above, below, sides, curves);
    else pairsByFour(block, weight, pairs, x, xStride, out, outStride, above, below, sides, curves);
  }
}
