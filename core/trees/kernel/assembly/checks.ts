// What is done once with a model: its arrays are checked. In WebAssembly, because it is fast from its first run on: a process that has just
// started would spend its time warming up.
//
// Trees come in pre-order (a split, all of its left side, all of its right side), tree after tree: a node is the flag that it
// looks at, in 2 bytes, and 0 is a leaf.

/** `least`, `most`: of the type. */
@inline
function outside<T>(at: usize, count: i32, minimum: f64, maximum: f64, least: T, most: T): i32 {
  let i = 0;
  // Sixteen bytes at once, up to some that are not all within: the engine would optimise a function that did a lot of work, which takes
  // longer than the work.
  const low = <T>min(max(minimum, <f64>least), <f64>most);
  const high = <T>min(max(maximum, <f64>least), <f64>most);
  if (<f64>low >= minimum && <f64>high <= maximum) {
    const lanes = 16 / <i32>sizeof<T>();
    for (; i + lanes <= count; i += lanes) {
      const values = v128.load(at + (<usize>i) * sizeof<T>());
      const within = v128.and(v128.ge<T>(values, v128.splat<T>(low)), v128.le<T>(values, v128.splat<T>(high)));
      if (!i8x16.all_true(within)) break;
    }
  }
  for (; i < count; i++) {
    const value = <f64>load<T>(at + (<usize>i) * sizeof<T>());
    // Written so that NaN is outside as well.
    if (!(value >= minimum && value <= maximum)) return i;
  }
  return -1;
}

/** Which of so many numbers is the first that is not within the limits; -1: none. `type`: its place in ../kernels.ts. */
export function firstOutside(type: i32, at: usize, count: i32, minimum: f64, maximum: f64): i32 {
  if (type == 0) return outside<f64>(at, count, minimum, maximum, -f64.MAX_VALUE, f64.MAX_VALUE);
  if (type == 1) return outside<f32>(at, count, minimum, maximum, -f32.MAX_VALUE, f32.MAX_VALUE);
  if (type == 2) return outside<i32>(at, count, minimum, maximum, i32.MIN_VALUE, i32.MAX_VALUE);
  if (type == 3) return outside<u16>(at, count, minimum, maximum, 0, u16.MAX_VALUE);
  if (type == 4) return outside<i16>(at, count, minimum, maximum, i16.MIN_VALUE, i16.MAX_VALUE);
  if (type == 5) return outside<u8>(at, count, minimum, maximum, 0, u8.MAX_VALUE);
  return outside<i8>(at, count, minimum, maximum, i8.MIN_VALUE, i8.MAX_VALUE);
}

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
    // Without a branch: leaves come as they come. What is read behind the last cut counts for nothing.
    const isSplit = <i32>(load<u8>(leaves + <usize>node) == 0);
    const flag = <i32>load<u16>(splits + (<usize>min(split, count) << 1)) + 1;
    store<u16>(flags + (<usize>node << 1), flag & -(isSplit & <i32>(split < count)));
    split += isSplit;
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
