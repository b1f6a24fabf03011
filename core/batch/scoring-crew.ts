import type { ScoringModel } from "../scoring/scoring-model.ts";
import type { BlockResult } from "./block-result.ts";
import type { Block } from "./blocks.ts";
import { CsvScorer } from "./csv/csv-scorer.ts";
import type { Dialect } from "./csv/dialect.ts";
import { JsonlScorer } from "./jsonl/jsonl-scorer.ts";
import type { RowScorer, ScoringOptions } from "./row-scorer.ts";

/** What must be known to score the blocks of one file. Plain data: it crosses threads. */
export type ScorerSetup =
  | {
      readonly format: "csv";
      readonly header: readonly string[];
      readonly dialect: Dialect;
      readonly options: ScoringOptions;
    }
  | { readonly format: "jsonl"; readonly options: ScoringOptions };

/** Those who score blocks: this thread, or several. */
export interface ScoringCrew {
  readonly model: ScoringModel;
  /** How many blocks are worth having under way. */
  readonly blocksAtOnce: number;
  /** Prepares for a file whose columns or keys were checked. */
  open(setup: ScorerSetup): Promise<void>;
  score(block: Block): Promise<BlockResult>;
}

/** Scores in the thread that asks. */
export class SoloCrew implements ScoringCrew {
  readonly model: ScoringModel;
  readonly blocksAtOnce = 1;
  #scorer: RowScorer | undefined;

  constructor(model: ScoringModel) {
    this.model = model;
  }

  async open(setup: ScorerSetup): Promise<void> {
    this.#scorer = createScorer(this.model, setup);
  }

  async score(block: Block): Promise<BlockResult> {
    if (!this.#scorer) throw new Error("open() comes before score().");
    return this.#scorer.score(block);
  }
}

export function createScorer(model: ScoringModel, setup: ScorerSetup): RowScorer {
  if (setup.format === "jsonl") return new JsonlScorer(model, setup.options);
  return new CsvScorer(model, setup.header, setup.dialect, setup.options);
}
