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

/** As walkPerfect does, until all eight trees are at a leaf. `roots`: one address a tree. */
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
    if (mode == SUM_SINGLE) {
      single += load<f32>(values + a);
      single += load<f32>(values + b);
      single += load<f32>(values + c);
      single += load<f32>(values + d);
      single += load<f32>(values + e);
      single += load<f32>(values + f);
      single += load<f32>(values + g);
      single += load<f32>(values + h);
    } else if (mode == SUM_DOUBLE) {
      sum += load<f64>(values + (a << 1));
      sum += load<f64>(values + (b << 1));
      sum += load<f64>(values + (c << 1));
      sum += load<f64>(values + (d << 1));
      sum += load<f64>(values + (e << 1));
      sum += load<f64>(values + (f << 1));
      sum += load<f64>(values + (g << 1));
      sum += load<f64>(values + (h << 1));
    } else {
      store<u32>(leaves, a >> 2, 0);
      store<u32>(leaves, b >> 2, 4);
      store<u32>(leaves, c >> 2, 8);
      store<u32>(leaves, d >> 2, 12);
      store<u32>(leaves, e >> 2, 16);
      store<u32>(leaves, f >> 2, 20);
      store<u32>(leaves, g >> 2, 24);
      store<u32>(leaves, h >> 2, 28);
      leaves += 32;
    }
  }
  return mode == SUM_SINGLE ? <f64>single : sum;
}
