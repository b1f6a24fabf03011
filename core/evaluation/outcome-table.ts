/** What a model said of leads whose outcome is known, a row a lead. */
export interface OutcomeTable {
  readonly classes: readonly string[];
  readonly tiers: readonly string[];
  /** By tier: the index of the class it is meant for, or -1. */
  readonly tierClasses: readonly number[];
  /** Class indices. */
  readonly labels: Int32Array;
  readonly predictions: Int32Array;
  /** Tier indices. */
  readonly tierOfRow: Int32Array;
  /** By class, then row; of a binary model both classes too. */
  readonly probabilities: readonly Float64Array[];
}

/** How often each row counts; a bootstrap resample is nothing else. */
export type RowWeights = Int32Array;
