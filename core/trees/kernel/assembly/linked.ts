// Trees of any shape. A node is 4 bytes: the number of the flag that it looks at, and how far on its left child stands, the
// right one behind that; a flag is 0 or 4. A leaf looks at a flag that is never raised and leads to itself.
import { FLAGS, NODES, SUM_DOUBLE, SUM_SINGLE } from "./layout";

@inline
function down(at: usize): usize {
  return at + load<u16>(at, NODES + 2) + load<u8>(load<u16>(at, NODES), FLAGS);
}

/** Nothing, if it is a leaf. */
@inline
function toChild(at: usize): i32 {
  return load<u16>(at, NODES + 2);
}

/** The values of eight leaves to the sum, in the order of the trees. `shift`: from a node's address to that of its value. */
@inline
export function addEight<T>(
  sum: T, values: usize, shift: usize,
  a: usize, b: usize, c: usize, d: usize, e: usize, f: usize, g: usize, h: usize,
): T {
  sum += load<T>(values + (a << shift));
  sum += load<T>(values + (b << shift));
  sum += load<T>(values + (c << shift));
  sum += load<T>(values + (d << shift));
  sum += load<T>(values + (e << shift));
  sum += load<T>(values + (f << shift));
  sum += load<T>(values + (g << shift));
  return (sum += load<T>(values + (h << shift)));
}

/** Where the eight stand. */
@inline
export function storeEight(
  to: usize,
  a: usize, b: usize, c: usize, d: usize, e: usize, f: usize, g: usize, h: usize,
): void {
  store<usize>(to, a, 0);
  store<usize>(to, b, 4);
  store<usize>(to, c, 8);
  store<usize>(to, d, 12);
  store<usize>(to, e, 16);
  store<usize>(to, f, 20);
  store<usize>(to, g, 24);
  store<usize>(to, h, 28);
}

/**
 * Takes all trees, eight at a time, until all eight are at a leaf: so each hides the latency of the others. Adds the leaves to `sum` in the order of the
 * trees, or writes to `leaves` where each tree ended. `roots`: one address a tree.
 */
export function walkLinked(
  roots: usize,
  end: usize,
  mode: i32,
  values: usize,
  leaves: usize,
  sum: f64,
): f64 {
  let single = <f32>sum;
  for (; roots < end; roots += 32) {
    let a = load<usize>(roots, 0);
    let b = load<usize>(roots, 4);
    let c = load<usize>(roots, 8);
    let d = load<usize>(roots, 12);
    let e = load<usize>(roots, 16);
    let f = load<usize>(roots, 20);
    let g = load<usize>(roots, 24);
    let h = load<usize>(roots, 28);
    do {
      a = down(down(a));
      b = down(down(b));
      c = down(down(c));
      d = down(down(d));
      e = down(down(e));
      f = down(down(f));
      g = down(down(g));
      h = down(down(h));
    } while (
      toChild(a) | toChild(b) | toChild(c) | toChild(d) | toChild(e) | toChild(f) | toChild(g) | toChild(h)
    );
    if (mode == SUM_SINGLE) single = addEight<f32>(single, values, 0, a, b, c, d, e, f, g, h);
    else if (mode == SUM_DOUBLE) sum = addEight<f64>(sum, values, 1, a, b, c, d, e, f, g, h);
    else {
      storeEight(leaves, a, b, c, d, e, f, g, h);
      leaves += 32;
    }
  }
  return mode == SUM_SINGLE ? <f64>single : sum;
}
