import type { BlockResult } from "./block-result.ts";
import type { Block } from "./blocks.ts";

export interface ScoringOptions {
  /** How many reasons that raise, and how many that lower, a row shows. */
  readonly reasons: number;
  /** How many of the best rows are wanted besides; 0: none. */
  readonly top: number;
}

/** Scores one block after another; has no state that one block leaves for the next. */
export interface RowScorer {
  score(block: Block): BlockResult;
}
