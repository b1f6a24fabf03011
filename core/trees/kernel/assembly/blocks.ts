// Fills the records of a block of trees with one value a leaf: ../../explain/block-writer.ts tells what stands where and has the same in
// JavaScript. In WebAssembly because a process that has just started would spend its time warming up.
import { Block, COUNTS, LEAVES, PAIR, QUARTET, REPEATED_PAIR, REPEATED_SPLIT, SIDES, SPLIT } from "./contributions";

/** Addresses of arrays by node; int32 where nothing else is said. */
@unmanaged
class Sources {
  feature: usize;
  left: usize;
  right: usize;
  /** float64. */
  leftShare: usize;
  splitAbove: usize;
  /** uint8. */
  isLeftOfAbove: usize;
  /** float64. */
  shareAbove: usize;
  /** The prepared input that a node compares. */
  slot: usize;
  /** float64. */
  threshold: usize;
  /** float64. */
  value: usize;
  /** By column. */
  fieldOfColumn: usize;
  noField: i32;
  /** Written here, offsets: a node's cell; of a split, what it keeps between the passes. */
  cell: usize;
  sides: usize;
}

@inline
function int32(at: usize, node: i32): i32 {
  return load<i32>(at + (<usize>node << 2));
}

@inline
function float64(at: usize, node: i32): f64 {
  return load<f64>(at + (<usize>node << 3));
}

function question(from: Sources, node: i32, slot: usize, field: usize, threshold: usize): void {
  if (node < 0) {
    store<i32>(slot, 0);
    store<i32>(field, from.noField << 3);
    store<f64>(threshold, 0);
    return;
  }
  store<i32>(slot, int32(from.slot, node) << 3);
  store<i32>(field, int32(from.fieldOfColumn, int32(from.feature, node)) << 3);
  store<f64>(threshold, float64(from.threshold, node));
}

@inline
function shareOf(from: Sources, node: i32): f64 {
  return node < 0 ? 0.5 : float64(from.leftShare, node);
}

function split(from: Sources, node: i32, record: usize, lane: usize, noCell: i32): void {
  const four = record + (lane << 2);
  const eight = record + (lane << 3);
  question(from, node, four, four + 8, eight + 32);
  store<i32>(four, node < 0 ? noCell : int32(from.cell, int32(from.left, node)), 16);
  store<i32>(four, node < 0 ? noCell : int32(from.cell, int32(from.right, node)), 24);
  store<f64>(eight, shareOf(from, node), 48);
}

/** At 0, whether the row takes the side of the split above that leads here; at 16, that side's share. */
function repeated(from: Sources, node: i32, at: usize, lane: usize): void {
  let sides = 32;
  if (node >= 0) {
    sides = int32(from.sides, int32(from.splitAbove, node));
    sides += load<u8>(from.isLeftOfAbove + <usize>node) == 1 ? 16 : 32;
  }
  store<i32>(at + (lane << 2), sides);
  store<f64>(at + 16 + (lane << 3), node < 0 ? 1 : float64(from.shareAbove, node));
}

/** The left leaf less the right one; after it, the same times the left side's share. Returns the mean. */
function difference(from: Sources, node: i32, at: usize): f64 {
  const other = node < 0 ? 0 : float64(from.value, int32(from.right, node));
  const own = node < 0 ? 0 : float64(from.value, int32(from.left, node)) - other;
  const shared = shareOf(from, node) * own;
  store<f64>(at, own);
  store<f64>(at, shared, 16);
  return other + shared;
}

function quartet(from: Sources, node: i32, record: usize, lane: usize): void {
  const left = node < 0 ? -1 : int32(from.left, node);
  const right = node < 0 ? -1 : int32(from.right, node);
  const four = record + (lane << 2);
  const eight = record + (lane << 3);
  question(from, node, four, four + 24, eight + 48);
  question(from, left, four + 8, four + 32, eight + 64);
  question(from, right, four + 16, four + 40, eight + 80);
  const share = shareOf(from, node);
  store<f64>(eight, share, 96);
  const leftMean = difference(from, left, eight + 112);
  const rightMean = difference(from, right, eight + 144);
  store<f64>(eight, leftMean - rightMean, 176);
  store<f64>(eight, rightMean + share * (leftMean - rightMean), 192);
}

function pair(from: Sources, node: i32, record: usize, lane: usize): void {
  const four = record + (lane << 2);
  const eight = record + (lane << 3);
  question(from, node, four, four + 8, eight + 16);
  store<f64>(eight, difference(from, node, eight + 32), 64);
}

/**
 * `base`: where the memory begins whose addresses the block's descriptor tells; the descriptor and its counts are there already. `nodes`:
 * those of the block's plan, -1 for none; `roots`: the nodes of its roots.
 */
export function writeBlock(sources: usize, descriptor: usize, base: usize, nodes: usize, count: i32, roots: usize): void {
  const from = changetype<Sources>(sources);
  const block = changetype<Block>(descriptor);
  const points = block.points;
  for (let i = 0; i < count; i++) {
    const node = int32(nodes, i);
    if (node >= 0) store<i32>(from.cell + (<usize>node << 2), ((i >> 1) * points << 4) + ((i & 1) << 3));
  }
  const noCell = ((count >> 1) * points << 4) + ((count & 1) << 3);
  let record = base + block.splits;
  let sides = 0;
  for (let level = 0; level < block.levels; level++) {
    const counts = base + block.counts + <usize>level * COUNTS;
    const splits = load<i32>(counts) + load<i32>(counts, 4);
    const records = splits + load<i32>(counts, 8);
    for (let i = 0; i < records; i++) {
      for (let lane: usize = 0; lane < 2; lane++) {
        const node = load<i32>(nodes);
        nodes += 4;
        split(from, node, record, lane, noCell);
        if (i >= splits) repeated(from, node, record + SPLIT, lane);
        if (node >= 0) store<i32>(from.sides + (<usize>node << 2), sides + (<i32>lane << 3));
      }
      sides += <i32>SIDES;
      record += i < splits ? SPLIT : REPEATED_SPLIT;
    }
  }
  for (const end = base + block.pairs; record < end; record += QUARTET) {
    quartet(from, load<i32>(nodes), record, 0);
    quartet(from, load<i32>(nodes, 4), record, 1);
    nodes += 8;
  }
  for (const end = base + block.repeatedPairs; record < end; record += PAIR) {
    pair(from, load<i32>(nodes), record, 0);
    pair(from, load<i32>(nodes, 4), record, 1);
    nodes += 8;
  }
  for (const end = base + block.leaves; record < end; record += REPEATED_PAIR) {
    for (let lane: usize = 0; lane < 2; lane++) {
      const node = load<i32>(nodes);
      nodes += 4;
      pair(from, node, record, lane);
      repeated(from, node, record + PAIR, lane);
    }
  }
  for (const end = base + block.leavesEnd; record < end; record += LEAVES) {
    for (let lane: usize = 0; lane < 2; lane++) {
      const node = load<i32>(nodes);
      nodes += 4;
      store<f64>(record + (lane << 3), node < 0 ? 0 : float64(from.value, node));
    }
  }
  for (let at = base + block.roots, end = base + block.rootsEnd; at < end; at += 4) {
    store<i32>(at, int32(from.cell, load<i32>(roots)));
    roots += 4;
  }
}
