// What is done once with a model: its cuts and trees are written in the form that walks want. In WebAssembly, because it is fast from its first run on: a process that has just
// started would spend its time warming up.
//
// Trees come in pre-order (a split, all of its left side, all of its right side), tree after tree: a node is the flag that it
// looks at, in 2 bytes, and 0 is a leaf.
import { NODES } from "./layout";
import { Level } from "./perfect";

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

@inline
function below(at: usize, level: usize, isRight: bool): usize {
  const own = changetype<Level>(level);
  return ((isRight ? at + own.side : at) << own.shift) + own.start;
}

/** Writes the value to all leaves below. */
function fill(at: usize, level: usize, end: usize, value: usize, size: i32): void {
  if (level == end) {
    copyWords(at, value, size);
    return;
  }
  const next = level + offsetof<Level>();
  fill(below(at, level, false), next, end, value, size);
  fill(below(at, level, true), next, end, value, size);
}

/**
 * Trees as ./perfect.ts walks them. `levels`: a Level each, up to `end`; `at`: of the first root; `stride`: to the next one. `values`: the
 * leaves', `size` bytes each; `stack`: 8 bytes a level.
 */
export function writePerfect(
  flags: usize,
  trees: i32,
  levels: usize,
  end: usize,
  root: usize,
  stride: usize,
  values: usize,
  size: i32,
  stack: usize,
): void {
  for (; trees > 0; trees--) {
    let at = root;
    let level = levels;
    let open = stack;
    for (;;) {
      const flag = load<u16>(flags);
      flags += 2;
      if (flag != 0) {
        store<u16>(at + changetype<Level>(level).node, flag);
        store<usize>(open, below(at, level, true));
        at = below(at, level, false);
        level += offsetof<Level>();
        store<usize>(open, level, 4);
        open += 8;
        continue;
      }
      fill(at, level, end, values, size);
      values += size;
      if (open == stack) break;
      open -= 8;
      at = load<usize>(open);
      level = load<usize>(open, 4);
    }
    root += stride;
  }
}

/**
 * Perfect trees of one depth as one heap, as ./plane-trees.ts takes them: the children of place p are 2p and 2p + 1, the roots are places `trees` to
 * `2 x trees - 1`. `values`: the leaves', `size` bytes each; `stack`: 4 bytes a level.
 */
export function writeHeap(
  flags: usize,
  trees: i32,
  depth: i32,
  values: usize,
  size: i32,
  nodes: usize,
  firstLeaf: usize,
  stack: usize,
): void {
  const leaves = trees << depth;
  for (let tree = 0; tree < trees; tree++) {
    let place = trees + tree;
    let open = stack;
    for (;;) {
      const flag = load<u16>(flags);
      flags += 2;
      if (flag != 0) {
        store<u16>(nodes + (<usize>place << 1), flag);
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
