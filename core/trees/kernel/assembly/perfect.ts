// Perfect trees of one depth, as one heap: the children of place p are 2p and 2p + 1, the roots are places `trees` to
// 2 x `trees` - 1. A node is 2 bytes, the number of the flag that it looks at; `at` is twice its place, and a flag 0 or 2.
import { FLAGS, NODES, SUM_DOUBLE, SUM_SINGLE } from "./layout";

@inline
function down(at: usize): usize {
  return (at << 1) + load<u8>(load<u16>(at, NODES), FLAGS);
}

/**
 * Takes all trees, eight at a time, so that each hides the latency of the others. Adds the leaves to `sum` in the order of the trees,
 * or writes their places to `leaves`. `values`: where place 0 would have its value.
 */
export function walkPerfect(
  trees: usize,
  depth: i32,
  mode: i32,
  values: usize,
  leaves: usize,
  sum: f64,
): f64 {
  let single = <f32>sum;
  const end = trees << 2;
  for (let root = trees << 1; root < end; root += 16) {
    let a = root;
    let b = root + 2;
    let c = root + 4;
    let d = root + 6;
    let e = root + 8;
    let f = root + 10;
    let g = root + 12;
    let h = root + 14;
    let level = depth;
    if (level & 1) {
      a = down(a);
      b = down(b);
      c = down(c);
      d = down(d);
      e = down(e);
      f = down(f);
      g = down(g);
      h = down(h);
    }
    for (level >>= 1; level > 0; --level) {
      a = down(down(a));
      b = down(down(b));
      c = down(down(c));
      d = down(down(d));
      e = down(down(e));
      f = down(down(f));
      g = down(down(g));
      h = down(down(h));
    }
    if (mode == SUM_SINGLE) {
      single += load<f32>(values + (a << 1));
      single += load<f32>(values + (b << 1));
      single += load<f32>(values + (c << 1));
      single += load<f32>(values + (d << 1));
      single += load<f32>(values + (e << 1));
      single += load<f32>(values + (f << 1));
      single += load<f32>(values + (g << 1));
      single += load<f32>(values + (h << 1));
    } else if (mode == SUM_DOUBLE) {
      sum += load<f64>(values + (a << 2));
      sum += load<f64>(values + (b << 2));
      sum += load<f64>(values + (c << 2));
      sum += load<f64>(values + (d << 2));
      sum += load<f64>(values + (e << 2));
      sum += load<f64>(values + (f << 2));
      sum += load<f64>(values + (g << 2));
      sum += load<f64>(values + (h << 2));
    } else {
      store<u32>(leaves, a >> 1, 0);
      store<u32>(leaves, b >> 1, 4);
      store<u32>(leaves, c >> 1, 8);
      store<u32>(leaves, d >> 1, 12);
      store<u32>(leaves, e >> 1, 16);
      store<u32>(leaves, f >> 1, 20);
      store<u32>(leaves, g >> 1, 24);
      store<u32>(leaves, h >> 1, 28);
      leaves += 32;
    }
  }
  return mode == SUM_SINGLE ? <f64>single : sum;
}
