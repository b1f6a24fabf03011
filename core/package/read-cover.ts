import type { TreeEnsemble } from "../trees/ensemble.ts";
import type { Shape } from "./shape.ts";

/** Fills in the cover of all nodes, of trees that are otherwise checked: as it stands in the file, or from that of the leaves. */
export function readCover(shape: Shape, ensemble: TreeEnsemble): void {
  const { cover, treeStart } = ensemble;
  if (Object.hasOwn(shape.object(), "leaves")) addUp(shape, ensemble);
  else cover.set(shape.packed(cover.length, 0, Number.MAX_VALUE));
  for (let tree = 0; tree < treeStart.length - 1; tree++) {
    if (!((cover[treeStart[tree] as number] as number) > 0)) {
      shape.refuse(`must be above 0 in tree ${tree}, node 0`);
    }
  }
}

const largestSingle = 3.4028234663852886e38;

/** A split's cover is the float32 sum of its children's, or so many float32 numbers beside it. */
function addUp(shape: Shape, { cover, feature, left, right, treeStart }: TreeEnsemble): void {
  const splits = feature.reduce((count, column) => count + (column >= 0 ? 1 : 0), 0);
  const leaves = shape.at("leaves").packed(feature.length - splits, 0, largestSingle);
  const steps = shape.at("steps").packedIntegers(splits, -127, 127);
  const single = new Float32Array(1);
  const bits = new Int32Array(single.buffer);
  let leaf = leaves.length;
  let split = splits;
  for (let tree = treeStart.length - 2; tree >= 0; tree--) {
    const start = treeStart[tree] as number;
    // A node stands before its children.
    for (let node = (treeStart[tree + 1] as number) - 1; node >= start; node--) {
      if ((feature[node] as number) < 0) {
        cover[node] = leaves[--leaf] as number;
        continue;
      }
      single[0] =
        (cover[start + (left[node] as number)] as number) +
        (cover[start + (right[node] as number)] as number);
      bits[0] = (bits[0] as number) + (steps[--split] as number);
      const sum = single[0] as number;
      if (!(sum >= 0 && sum <= largestSingle))
        shape.refuse(`adds up to ${sum} in tree ${tree}, node ${node - start}`);
      cover[node] = sum;
    }
  }
}
