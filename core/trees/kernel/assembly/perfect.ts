// Perfect trees of one depth, cut into records of three levels, so that three steps stay within one line of the cache; the first record of a tree has
// one to three. The records of one layer stand together, tree after tree, so that where a record leads to follows from where it stands.
//
// `at` is the address of a record plus the sides taken in it: the first side is worth a node, the second two, the third four. The nodes of a level stand
// together, behind those of the levels above it. A node is 2 bytes, the number of the flag that it looks at; a flag is 0 or 2.
// In the last records of trees with leaves of float32, a node takes 4 bytes and the leaves stand behind the nodes, 64 bytes in all.
import { FLAGS, SUM_DOUBLE, SUM_SINGLE } from "./layout";

/** How a level of all trees is laid out: a node is at `at + node`; its left child, or leaf, at `(at << shift) + start`. */
@unmanaged
export class Level {
  node: usize;
  /** What is added to `at` for the right child. */
  side: usize;
  shift: usize;
  start: usize;
}

/** From a record to that which it leads to: eight of seven nodes of 2 bytes, and 2 bytes more. */
const TO_RECORD: usize = 3;
/** The same, if that one has its leaves behind its nodes. */
const TO_LEAVES: usize = 5;

@inline
function first<Node>(at: usize): usize {
  return at + <usize>load<u8>(load<u16>(at), FLAGS) * (sizeof<Node>() / 2);
}

@inline
function second<Node>(at: usize): usize {
  return at + <usize>load<u8>(load<u16>(at, sizeof<Node>()), FLAGS) * sizeof<Node>();
}

@inline
function third<Node>(at: usize): usize {
  return at + <usize>load<u8>(load<u16>(at, 3 * sizeof<Node>()), FLAGS) * (2 * sizeof<Node>());
}

/** The first layer: writes `at` of each tree to `cursors`. Four trees in step, and no four wait for others: the processor has many under way. */
@inline
function enter(at: usize, levels: i32, cursors: usize, end: usize): void {
  const size: usize = 2 << levels;
  for (; cursors < end; cursors += 16) {
    let a = first<u16>(at);
    let b = first<u16>(at + size);
    let c = first<u16>(at + 2 * size);
    let d = first<u16>(at + 3 * size);
    at += 4 * size;
    if (levels > 1) {
      a = second<u16>(a);
      b = second<u16>(b);
      c = second<u16>(c);
      d = second<u16>(d);
    }
    if (levels > 2) {
      a = third<u16>(a);
      b = third<u16>(b);
      c = third<u16>(c);
      d = third<u16>(d);
    }
    store<usize>(cursors, a, 0);
    store<usize>(cursors, b, 4);
    store<usize>(cursors, c, 8);
    store<usize>(cursors, d, 12);
  }
}

/**
 * A later layer, of three levels. `start`, `shift`: as the level before it tells. Adds the leaves behind it to `sum`, where `values` is that of `at` 0;
 * with ADD false, leaves at `cursors` where each tree is.
 */
@inline
function follow<Node, Leaf>(
  start: usize,
  shift: usize,
  cursors: usize,
  end: usize,
  ADD: bool,
  leafShift: usize,
  values: usize,
  sum: Leaf,
): Leaf {
  for (; cursors < end; cursors += 16) {
    let a = first<Node>((load<usize>(cursors, 0) << shift) + start);
    let b = first<Node>((load<usize>(cursors, 4) << shift) + start);
    let c = first<Node>((load<usize>(cursors, 8) << shift) + start);
    let d = first<Node>((load<usize>(cursors, 12) << shift) + start);
    a = second<Node>(a);
    b = second<Node>(b);
    c = second<Node>(c);
    d = second<Node>(d);
    a = third<Node>(a);
    b = third<Node>(b);
    c = third<Node>(c);
    d = third<Node>(d);
    if (ADD) {
      sum += load<Leaf>((a << leafShift) + values);
      sum += load<Leaf>((b << leafShift) + values);
      sum += load<Leaf>((c << leafShift) + values);
      sum += load<Leaf>((d << leafShift) + values);
    } else {
      store<usize>(cursors, a, 0);
      store<usize>(cursors, b, 4);
      store<usize>(cursors, c, 8);
      store<usize>(cursors, d, 12);
    }
  }
  return sum;
}

/** The leaves of trees that are only one record deep. */
@inline
function add<Leaf>(leafShift: usize, values: usize, cursors: usize, end: usize, sum: Leaf): Leaf {
  for (; cursors < end; cursors += 4) sum += load<Leaf>((load<usize>(cursors) << leafShift) + values);
  return sum;
}

/**
 * Takes all trees layer by layer. Adds the leaves to `sum` in the order of the trees, or leaves at `cursors` where each tree ended. `root`: the first
 * one's address; `first`: how many levels the first layer has; `trees`: a multiple of 4.
 */
export function walkPerfect(
  levels: usize,
  depth: i32,
  first: i32,
  root: usize,
  trees: usize,
  cursors: usize,
  mode: i32,
  sum: f64,
): f64 {
  const end = cursors + (trees << 2);
  if (first == 3) enter(root, 3, cursors, end);
  else if (first == 2) enter(root, 2, cursors, end);
  else enter(root, 1, cursors, end);
  const lowest = levels + <usize>(depth - 1) * offsetof<Level>();
  const values = changetype<Level>(lowest).start;
  let above = levels + <usize>(first - 1) * offsetof<Level>();
  if (above == lowest) {
    if (mode == SUM_SINGLE) return <f64>add<f32>(1, values, cursors, end, <f32>sum);
    if (mode == SUM_DOUBLE) return add<f64>(2, values, cursors, end, sum);
    return sum;
  }
  for (const last = lowest - 3 * offsetof<Level>(); above < last; above += 3 * offsetof<Level>()) {
    follow<u16, f32>(changetype<Level>(above).start, TO_RECORD, cursors, end, false, 0, 0, 0);
  }
  const start = changetype<Level>(above).start;
  if (mode == SUM_SINGLE) return <f64>follow<u32, f32>(start, TO_LEAVES, cursors, end, true, 0, values, <f32>sum);
  if (mode == SUM_DOUBLE) return follow<u16, f64>(start, TO_RECORD, cursors, end, true, 2, values, sum);
  if (changetype<Level>(above).shift == TO_LEAVES) follow<u32, f32>(start, TO_LEAVES, cursors, end, false, 0, 0, 0);
  else follow<u16, f32>(start, TO_RECORD, cursors, end, false, 0, 0, 0);
  return sum;
}
