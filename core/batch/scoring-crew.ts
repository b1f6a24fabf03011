import type { ScoringModel } from "../scoring/scoring-model.ts";
import { HeaderError } from "../scoring/scoring-model.ts";
import type { BlockResult } from "./block-result.ts";
import type { Block } from "./blocks.ts";
import { CsvScorer } from "./csv/csv-scorer.ts";
import type { Dialect } from "./csv/dialect.ts";
import { FileError } from "./file-error.ts";
import { JsonlScorer } from "./jsonl/jsonl-scorer.ts";
import { isResultColumn } from "./result-columns.ts";
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
  readonly model: Pick<ScoringModel, "name" | "version" | "noReasons">;
  /** The model itself, if it lives in this thread. */
  readonly soloModel?: ScoringModel;
  /** How many blocks are worth having under way. */
  readonly blocksAtOnce: number;
  /** Prepares for a file; tells its unknown columns. Throws `FileError` for a header that can't be scored. */
  open(setup: ScorerSetup): Promise<readonly string[]>;
  score(block: Block): Promise<BlockResult>;
}

/** Scores in the thread that asks. */
export class SoloCrew implements ScoringCrew {
  readonly model: ScoringModel;
  readonly soloModel: ScoringModel;
  readonly blocksAtOnce = 1;
  #scorer: RowScorer | undefined;

  constructor(model: ScoringModel) {
    this.model = model;
    this.soloModel = model;
  }

  async open(setup: ScorerSetup): Promise<readonly string[]> {
    const { scorer, unknownColumns } = createScorer(this.model, setup);
    this.#scorer = scorer;
    return unknownColumns;
  }

  async score(block: Block): Promise<BlockResult> {
    if (!this.#scorer) throw new Error("open() comes before score().");
    return this.#scorer.score(block);
  }
}

export function createScorer(
  model: ScoringModel,
  setup: ScorerSetup,
): { scorer: RowScorer; unknownColumns: readonly string[] } {
  if (setup.format === "jsonl") return { scorer: new JsonlScorer(model, setup.options), unknownColumns: [] };
  const { header, dialect, options } = setup;
  const unknownColumns = checkHeader(model, header);
  return { scorer: new CsvScorer(model, header, dialect, options), unknownColumns };
}

/** Refuses a header that can only lead to nonsense, and returns the columns that the model doesn't know. */
export function checkHeader(model: ScoringModel, header: readonly string[]): readonly string[] {
  const ours = header.filter(isResultColumn);
  if (ours.length > 0) {
    throw new FileError(
      "already_scored",
      `The file has been scored before: it has the column${ours.length > 1 ? "s" : ""} ${list(ours)}. Take ${ours.length > 1 ? "them" : "it"} out to score it again.`,
    );
  }
  try {
    const bound = model.bindHeader(header);
    if (bound.fieldColumns === 0) {
      throw new FileError(
        "no_known_columns",
        `No column of the file is a field of the model ${model.name}. The file's columns: ${list(header)}. Is it the right model, and is the first line the header?`,
      );
    }
    if (bound.missingRequired.length > 0) {
      const columns = bound.missingRequired.map((name) => `"${name}"`);
      throw new FileError(
        "missing_columns",
        `The model ${model.name} requires ${list(columns)}, and the file has no such column: not one row could be scored. Add what is missing; the file's columns: ${list(header)}.`,
      );
    }
    return bound.unknownColumns;
  } catch (error) {
    if (error instanceof HeaderError) throw new FileError("invalid_header", error.message);
    throw error;
  }
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => (name.length > 60 ? `${name.slice(0, 60)}…` : name));
  return names.length > 8 ? `${shown.join(", ")} and ${names.length - 8} more` : shown.join(", ");
}
