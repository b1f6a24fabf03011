import type { TreeEnsemble } from "../ensemble.ts";
import { gaussLegendre, type Quadrature } from "./quadrature.ts";

/**
 * Contributions of trees at whose splits the training weights of the two sides do not add up (counts that a library
 * estimated, files that were worked on): the same integrals as in blocks, by a walk over each tree, with the share of
 * each side as the file has it.
 */
export class UnevenTrees {
  readonly #ensemble: TreeEnsemble;
  readonly #slotOfNode: Int32Array;
  readonly #fieldOfColumn: Int32Array;
  readonly #trees: readonly { readonly tree: number; readonly quadrature: Quadrature }[];

  constructor(
    ensemble: TreeEnsemble,
    trees: readonly number[],
    slotOfNode: Int32Array,
    fieldOfColumn: Int32Array,
  ) {
    this.#ensemble = ensemble;
    this.#slotOfNode = slotOfNode;
    this.#fieldOfColumn = fieldOfColumn;
    const quadratures = new Map<number, Quadrature>();
    this.#trees = trees.map((tree) => {
      const points = Math.max(1, Math.ceil(depthOf(ensemble, tree) / 2));
      const quadrature = quadratures.get(points) ?? gaussLegendre(points);
      quadratures.set(points, quadrature);
      return { tree, quadrature };
    });
  }

  /** Adds to `out`, a number a field. `leafValue` a leaf: what it adds to the sum that is explained, 0 for a tree that does not count. */
  add(inputs: Float64Array, leafValue: (node: number, tree: number) => number, out: Float64Array): void {
    for (const { tree, quadrature } of this.#trees) {
      const root = this.#ensemble.treeStart[tree] as number;
      const { points, weights } = quadrature;
      points.forEach((t, q) => {
        this.#walk(
          { inputs, out, t, root, leafValue: (node) => leafValue(node, tree) },
          root,
          new Map(),
          weights[q] as number,
        );
      });
    }
  }

  /**
   * Returns the sum of the leaves below, each times the factors of the splits from the root to it and the weight.
   * A split adds, of each side, (o - z) / f of that sum, and takes back what the split of its column above it had added.
   */
  #walk(walk: Walk, node: number, edges: Map<number, Edge>, product: number): number {
    const { feature, threshold, left, right, cover } = this.#ensemble;
    const column = feature[node] as number;
    if (column < 0) return product * walk.leafValue(node);
    const above = edges.get(column) ?? untouched;
    const goesLeft = (walk.inputs[this.#slotOfNode[node] as number] as number) <= (threshold[node] as number);
    const field = this.#fieldOfColumn[column] as number;
    const weight = cover[node] as number;
    let total = 0;
    for (const isLeft of [true, false]) {
      const child = walk.root + ((isLeft ? left : right)[node] as number);
      const share = above.share * (weight > 0 ? (cover[child] as number) / weight : 0.5);
      const isTaken = above.isTaken && goesLeft === isLeft;
      const factor = share * (1 - walk.t) + (isTaken ? walk.t : 0);
      // A side that no training row and not this row takes: nothing below it counts.
      if (factor === 0) continue;
      const gain = ((isTaken ? 1 : 0) - share) / factor;
      edges.set(column, { isTaken, share, factor, gain });
      const sum = this.#walk(walk, child, edges, product * (factor / above.factor));
      walk.out[field] = (walk.out[field] as number) + (gain - above.gain) * sum;
      total += sum;
    }
    edges.set(column, above);
    return total;
  }
}

interface Walk {
  readonly inputs: Float64Array;
  readonly out: Float64Array;
  readonly t: number;
  readonly root: number;
  readonly leafValue: (node: number) => number;
}

/** What the splits of one column on the path come to: o, z, f = z (1 - t) + o t and (o - z) / f. */
interface Edge {
  readonly isTaken: boolean;
  readonly share: number;
  readonly factor: number;
  readonly gain: number;
}

/** Of a column that no split has asked for. */
const untouched: Edge = { isTaken: true, share: 1, factor: 1, gain: 0 };

function depthOf({ feature, left, right, treeStart }: TreeEnsemble, tree: number): number {
  const start = treeStart[tree] as number;
  const depth = new Int32Array((treeStart[tree + 1] as number) - start);
  let most = 0;
  // A node comes after the one above it.
  depth.forEach((level, node) => {
    most = Math.max(most, level);
    if ((feature[start + node] as number) < 0) return;
    for (const side of [left, right]) depth[side[start + node] as number] = (depth[node] as number) + 1;
  });
  return most;
}
