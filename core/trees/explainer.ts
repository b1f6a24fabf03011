/** What turns features into contributions. Exact; small, so that another form can take its place. */
export interface Explainer {
  /**
   * Writes, for every field of the spec, its contribution to the sum of `weights[k]` x output k. The contributions add up
   * to that sum's margin less its baseline.
   */
  contributions(features: Float64Array, weights: Float64Array, out: Float64Array): void;
  /**
   * The same of `count` rows, one behind the other in all three arrays: what it writes of a row is what `contributions`
   * writes of it, to the bit.
   */
  contributionsOfRows(rows: Float64Array, weights: Float64Array, count: number, out: Float64Array): void;
}
