import type { TreeEnsemble } from "./ensemble.ts";

/** The splits of all trees, without the leaves, every split after the one above it. */
export interface SplitTrees {
  /** Trees + 1: where each tree's splits start. */
  readonly start: Int32Array;
  /** The most distinct columns on a path, by tree. */
  readonly distinctColumns: Int32Array;
  /** What is compared: an index of the prepared inputs. */
  readonly slot: Int32Array;
  readonly threshold: Float64Array;
  readonly field: Int32Array;
  /** The split on the side, counted within the tree; or, negative, -1 - the leaf's node in the predictor. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Share of the split's training weight that took the side. */
  readonly leftShare: Float64Array;
  readonly rightShare: Float64Array;
  /**
   * The nearest edge above that belongs to a split of the same column: the split at its end, counted within the tree
   * (-1: there is none), and its share, times that of the edge of the same column above it and so on (1: there is none).
   */
  readonly edgeAbove: Int32Array;
  readonly shareAbove: Float64Array;
}

export function splitTrees(
  predictor: TreeEnsemble,
  slotOfNode: Int32Array,
  fieldOfColumn: Int32Array,
): SplitTrees {
  const { feature, threshold, left, right, cover, treeStart } = predictor;
  const trees = treeStart.length - 1;
  const count = feature.reduce((splits, column) => splits + (column >= 0 ? 1 : 0), 0);
  const result = {
    start: new Int32Array(trees + 1),
    distinctColumns: new Int32Array(trees),
    slot: new Int32Array(count),
    threshold: new Float64Array(count),
    field: new Int32Array(count),
    left: new Int32Array(count),
    right: new Int32Array(count),
    leftShare: new Float64Array(count),
    rightShare: new Float64Array(count),
    edgeAbove: new Int32Array(count).fill(-1),
    shareAbove: new Float64Array(count).fill(1),
  };
  let end = 0;
  for (let tree = 0; tree < trees; tree++) {
    const firstNode = treeStart[tree] as number;
    const nodes = (treeStart[tree + 1] as number) - firstNode;
    const first = end;
    const splitOfNode = new Int32Array(nodes).fill(-1);
    const nodeOfSplit: number[] = [];
    for (let node = 0; node < nodes; node++) {
      if ((feature[firstNode + node] as number) < 0) continue;
      splitOfNode[node] = nodeOfSplit.length;
      nodeOfSplit.push(node);
    }
    end = first + nodeOfSplit.length;
    result.start[tree + 1] = end;
    const parent = new Int32Array(nodeOfSplit.length).fill(-1);
    const distinct = new Int32Array(nodeOfSplit.length);
    const columnOf = (split: number) => feature[firstNode + (nodeOfSplit[split] as number)] as number;
    nodeOfSplit.forEach((node, split) => {
      const at = first + split;
      const index = firstNode + node;
      const shareOf = (child: number) => {
        const weight = cover[index] as number;
        return weight > 0 ? (cover[firstNode + child] as number) / weight : 0;
      };
      const targetOf = (child: number) => {
        const below = splitOfNode[child] as number;
        if (below >= 0) parent[below] = split;
        return below >= 0 ? below : -1 - (firstNode + child);
      };
      result.slot[at] = slotOfNode[index] as number;
      result.threshold[at] = threshold[index] as number;
      result.field[at] = fieldOfColumn[columnOf(split)] as number;
      result.leftShare[at] = shareOf(left[index] as number);
      result.rightShare[at] = shareOf(right[index] as number);
      result.left[at] = targetOf(left[index] as number);
      result.right[at] = targetOf(right[index] as number);
      let edgeEnd = split;
      let above = parent[split] as number;
      while (above >= 0 && columnOf(above) !== columnOf(split)) {
        edgeEnd = above;
        above = parent[above] as number;
      }
      if (above >= 0) {
        const isLeft = result.left[first + above] === edgeEnd;
        const share = (isLeft ? result.leftShare : result.rightShare)[first + above] as number;
        result.edgeAbove[at] = edgeEnd;
        result.shareAbove[at] = share * (result.shareAbove[first + above] as number);
      }
      const onPath = (parent[split] as number) < 0 ? 0 : (distinct[parent[split] as number] as number);
      distinct[split] = onPath + (above < 0 ? 1 : 0);
      result.distinctColumns[tree] = Math.max(
        result.distinctColumns[tree] as number,
        distinct[split] as number,
      );
    });
  }
  return result;
}
