// What is done once with a model: its arrays are checked, its trees are written in the form that walks want. In
// WebAssembly, because it is fast from its first run on: a process that has just started would spend its time warming up.
//
// Trees come in pre-order (a split, all of its left side, all of its right side), tree after tree: a node is the flag that it
// looks at, in 2 bytes, and 0 is a leaf.
import { NODES } from "./layout";

// ---- Arrays ----

@inline
function outside<T>(at: usize, count: i32, minimum: f64, maximum: f64): i32 {
  for (let i = 0; i < count; i++) {
    const value = <f64>load<T>(at + (<usize>i) * sizeof<T>());
    // Written so that NaN is outside as well.
    if (!(value >= minimum && value <= maximum)) return i;
  }
  return -1;
}

/** Which of so many numbers is the first that is not within the limits; -1: none. `type`: its place in ../unpack.ts. */
export function firstOutside(type: i32, at: usize, count: i32, minimum: f64, maximum: f64): i32 {
  if (type == 0) return outside<f64>(at, count, minimum, maximum);
  if (type == 1) return outside<f32>(at, count, minimum, maximum);
  if (type == 2) return outside<i32>(at, count, minimum, maximum);
  if (type == 3) return outside<u16>(at, count, minimum, maximum);
  if (type == 4) return outside<i16>(at, count, minimum, maximum);
  if (type == 5) return outside<u8>(at, count, minimum, maximum);
  return outside<i8>(at, count, minimum, maximum);
}

// ---- Checks ----

/**
 * The cuts of a column rise: by threshold (float64), of equal ones by `kinds` (a byte each). Returns the first that does not, or -1.
 * `starts`: where each column's cuts start, and one more.
 */
export function firstFalling(thresholds: usize, kinds: usize, starts: usize, columns: i32): i32 {
  for (let column = 0; column < columns; column++, starts += 4) {
    const end = load<i32>(starts, 4);
    for (let cut = load<i32>(starts) + 1; cut < end; cut++) {
      const at = thresholds + (<usize>cut << 3);
      const before = load<f64>(at - 8);
      const own = load<f64>(at);
      const isAbove = own > before || (own == before && load<u8>(kinds + cut) > load<u8>(kinds + cut - 1));
      if (!isAbove) return cut;
    }
  }
  return -1;
}

/**
 * The flags that nodes look at, from what a file has: which nodes are leaves (a byte each, 1), and which cut (uint16, from 0) each of the
 * others asks. Returns how many cuts were needed, whether or not there are so many.
 */
export function joinFlags(leaves: usize, nodes: i32, splits: usize, count: i32, flags: usize): i32 {
  let split = 0;
  for (let node = 0; node < nodes; node++) {
    let flag = 0;
    if (load<u8>(leaves + <usize>node) == 0) {
      if (split < count) flag = <i32>load<u16>(splits + (<usize>split << 1)) + 1;
      split++;
    }
    store<u16>(flags + (<usize>node << 1), flag);
  }
  return split;
}

/**
 * Follows all trees to their ends, which must be that of the nodes. Writes where each tree starts, and one more; and to `result`: the
 * greatest depth, the most nodes of a tree, the leaves, and the node at which it stopped. Returns 0, or what is wrong there: 1, the nodes
 * end within a tree; 2, it would be deeper than `mostDepth`; 3, nodes are left. `stack`: 4 bytes a level.
 */
export function measureTrees(
  flags: usize,
  nodes: i32,
  trees: i32,
  mostDepth: i32,
  starts: usize,
  stack: usize,
  result: usize,
): i32 {
  let node = 0;
  let depth = 0;
  let largest = 0;
  let leaves = 0;
  let wrong = 0;
  for (let tree = 0; tree < trees && wrong == 0; tree++) {
    const start = node;
    store<i32>(starts + (<usize>tree << 2), start);
    let open = stack;
    let level = 0;
    for (;;) {
      if (node == nodes) {
        wrong = 1;
        break;
      }
      if (load<u16>(flags + (<usize>node << 1)) != 0) {
        if (level == mostDepth) {
          wrong = 2;
          break;
        }
        node++;
        level++;
        store<i32>(open, level);
        open += 4;
        continue;
      }
      node++;
      leaves++;
      depth = max(depth, level);
      if (open == stack) break;
      open -= 4;
      level = load<i32>(open);
    }
    largest = max(largest, node - start);
  }
  if (wrong == 0 && node < nodes) wrong = 3;
  store<i32>(starts + (<usize>trees << 2), node);
  store<i32>(result, depth, 0);
  store<i32>(result, largest, 4);
  store<i32>(result, leaves, 8);
  store<i32>(result, node, 12);
  return wrong;
}

/**
 * Writes the cover of all nodes (float32): that of a split is the sum of its sides', moved by so many float32 numbers. Returns the first
 * node, from the end, whose cover is no finite number from 0 on, or -1. `leavesEnd`, `stepsEnd`: behind the last leaf's cover (float32)
 * and the last split's step (int8).
 */
export function addCovers(
  flags: usize,
  nodes: i32,
  leavesEnd: usize,
  stepsEnd: usize,
  covers: usize,
  stack: usize,
): i32 {
  // Backwards, the sides of a split are known before it, the left one last.
  for (let node = nodes - 1; node >= 0; node--) {
    let cover: f32;
    if (load<u16>(flags + (<usize>node << 1)) == 0) {
      leavesEnd -= 4;
      cover = load<f32>(leavesEnd);
    } else {
      stack -= 8;
      stepsEnd -= 1;
      const sum = load<f32>(stack, 4) + load<f32>(stack);
      cover = reinterpret<f32>(reinterpret<i32>(sum) + <i32>load<i8>(stepsEnd));
      if (!(cover >= 0 && cover <= f32.MAX_VALUE)) return node;
    }
    store<f32>(stack, cover);
    stack += 4;
    store<f32>(covers + (<usize>node << 2), cover);
  }
  return -1;
}

// ---- Columns ----

@inline
function blocksOf<T>(cuts: usize, count: i32, levels: i32, to: usize): void {
  let blocks = 1;
  for (let level = levels - 1; level >= 0; level--) {
    const shift = level << 2;
    const isLowest = level == 0;
    const numbers = (isLowest ? (count + 15) >> 4 : blocks) << 4;
    for (let i = 0; i < numbers; i++) {
      const lastUnder = ((i + 1) << shift) - 1;
      const end = isLowest ? count : count - 1;
      const isCut = lastUnder < end;
      store<T>(to, isCut ? <T>load<f64>(cuts + (<usize>lastUnder << 3)) : <T>Infinity);
      to += sizeof<T>();
    }
    blocks <<= 4;
  }
}

/**
 * Writes the rising cuts of a column (float64) under levels of blocks of 16 that lead to them. A block above the lowest holds the last cut
 * under each of its children, but infinity for the last child.
 */
export function writeBlocks(cuts: usize, count: i32, levels: i32, to: usize, single: i32): void {
  if (single) blocksOf<f32>(cuts, count, levels, to);
  else blocksOf<f64>(cuts, count, levels, to);
}

/** Writes `raised` where a byte is 0, and 0 where it is not. */
export function writePattern(bytes: usize, count: i32, to: usize, raised: i32): void {
  for (const end = bytes + <usize>count; bytes < end; bytes++) {
    store<u8>(to++, load<u8>(bytes) ? 0 : <u8>raised);
  }
}

// ---- Trees ----

/** So few bytes that calling memory.copy would take longer. */
@inline
function copyWords(to: usize, from: usize, bytes: i32): void {
  for (let i = 0; i < bytes; i += 4) store<u32>(to + <usize>i, load<u32>(from + <usize>i));
}

/** Trees as ./perfect.ts walks them. `values`: the leaves', `size` bytes each; `stack`: 4 bytes a level. */
export function writePerfect(
  flags: usize,
  trees: i32,
  roots: i32,
  depth: i32,
  values: usize,
  size: i32,
  firstLeaf: usize,
  stack: usize,
): void {
  const leaves = roots << depth;
  for (let tree = 0; tree < trees; tree++) {
    let place = roots + tree;
    let open = stack;
    for (;;) {
      const flag = load<u16>(flags);
      flags += 2;
      if (flag != 0) {
        store<u16>(<usize>place << 1, flag, NODES);
        place <<= 1;
        store<i32>(open, place + 1);
        open += 4;
        continue;
      }
      let under = 1;
      for (; place < leaves; place <<= 1) under <<= 1;
      let to = firstLeaf + <usize>((place - leaves) * size);
      for (; under > 0; under--) {
        copyWords(to, values, size);
        to += size;
      }
      values += size;
      if (open == stack) break;
      open -= 4;
      place = load<i32>(open);
    }
  }
}

/** By node of a tree: where its right side starts; of a leaf, which leaf it is. Both are counted within the tree. */
@inline
function link(flags: usize, nodes: i32, links: usize, stack: usize): void {
  let leaves = 0;
  let open = stack;
  for (let node = 0; node < nodes; node++) {
    const to = links + (<usize>node << 2);
    if (load<u16>(flags + (<usize>node << 1)) != 0) {
      store<usize>(open, to);
      open += 4;
      continue;
    }
    store<i32>(to, leaves++);
    if (open == stack) return;
    open -= 4;
    store<i32>(load<usize>(open), node + 1);
  }
}

/**
 * Trees as ./linked.ts walks them. `starts`: where each tree starts among the nodes, and one more; `links`, `queue`: room for 4 bytes a node
 * of the largest tree.
 */
export function writeLinked(
  flags: usize,
  starts: usize,
  trees: i32,
  leafValues: usize,
  leafBytes: i32,
  values: usize,
  links: usize,
  queue: usize,
  stack: usize,
): void {
  for (let tree = 0; tree < trees; tree++) {
    const start = load<i32>(starts + (<usize>tree << 2));
    const nodes = load<i32>(starts + (<usize>tree << 2), 4) - start;
    const own = flags + (<usize>start << 1);
    link(own, nodes, links, stack);
    store<i32>(queue, 0);
    let free = 1;
    // Breadth first: a node's place is settled before its children get theirs.
    for (let place = 0; place < nodes; place++) {
      const node = load<i32>(queue + (<usize>place << 2));
      const flag = load<u16>(own + (<usize>node << 1));
      const linked = load<i32>(links + (<usize>node << 2));
      if (flag == 0) {
        copyWords(values + <usize>((start + place) * leafBytes), leafValues + <usize>(linked * leafBytes), leafBytes);
        continue;
      }
      const to = <usize>(start + place) << 2;
      store<u16>(to, flag, NODES);
      store<u16>(to, <u16>((free - place) << 2), NODES + 2);
      const children = queue + (<usize>free << 2);
      store<i32>(children, node + 1);
      store<i32>(children, linked, 4);
      free += 2;
    }
    leafValues += <usize>(((nodes + 1) >> 1) * leafBytes);
  }
}

/**
 * Trees as ./planes.ts takes them: how many splits, where the output's sums are, and for each split the planes of its flag and of its
 * children; leaves come after all splits. `outputs`: by tree.
 */
export function writeProgram(
  flags: usize,
  starts: usize,
  trees: i32,
  outputs: usize,
  bytesPerOutput: i32,
  leafValues: usize,
  leafBytes: i32,
  program: usize,
  values: usize,
  planes: usize,
  nodePlanes: usize,
  links: usize,
  queue: usize,
  stack: usize,
): void {
  for (let tree = 0; tree < trees; tree++) {
    const start = load<i32>(starts + (<usize>tree << 2));
    const nodes = load<i32>(starts + (<usize>tree << 2), 4) - start;
    const own = flags + (<usize>start << 1);
    const splits = (nodes - 1) >> 1;
    link(own, nodes, links, stack);
    store<i32>(program, splits);
    store<i32>(program, load<i32>(outputs + (<usize>tree << 2)) * bytesPerOutput, 4);
    program += 8;
    let queued = 0;
    let leaves = 0;
    if (splits > 0) store<i32>(queue, queued++);
    else copyWords(values, leafValues, leafBytes);
    for (let split = 0; split < splits; split++) {
      const node = load<i32>(queue + (<usize>split << 2));
      store<usize>(program, planes + (<usize>load<u16>(own + (<usize>node << 1)) << 4));
      for (let side = 0; side < 2; side++) {
        const child = side == 0 ? node + 1 : load<i32>(links + (<usize>node << 2));
        let place = queued;
        if (load<u16>(own + (<usize>child << 1)) != 0) {
          store<i32>(queue + (<usize>queued << 2), child);
          queued++;
        } else {
          const leaf = load<i32>(links + (<usize>child << 2));
          copyWords(values + <usize>(leaves * leafBytes), leafValues + <usize>(leaf * leafBytes), leafBytes);
          place = splits + leaves++;
        }
        store<usize>(program + (<usize>side << 2), nodePlanes + (<usize>place << 4), 4);
      }
      program += 12;
    }
    const bytes = <usize>(((nodes + 1) >> 1) * leafBytes);
    values += bytes;
    leafValues += bytes;
  }
}
