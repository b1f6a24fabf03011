/** What turns features into margins. A missing feature is NaN. */
export interface Evaluator {
  readonly outputs: number;
  /** Reads the features of one lead and writes one margin an output. */
  margin(features: Float64Array, out: Float64Array): void;
  /** Reads `count` rows, one behind the other, each of rows.length / count features, and writes their margins likewise. */
  margins(rows: Float64Array, count: number, out: Float64Array): void;
}
