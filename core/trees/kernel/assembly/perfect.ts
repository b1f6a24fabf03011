import { FLAGS, NODES } from "./layout";

@inline
function step(at: usize): usize {
  return (at << 1) + load<u8>(load<u16>(at, NODES), FLAGS);
}

/** Sum of leaves in float32. */
export function walkPerfect(trees: i32, depth: i32, values: usize, sum: f32): f32 {
  let root = <usize>trees << 1;
  const end = root << 1;
  // Leaves: 4 bytes each, the first where the numbering of places says.
  for (; root < end; root += 16) {
    let a = root;
    let b = root + 2;
    let c = root + 4;
    let d = root + 6;
    let e = root + 8;
    let f = root + 10;
    let g = root + 12;
    let h = root + 14;
    for (let level = depth; level > 0; --level) {
      a = step(a);
      b = step(b);
      c = step(c);
      d = step(d);
      e = step(e);
      f = step(f);
      g = step(g);
      h = step(h);
    }
    sum += load<f32>(values + (a << 1));
    sum += load<f32>(values + (b << 1));
    sum += load<f32>(values + (c << 1));
    sum += load<f32>(values + (d << 1));
    sum += load<f32>(values + (e << 1));
    sum += load<f32>(values + (f << 1));
    sum += load<f32>(values + (g << 1));
    sum += load<f32>(values + (h << 1));
  }
  return sum;
}
