import type { RawValue, Score } from "../../scoring/result.ts";
import { scoreTogether } from "../../scoring/score-together.ts";
import type { LeadsTogether, ScoringModel } from "../../scoring/scoring-model.ts";
import { type BlockResult, BlockTally } from "../block-result.ts";
import type { Block } from "../blocks.ts";
import { GrowingBytes } from "../growing-bytes.ts";
import { resultColumns, resultValues, withoutFormula } from "../result-columns.ts";
import type { RowScorer, ScoringOptions } from "../row-scorer.ts";
import { CsvCursor, type CsvRow, type RowProblem } from "./csv-cursor.ts";
import type { Dialect } from "./dialect.ts";
import { encodeText } from "./text-encoding.ts";

const rememberedTexts = 10_000;

/** Scores blocks of a CSV file: a scored row is the caller's own bytes with our cells after them. */
export class CsvScorer implements RowScorer {
  readonly #dialect: Dialect;
  readonly #together: LeadsTogether<readonly RawValue[]>;
  readonly #options: ScoringOptions;
  readonly #version: string;
  readonly #cursor: CsvCursor;
  readonly #needsQuotes: RegExp;
  readonly #writtenTexts = new Map<string, string>();

  constructor(model: ScoringModel, header: readonly string[], dialect: Dialect, options: ScoringOptions) {
    this.#dialect = dialect;
    const bound = model.bindHeader(header);
    this.#together = bound.startRows(options.reasons);
    this.#options = options;
    this.#version = model.version;
    const unknown = new Set(bound.unknownColumns);
    this.#cursor = new CsvCursor(
      header,
      dialect,
      header.map((name) => !unknown.has(name)),
    );
    this.#needsQuotes = new RegExp(`[${dialect.separator}${dialect.quote}\\r\\n]|^\\s|\\s$`);
  }

  score(block: Block): BlockResult {
    const { bytes } = block;
    const cursor = this.#cursor;
    const tally = new BlockTally(this.#options.top);
    const output = new GrowingBytes(bytes.length + (bytes.length >> 1));
    cursor.open(block);
    for (const [row, result] of scoreTogether(cursor.rows(), this.#together)) {
      tally.rows++;
      if (result === undefined) {
        const { code, detail } = row.problem as RowProblem;
        tally.reject("", code, detail, cursor.rawText(row), row.line);
        continue;
      }
      if (result.status === "rejected") {
        tally.rejectLead(result.errors, cursor.rawText(row), row.line);
        continue;
      }
      if (!row.isUtf8) tally.windows1252Rows++;
      const start = output.length;
      output.append(bytes, row.start, row.contentEnd);
      this.#appendResult(output, result, row);
      output.append(bytes, row.contentEnd, row.end);
      tally.countScore(result, start, output.length);
    }
    tally.lines = cursor.lines;
    tally.blankLines = cursor.blankLines;
    return tally.result(output.take());
  }

  #appendResult(output: GrowingBytes, score: Score, row: CsvRow): void {
    const { separator } = this.#dialect;
    let text = "";
    const values = resultValues(score, this.#options.reasons, this.#version);
    for (let column = 0; column < values.length; column++) {
      const value = values[column];
      text += separator;
      if (typeof value === "string") text += this.#written(value);
      else if (value !== null) text += value;
    }
    const encoding = this.#encodingOf(row);
    if (encoding === "utf-8") {
      output.appendText(text);
    } else {
      const encoded = encodeText(text, encoding);
      output.append(encoded, 0, encoded.length);
    }
  }

  /** A row of plain ASCII tells nothing of its encoding: then the file's own is taken. */
  #encodingOf({ isUtf8, hasHighBytes }: CsvRow): Dialect["encoding"] {
    if (!isUtf8) return "windows-1252";
    return hasHighBytes ? "utf-8" : this.#dialect.encoding;
  }

  /** A text as a cell; texts recur, so they are remembered up to a bound. */
  #written(value: string): string {
    let written = this.#writtenTexts.get(value);
    if (written === undefined) {
      written = writeCell(value, this.#dialect.quote, this.#needsQuotes);
      if (this.#writtenTexts.size >= rememberedTexts) this.#writtenTexts.clear();
      this.#writtenTexts.set(value, written);
    }
    return written;
  }
}

function writeCell(value: string, quote: string, needsQuotes: RegExp): string {
  const safe = withoutFormula(value);
  return needsQuotes.test(safe) ? quote + safe.replaceAll(quote, quote + quote) + quote : safe;
}

/** The header's bytes with our names after them. */
export function scoredHeader(headerBytes: Uint8Array, dialect: Dialect, reasons: number): Uint8Array {
  const ours = resultColumns(reasons).map(({ name }) => dialect.separator + name);
  const tail = encodeText(ours.join("") + dialect.lineEnd, dialect.encoding);
  const whole = new Uint8Array(headerBytes.length + tail.length);
  whole.set(headerBytes);
  whole.set(tail, headerBytes.length);
  return whole;
}
