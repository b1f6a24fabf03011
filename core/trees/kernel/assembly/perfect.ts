// Perfect trees of one depth, as one heap: the children of place p are 2p and 2p + 1, the roots are places `trees` to
// 2 x `trees` - 1. A node is 2 bytes, the number of the flag that it looks at; `at` is twice its place, and a flag 0 or 2.
import { addEight, storeEight } from "./eight";
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
    if (mode == SUM_SINGLE) single = addEight<f32>(single, values, 1, a, b, c, d, e, f, g, h);
    else if (mode == SUM_DOUBLE) sum = addEight<f64>(sum, values, 2, a, b, c, d, e, f, g, h);
    else {
      storeEight(leaves, 1, a, b, c, d, e, f, g, h);
      leaves += 32;
    }
  }
  return mode == SUM_SINGLE ? <f64>single : sum;
}
