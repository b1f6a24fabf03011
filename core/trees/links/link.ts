/**
 * What turns a model's margins into what the library's own `predict` answers. It works in the library's precision: float32
 * for XGBoost, double for LightGBM.
 */
export interface Link {
  readonly name: string;
  /** How many numbers come out. */
  readonly outputs: number;
  /** What a sigmoid or a softmax multiplies its margins by first. Absent: 1. */
  readonly slope?: number;
  /** `out` has `outputs` numbers, and may not be `margins`. */
  apply(margins: Float64Array, out: Float64Array): void;
}

export function identity(outputs: number): Link {
  return { name: "identity", outputs, apply: (margins, out) => out.set(margins) };
}
