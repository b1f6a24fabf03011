import type { LinearLeaves } from "../../ensemble.ts";
import type { TreeBlock } from "./tree-block.ts";

/** Gathers the linear models of the leaves, node by node. */
export class LinearParts {
  readonly #start: Int32Array;
  readonly #constants: Float64Array;
  readonly #features: number[] = [];
  readonly #coefficients: number[] = [];
  /** By tree, and one more: where each leaf's part of the tree's list starts. */
  #tree: { readonly of: TreeBlock; readonly offsets: Int32Array } | undefined;
  #node = 0;

  constructor(nodes: number) {
    this.#start = new Int32Array(nodes + 1);
    this.#constants = new Float64Array(nodes).fill(Number.NaN);
  }

  /** A node without a linear model: a split, or a leaf of a tree without them. */
  addNone(): void {
    this.#start[++this.#node] = this.#features.length;
  }

  /** Gives the leaf's plain value. */
  add(tree: TreeBlock, leaf: number): number {
    const { linear, leafValue } = tree;
    let value = leafValue[leaf] as number;
    if (linear) {
      if (this.#tree?.of !== tree) this.#tree = { of: tree, offsets: offsetsOf(linear.featureCounts) };
      const { offsets } = this.#tree;
      const constant = linear.constants[leaf] as number;
      const isNumber = !Number.isNaN(constant);
      const first = this.#coefficients.length;
      for (let at = offsets[leaf] as number; at < (offsets[leaf + 1] as number); at++) {
        this.#features.push(linear.features[at] as number);
        this.#coefficients.push(linear.coefficients[at] as number);
      }
      // A constant that is NaN makes the sum NaN, as a coefficient does: where a feature is missing, the plain value still counts.
      const hasTerms = this.#coefficients.length > first;
      if (isNumber) this.#constants[this.#node] = constant;
      else if (hasTerms) {
        this.#constants[this.#node] = 0;
        this.#coefficients[first] = Number.NaN;
      } else value = Number.NaN;
    }
    this.addNone();
    return value;
  }

  joined(): LinearLeaves {
    return {
      start: this.#start,
      features: Int32Array.from(this.#features),
      coefficients: Float64Array.from(this.#coefficients),
      constants: this.#constants,
    };
  }
}

function offsetsOf(counts: Int32Array): Int32Array {
  const offsets = new Int32Array(counts.length + 1);
  counts.forEach((count, index) => {
    offsets[index + 1] = (offsets[index] as number) + count;
  });
  return offsets;
}
