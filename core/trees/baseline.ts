import type { TreeEnsemble } from "./ensemble.ts";

/** The margins that are expected where no feature is known: the base and each tree's mean, weighted by `cover`. In double. */
export function baseline(ensemble: TreeEnsemble): Float64Array {
  const { feature, left, right, cover, value, valuesPerLeaf, treeStart, treeOutput, base, divide } = ensemble;
  const sums = Float64Array.from(base);
  for (let tree = 0; tree < treeOutput.length; tree++) {
    const start = treeStart[tree] as number;
    const share = new Float64Array((treeStart[tree + 1] as number) - start);
    share[0] = 1;
    // A node comes after the one above it.
    for (let node = 0; node < share.length; node++) {
      const index = start + node;
      const weight = cover[index] as number;
      if ((feature[index] as number) >= 0) {
        for (const child of [left[index] as number, right[index] as number]) {
          const part = weight > 0 ? (cover[start + child] as number) / weight : 0;
          share[child] = (share[node] as number) * part;
        }
        continue;
      }
      for (let k = 0; k < valuesPerLeaf; k++) {
        const output = (treeOutput[tree] as number) + k;
        const mean = (share[node] as number) * (value[index * valuesPerLeaf + k] as number);
        sums[output] = (sums[output] as number) + mean;
      }
    }
  }
  return divide === null ? sums : sums.map((sum) => sum / divide);
}
