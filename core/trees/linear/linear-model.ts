/** A linear booster: bias + base + sum of weight x feature, a missing feature counting nothing in XGBoost's. */
export interface LinearModel {
  readonly kind: "linear";
  /** `float32`, as XGBoost: every operation is rounded, and so are the features. */
  readonly precision: "float32" | "float64";
  readonly outputs: number;
  /** Features x outputs: the weights of the first feature first. */
  readonly weights: Float64Array;
  readonly bias: Float64Array;
  /** What the library adds to the bias. */
  readonly base: Float64Array;
}
