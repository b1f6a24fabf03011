import type { Score } from "../../scoring/result.ts";
import type { BoundHeader, ScoringModel } from "../../scoring/scoring-model.ts";
import { type BlockResult, BlockTally } from "../block-result.ts";
import type { Block } from "../blocks.ts";
import { GrowingBytes } from "../growing-bytes.ts";
import { resultColumns, resultValues, withoutFormula } from "../result-columns.ts";
import type { RowScorer, ScoringOptions } from "../row-scorer.ts";
import type { Dialect } from "./dialect.ts";
import { maximumRecordBytes, RecordScanner } from "./record-scanner.ts";
import { decodeText, decodeUtf8, decodeWindows1252, encodeText } from "./text-encoding.ts";

const latin1 = new TextDecoder("latin1");
const nul = 0;

/** Scores blocks of a CSV file: a scored row is the caller's own bytes with our cells after them. */
export class CsvScorer implements RowScorer {
  readonly #header: readonly string[];
  readonly #dialect: Dialect;
  readonly #bound: BoundHeader;
  readonly #options: ScoringOptions;
  readonly #version: string;
  readonly #scanner: RecordScanner;
  readonly #cells: string[];
  /** Columns that the model doesn't know are not even cut out. */
  readonly #isUnknown: readonly boolean[];
  readonly #firstKnown: number;
  readonly #needsQuotes: RegExp;
  readonly #writtenTexts = new Map<string, string>();

  constructor(model: ScoringModel, header: readonly string[], dialect: Dialect, options: ScoringOptions) {
    this.#header = header;
    this.#dialect = dialect;
    this.#bound = model.bindHeader(header);
    this.#options = options;
    this.#version = model.version;
    this.#scanner = new RecordScanner(dialect);
    this.#cells = header.map(() => "");
    const unknown = new Set(this.#bound.unknownColumns);
    this.#isUnknown = header.map((name) => unknown.has(name));
    this.#firstKnown = this.#isUnknown.indexOf(false);
    this.#needsQuotes = new RegExp(`[${dialect.separator}${dialect.quote}\\r\\n]|^\\s|\\s$`);
  }

  score(block: Block): BlockResult {
    const tally = new BlockTally(this.#options.top);
    const { bytes, overlongLineBytes } = block;
    if (overlongLineBytes !== undefined) {
      tally.rows = 1;
      tally.lines = 1;
      tally.reject(
        "",
        "record_too_long",
        tooLong(overlongLineBytes),
        decodeText(bytes.subarray(0, 65_536)),
        1,
      );
      return tally.result(new Uint8Array(0));
    }
    const output = new GrowingBytes(bytes.length + (bytes.length >> 1));
    // One byte, one character: cells of ASCII are cut out of it as they are.
    const text = latin1.decode(bytes);
    const hasNul = bytes.includes(nul);
    const scanner = this.#scanner;
    for (let position = 0; position < bytes.length; position = scanner.next) {
      scanner.scan(bytes, position, bytes.length, true);
      if (scanner.contentEnd === position && scanner.problem === undefined) {
        tally.blankLines++;
      } else {
        tally.rows++;
        this.#scoreRecord(bytes, text, position, hasNul, output, tally);
      }
      tally.lines += scanner.lineEnds;
    }
    return tally.result(output.take());
  }

  #scoreRecord(
    bytes: Uint8Array,
    text: string,
    start: number,
    blockHasNul: boolean,
    output: GrowingBytes,
    tally: BlockTally,
  ): void {
    const scanner = this.#scanner;
    const end = scanner.contentEnd;
    const record = () => bytes.subarray(start, end);
    const line = tally.lines + 1;
    const columns = this.#header.length;
    if (scanner.problem === "record_too_long") {
      tally.reject(
        "",
        "record_too_long",
        tooLong(end - start),
        decodeText(bytes.subarray(start, start + 65_536)),
        line,
      );
      return;
    }
    if (scanner.problem === "invalid_quotes") {
      tally.reject("", "invalid_quotes", invalidQuotes(this.#dialect.quote), decodeText(record()), line);
      return;
    }
    if (scanner.cellCount !== columns) {
      const isShort = scanner.cellCount < columns;
      tally.reject(
        "",
        isShort ? "too_few_columns" : "too_many_columns",
        `The row has ${scanner.cellCount} columns, the header has ${columns}. ${
          isShort ? "A cell is absent" : "A cell that holds the separator must be quoted"
        }.`,
        decodeText(record()),
        line,
      );
      return;
    }
    if (blockHasNul && record().includes(nul)) {
      tally.reject(
        "",
        "nul_byte",
        "The row holds a NUL byte, which no text has.",
        decodeText(record()),
        line,
      );
      return;
    }
    const isUtf8 = !scanner.hasHighBytes || decodeUtf8(record()) !== undefined;
    this.#readCells(bytes, text, scanner.hasHighBytes, isUtf8);
    if (this.#cells[this.#firstKnown] === this.#header[this.#firstKnown] && this.#isHeader(bytes)) {
      tally.reject("", "repeated_header", "The row repeats the header.", decodeText(record()), line);
      return;
    }
    const result = this.#bound.scoreRow(this.#cells, this.#options.reasons);
    if (result.status === "rejected") {
      tally.rejectLead(result.errors, decodeText(record()), line);
      return;
    }
    if (!isUtf8) tally.windows1252Rows++;
    const outputStart = output.length;
    output.append(bytes, start, end);
    this.#appendResult(output, result, isUtf8);
    output.append(bytes, end, scanner.next);
    tally.countScore(result, outputStart, output.length);
  }

  #readCells(bytes: Uint8Array, text: string, hasHighBytes: boolean, isUtf8: boolean): void {
    const scanner = this.#scanner;
    const cells = this.#cells;
    const isUnknown = this.#isUnknown;
    const { quote } = this.#dialect;
    for (let cell = 0; cell < cells.length; cell++) {
      if (isUnknown[cell]) continue;
      const start = scanner.startOf(cell);
      const end = scanner.endOf(cell);
      let value = text.slice(start, end);
      if (hasHighBytes) {
        const raw = bytes.subarray(start, end);
        value = isUtf8 ? (decodeUtf8(raw) ?? value) : decodeWindows1252(raw);
      }
      cells[cell] = scanner.hasEscapes(cell) ? value.replaceAll(quote + quote, quote) : value;
    }
  }

  #isHeader(bytes: Uint8Array): boolean {
    return this.#header.every((name, cell) => {
      if (!this.#isUnknown[cell]) return this.#cells[cell] === name;
      const raw = decodeText(bytes.subarray(this.#scanner.startOf(cell), this.#scanner.endOf(cell)));
      return raw.replace("\ufeff", "") === name;
    });
  }

  #appendResult(output: GrowingBytes, score: Score, isUtf8: boolean): void {
    const { separator } = this.#dialect;
    let text = "";
    for (const value of resultValues(score, this.#options.reasons, this.#version)) {
      text += separator;
      if (value !== null) text += typeof value === "number" ? String(value) : this.#written(value);
    }
    // A row of plain ASCII tells nothing of its encoding: then the file's own is taken.
    const encoding = !isUtf8 ? "windows-1252" : this.#scanner.hasHighBytes ? "utf-8" : this.#dialect.encoding;
    if (encoding === "utf-8") {
      output.appendText(text);
    } else {
      const encoded = encodeText(text, encoding);
      output.append(encoded, 0, encoded.length);
    }
  }

  /** A text as a cell; texts recur, so they are remembered up to a bound. */
  #written(value: string): string {
    let written = this.#writtenTexts.get(value);
    if (written === undefined) {
      written = writeCell(value, this.#dialect.quote, this.#needsQuotes);
      if (this.#writtenTexts.size >= 10_000) this.#writtenTexts.clear();
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

function tooLong(recordBytes: number): string {
  return `The row has ${recordBytes} bytes; at most ${maximumRecordBytes} are read.`;
}

function invalidQuotes(quote: string): string {
  return `A cell opens with ${quote} and is not closed, or other text follows the closing ${quote}. Inside quotes write ${quote}${quote} for ${quote}.`;
}
