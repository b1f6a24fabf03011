// What an explanation needs to know of the nodes of all trees, by node: ../../explain/split-forest.ts tells it and has the same in
// JavaScript. In WebAssembly because a process that has just started would spend its time warming up.

/** Addresses of arrays by node, or by tree where that is said. */
@unmanaged
class Forest {
  trees: i32;
  /** int32, by tree, and one more. */
  starts: usize;
  feature: usize;
  /** int32; within the tree, and made to count through all trees. */
  left: usize;
  right: usize;
  /** float64. */
  cover: usize;
  /** uint8. */
  kind: usize;
  /** uint16. */
  level: usize;
  /** float64. */
  leftShare: usize;
  /** int32, -1 at first. */
  splitAbove: usize;
  /** uint8. */
  isLeftOfAbove: usize;
  /** float64. */
  shareAbove: usize;
  /** uint16, by tree. */
  distinctColumns: usize;
  /** uint8, by tree. */
  even: usize;
  /** int32, -1 at first. */
  parent: usize;
  /** uint16. */
  distinct: usize;
}

const LEAF: u8 = 0;
const PAIR: u8 = 1;
const REPEATED_PAIR: u8 = 2;
const QUARTET: u8 = 3;
const QUARTET_SIDE: u8 = 4;
const SPLIT: u8 = 5;
const REPEATED_SPLIT: u8 = 6;

const roundingOfWeights: f64 = 1e-6;

@inline
function int32(at: usize, node: i32): i32 {
  return load<i32>(at + (<usize>node << 2));
}

@inline
function putInt32(at: usize, node: i32, value: i32): void {
  store<i32>(at + (<usize>node << 2), value);
}

@inline
function float64(at: usize, node: i32): f64 {
  return load<f64>(at + (<usize>node << 3));
}

/** Makes sides count through all trees; returns whether the weights of the two sides of each split add up to its own. */
function isEven(forest: Forest, start: i32, end: i32): bool {
  let even = true;
  for (let node = start; node < end; node++) {
    if (int32(forest.feature, node) < 0) continue;
    const left = start + int32(forest.left, node);
    const right = start + int32(forest.right, node);
    putInt32(forest.left, node, left);
    putInt32(forest.right, node, right);
    const whole = float64(forest.cover, node);
    const parts = float64(forest.cover, left) + float64(forest.cover, right);
    if (!(abs(parts - whole) <= roundingOfWeights * whole)) even = false;
  }
  return even;
}

/** From the root down: a node comes after the one above it. Returns the most distinct columns on a path. */
function followPaths(forest: Forest, start: i32, end: i32): i32 {
  let most = 0;
  for (let node = start; node < end; node++) {
    const column = int32(forest.feature, node);
    if (column < 0) continue;
    const left = int32(forest.left, node);
    const right = int32(forest.right, node);
    const leftCover = float64(forest.cover, left);
    const whole = leftCover + float64(forest.cover, right);
    // Where no training weight came, neither side is likelier.
    store<f64>(forest.leftShare + (<usize>node << 3), whole > 0 ? leftCover / whole : 0.5);
    putInt32(forest.parent, left, node);
    putInt32(forest.parent, right, node);
    const below: u16 = load<u16>(forest.level + (<usize>node << 1)) + 1;
    store<u16>(forest.level + (<usize>left << 1), below);
    store<u16>(forest.level + (<usize>right << 1), below);
    const parent = int32(forest.parent, node);
    let side = node;
    let above = parent;
    while (above >= 0 && int32(forest.feature, above) != column) {
      side = above;
      above = int32(forest.parent, above);
    }
    let columns: i32 = parent < 0 ? 0 : <i32>load<u16>(forest.distinct + (<usize>parent << 1));
    if (above < 0) columns++;
    store<u16>(forest.distinct + (<usize>node << 1), <u16>columns);
    most = max(most, columns);
    if (above < 0) continue;
    const isLeft = int32(forest.left, above) == side;
    const share = float64(forest.leftShare, above);
    const before = int32(forest.splitAbove, above) < 0 ? 1 : float64(forest.shareAbove, above);
    putInt32(forest.splitAbove, node, above);
    store<u8>(forest.isLeftOfAbove + <usize>node, isLeft ? 1 : 0);
    store<f64>(forest.shareAbove + (<usize>node << 3), (isLeft ? share : 1 - share) * before);
  }
  return most;
}

/** From the leaves up. */
function tellKinds(forest: Forest, start: i32, end: i32): void {
  const kinds = forest.kind;
  for (let node = end - 1; node >= start; node--) {
    if (int32(forest.feature, node) < 0) continue;
    const left = kinds + <usize>int32(forest.left, node);
    const right = kinds + <usize>int32(forest.right, node);
    const isRepeated = int32(forest.splitAbove, node) >= 0;
    let kind = isRepeated ? REPEATED_SPLIT : SPLIT;
    if (load<u8>(left) == LEAF && load<u8>(right) == LEAF) kind = isRepeated ? REPEATED_PAIR : PAIR;
    else if (load<u8>(left) == PAIR && load<u8>(right) == PAIR && !isRepeated) {
      kind = QUARTET;
      store<u8>(left, QUARTET_SIDE);
      store<u8>(right, QUARTET_SIDE);
    }
    store<u8>(kinds + <usize>node, kind);
  }
}

export function splitForest(at: usize): void {
  const forest = changetype<Forest>(at);
  for (let tree = 0; tree < forest.trees; tree++) {
    const start = int32(forest.starts, tree);
    const end = int32(forest.starts, tree + 1);
    const even = isEven(forest, start, end);
    store<u8>(forest.even + <usize>tree, even ? 1 : 0);
    if (!even) continue;
    store<u16>(forest.distinctColumns + (<usize>tree << 1), <u16>followPaths(forest, start, end));
    tellKinds(forest, start, end);
  }
}

/**
 * From nodes in pre-order to arrays by node: which column a split asks, its threshold (float64), where its sides are within their tree, and
 * what missing values and zeros do. `columns`, `thresholds`, `missing`, `zero`: by flag. `stack`: 4 bytes a level.
 */
export function expandTrees(
  flags: usize,
  nodes: i32,
  starts: usize,
  columns: usize,
  thresholds: usize,
  missing: usize,
  zero: usize,
  feature: usize,
  threshold: usize,
  left: usize,
  right: usize,
  missingLeft: usize,
  zeroMissing: usize,
  stack: usize,
): void {
  let start = 0;
  let open = stack;
  for (let node = 0; node < nodes; node++) {
    if (node == load<i32>(starts)) {
      start = node;
      starts += 4;
    }
    const flag = <i32>load<u16>(flags + (<usize>node << 1));
    putInt32(feature, node, int32(columns, flag));
    store<f64>(threshold + (<usize>node << 3), float64(thresholds, flag));
    putInt32(missingLeft, node, load<u8>(missing + <usize>flag));
    putInt32(zeroMissing, node, load<u8>(zero + <usize>flag));
    if (flag != 0) {
      putInt32(left, node, node + 1 - start);
      store<i32>(open, node);
      open += 4;
    } else if (open != stack) {
      open -= 4;
      putInt32(right, load<i32>(open), node + 1 - start);
    }
  }
}
