/** What turns features into margins. Small, so that another form (WebAssembly) can take its place. */
export interface Evaluator {
  readonly outputs: number;
  /** Reads the features of one lead (NaN: missing) and writes one margin an output. */
  margin(features: Float64Array, out: Float64Array): void;
}
