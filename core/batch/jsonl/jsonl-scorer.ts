import type { RawLead, Score } from "../../scoring/result.ts";
import { scoreTogether } from "../../scoring/score-together.ts";
import type { LeadsTogether, ScoringModel } from "../../scoring/scoring-model.ts";
import { type BlockResult, BlockTally } from "../block-result.ts";
import type { Block } from "../blocks.ts";
import { GrowingBytes } from "../growing-bytes.ts";
import { resultColumns, resultValues } from "../result-columns.ts";
import type { RowScorer, ScoringOptions } from "../row-scorer.ts";
import { JsonlCursor, type LineProblem } from "./jsonl-cursor.ts";

const closingBrace = 0x7d;

/** Scores blocks of a JSONL file: a scored line is the caller's own object with our members at its end. */
export class JsonlScorer implements RowScorer {
  readonly #version: string;
  readonly #together: LeadsTogether<RawLead>;
  readonly #options: ScoringOptions;
  readonly #keys: readonly string[];
  readonly #cursor = new JsonlCursor();

  constructor(model: ScoringModel, options: ScoringOptions) {
    this.#version = model.version;
    this.#together = model.startLeads(options.reasons);
    this.#options = options;
    this.#keys = resultColumns(options.reasons).map(({ name }) => JSON.stringify(name));
  }

  score(block: Block): BlockResult {
    const cursor = this.#cursor;
    const tally = new BlockTally(this.#options.top);
    const { bytes } = block;
    const output = new GrowingBytes(bytes.length + (bytes.length >> 1));
    cursor.open(block);
    for (const [row, result] of scoreTogether(cursor.rows(), this.#together)) {
      tally.rows++;
      if (result === undefined) {
        const { column, code, detail } = row.problem as LineProblem;
        tally.reject(column, code, detail, cursor.rawText(row), row.lines);
        continue;
      }
      if (result.status === "rejected") {
        tally.rejectLead(result.errors, cursor.rawText(row), row.lines);
        continue;
      }
      const start = output.length;
      const closing = bytes.lastIndexOf(closingBrace, row.end - 1);
      output.append(bytes, row.start, closing);
      output.appendText((row.isEmpty ? "" : ",") + this.#members(result));
      output.append(bytes, closing, row.end);
      tally.countScore(result, start, output.length);
    }
    tally.lines = cursor.lines;
    tally.blankLines = cursor.blankLines;
    return tally.result(output.take());
  }

  /** Fields that the model doesn't know are told once in the manifest, as a CSV file's columns are. */
  #members(score: Score): string {
    const told = { ...score, warnings: score.warnings.filter(({ code }) => code !== "unknown_fields") };
    return resultValues(told, this.#options.reasons, this.#version)
      .map((value, index) => `${this.#keys[index]}:${JSON.stringify(value)}`)
      .join(",");
  }
}
