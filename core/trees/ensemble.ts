/** Levels of a tree that are read. Trees of real data are a thousandth as deep. */
export const maximumTreeDepth = 65_535;

/**
 * A tree model as arrays: one entry a node, the trees behind one another; children are indices within their tree. Every
 * importer, every evaluator and every explainer speaks this form; docs/model-package.md tells it field by field.
 */
export interface TreeEnsemble {
  readonly kind: "trees";
  readonly outputs: number;
  readonly input: "float32" | "float64";
  readonly flushTiny: boolean;
  readonly accumulate: "float32" | "float64";
  readonly base: Float64Array;
  /** True: the base is added after the trees (XGBoost 1.1), not before them. */
  readonly baseLast?: boolean;
  readonly divide: number | null;
  readonly valuesPerLeaf: number;
  readonly treeOutput: Int32Array;
  readonly treeStart: Int32Array;
  /** A column, or -1 for a leaf. */
  readonly feature: Int32Array;
  /** x <= threshold goes left. May be infinite: LightGBM parts missing values from all others so. */
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly missingLeft: Int32Array;
  /** By node, 1: zero counts as missing too (LightGBM's missing type Zero). Absent: at no node. */
  readonly zeroMissing?: Int32Array;
  readonly value: Float64Array;
  readonly cover: Float64Array;
  /** -1, or an index of `categorySets`; undefined: no node splits by a set. */
  readonly categorySet: Int32Array | undefined;
  readonly categorySets: readonly (readonly number[])[];
  /**
   * Where a category of the set goes, all others going to the other side; a number is truncated to its category. Absent:
   * left. With right (XGBoost), no number below 0 is a category; with left, -0.5 is category 0.
   */
  readonly listedGo?: "left" | "right";
  /** Leaves that are linear models of their own. Absent: none. */
  readonly linearLeaves?: LinearLeaves;
}

/** LightGBM's linear trees: a leaf gives constant + sum of coefficient x feature, or the node's `value` where a feature is missing. */
export interface LinearLeaves {
  /** By node, and one more: offsets into `features` and `coefficients`. A node without an entry of its own has no linear part. */
  readonly start: Int32Array;
  readonly features: Int32Array;
  readonly coefficients: Float64Array;
  /** By node; NaN: the node gives its `value`. */
  readonly constants: Float64Array;
}
