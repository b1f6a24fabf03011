// Perfect trees of one depth, cut into records of three levels, so that three steps stay within one line of the cache; the first record of a tree has
// one to three. The records of one layer stand together, tree after tree, so that where a record leads to follows from where it stands.
//
// `at` is the address of a record plus the sides taken in it: the first side is worth a node, the second two, the third four. The nodes of a level stand
// together, behind those of the levels above it. A node is 2 bytes, the number of the flag that it looks at; a flag is 0 or 2.
// In the last records of trees with leaves of float32, a node takes 4 bytes and the leaves stand behind the nodes, 64 bytes in all.
import { addEight, storeEight } from "./eight";
import { FLAGS, LEAVES, SUM_DOUBLE, SUM_SINGLE } from "./layout";

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

/** The first layer, of so many levels: writes `at` of each tree to `cursors`. Eight trees in step, each hiding the latency of the others. */
@inline
function enter(at: usize, levels: i32, cursors: usize, end: usize): void {
  const size: usize = 2 << levels;
  for (; cursors < end; cursors += 32) {
    let a = at;
    let b = a + size;
    let c = b + size;
    let d = c + size;
    let e = d + size;
    let f = e + size;
    let g = f + size;
    let h = g + size;
    at = h + size;
    a = first<u16>(a);
    b = first<u16>(b);
    c = first<u16>(c);
    d = first<u16>(d);
    e = first<u16>(e);
    f = first<u16>(f);
    g = first<u16>(g);
    h = first<u16>(h);
    if (levels > 1) {
      a = second<u16>(a);
      b = second<u16>(b);
      c = second<u16>(c);
      d = second<u16>(d);
      e = second<u16>(e);
      f = second<u16>(f);
      g = second<u16>(g);
      h = second<u16>(h);
    }
    if (levels > 2) {
      a = third<u16>(a);
      b = third<u16>(b);
      c = third<u16>(c);
      d = third<u16>(d);
      e = third<u16>(e);
      f = third<u16>(f);
      g = third<u16>(g);
      h = third<u16>(h);
    }
    storeEight(cursors, a, b, c, d, e, f, g, h);
  }
}

/** A later layer, of three levels; then what `mode` says. `start`, `shift`: as the level before it tells. */
@inline
function follow<Node, Leaf>(
  start: usize,
  shift: usize,
  cursors: usize,
  end: usize,
  mode: i32,
  values: usize,
  sum: Leaf,
): Leaf {
  for (; cursors < end; cursors += 32) {
    let a = first<Node>((load<usize>(cursors, 0) << shift) + start);
    let b = first<Node>((load<usize>(cursors, 4) << shift) + start);
    let c = first<Node>((load<usize>(cursors, 8) << shift) + start);
    let d = first<Node>((load<usize>(cursors, 12) << shift) + start);
    let e = first<Node>((load<usize>(cursors, 16) << shift) + start);
    let f = first<Node>((load<usize>(cursors, 20) << shift) + start);
    let g = first<Node>((load<usize>(cursors, 24) << shift) + start);
    let h = first<Node>((load<usize>(cursors, 28) << shift) + start);
    a = second<Node>(a);
    b = second<Node>(b);
    c = second<Node>(c);
    d = second<Node>(d);
    e = second<Node>(e);
    f = second<Node>(f);
    g = second<Node>(g);
    h = second<Node>(h);
    a = third<Node>(a);
    b = third<Node>(b);
    c = third<Node>(c);
    d = third<Node>(d);
    e = third<Node>(e);
    f = third<Node>(f);
    g = third<Node>(g);
    h = third<Node>(h);
    if (mode == SUM_SINGLE) sum = addEight<Leaf>(sum, values, 0, a, b, c, d, e, f, g, h);
    else if (mode == SUM_DOUBLE) sum = addEight<Leaf>(sum, values, 2, a, b, c, d, e, f, g, h);
    else storeEight(cursors, a, b, c, d, e, f, g, h);
  }
  return sum;
}

/** The leaves of trees that are only one record deep. */
@inline
function add<Leaf>(sum: Leaf, cursors: usize, end: usize, values: usize, shift: usize): Leaf {
  for (; cursors < end; cursors += 4) sum += load<Leaf>((load<usize>(cursors) << shift) + values);
  return sum;
}

/**
 * Takes all trees layer by layer. Adds the leaves to `sum` in the order of the trees, or leaves at `cursors` where each tree ended. `at`: of the first
 * root; `first`: how many levels the first layer has; `trees`: a multiple of 8.
 */
export function walkPerfect(
  levels: usize,
  depth: i32,
  first: i32,
  at: usize,
  trees: usize,
  cursors: usize,
  mode: i32,
  sum: f64,
): f64 {
  const end = cursors + (trees << 2);
  if (first == 3) enter(at, 3, cursors, end);
  else if (first == 2) enter(at, 2, cursors, end);
  else enter(at, 1, cursors, end);
  const lowest = levels + <usize>(depth - 1) * offsetof<Level>();
  const values = changetype<Level>(lowest).start;
  let above = levels + <usize>(first - 1) * offsetof<Level>();
  if (above == lowest) {
    if (mode == SUM_SINGLE) return <f64>add<f32>(<f32>sum, cursors, end, values, 1);
    if (mode == SUM_DOUBLE) return add<f64>(sum, cursors, end, values, 2);
    return sum;
  }
  for (const last = lowest - 3 * offsetof<Level>(); above < last; above += 3 * offsetof<Level>()) {
    follow<u16, f32>(changetype<Level>(above).start, TO_RECORD, cursors, end, LEAVES, 0, 0);
  }
  const start = changetype<Level>(above).start;
  if (mode == SUM_SINGLE) return <f64>follow<u32, f32>(start, TO_LEAVES, cursors, end, SUM_SINGLE, values, <f32>sum);
  if (mode == SUM_DOUBLE) return follow<u16, f64>(start, TO_RECORD, cursors, end, SUM_DOUBLE, values, sum);
  if (changetype<Level>(above).shift == TO_LEAVES) follow<u32, f32>(start, TO_LEAVES, cursors, end, LEAVES, 0, 0);
  else follow<u16, f64>(start, TO_RECORD, cursors, end, LEAVES, 0, 0);
  return sum;
}
