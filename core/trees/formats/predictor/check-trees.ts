import { maximumTreeDepth, type TreeEnsemble } from "../../ensemble.ts";
import { ModelFileError } from "../../model-file-error.ts";

/** Every node but a tree's first is the child of exactly one node before it, so that walks end. Throws ModelFileError. */
export function checkTrees({ treeStart, feature, left, right }: TreeEnsemble): void {
  if (treeStart[0] !== 0) refuse("/predictor/treeStart", "must start with 0");
  for (let tree = 0; tree < treeStart.length - 1; tree++) {
    const start = treeStart[tree] as number;
    const size = (treeStart[tree + 1] as number) - start;
    if (size <= 0) refuse(`/predictor/treeStart/${tree + 1}`, "must be greater than the number before it");
    const depth = new Int32Array(size);
    for (let node = 0; node < size; node++) {
      const at = start + node;
      if (node > 0 && depth[node] === 0)
        refuse(`/predictor/feature/${at}`, "belongs to a node without a parent");
      if ((feature[at] as number) < 0) continue;
      if ((depth[node] as number) >= maximumTreeDepth) {
        refuse(`/predictor/feature/${at}`, `is deeper than the ${maximumTreeDepth} levels that are read`);
      }
      for (const [key, side] of [
        ["left", left],
        ["right", right],
      ] as const) {
        const child = side[at] as number;
        if (child <= node || child >= size)
          refuse(`/predictor/${key}/${at}`, "must be a later node of its tree");
        if (depth[child] !== 0) refuse(`/predictor/${key}/${at}`, "is the child of two nodes");
        depth[child] = (depth[node] as number) + 1;
      }
    }
  }
}

function refuse(pointer: string, problem: string): never {
  throw new ModelFileError(problem, pointer);
}
