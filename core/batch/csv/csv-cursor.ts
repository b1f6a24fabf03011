import type { RowErrorCode } from "../block-result.ts";
import type { Block } from "../blocks.ts";
import type { Dialect } from "./dialect.ts";
import { maximumRecordBytes, RecordScanner } from "./record-scanner.ts";
import { decodeText, decodeUtf8, decodeWindows1252 } from "./text-encoding.ts";

const latin1 = new TextDecoder("latin1");
const nul = 0;
/** So much of an overlong record is decoded to be shown. */
const shownBytes = 1 << 16;

/** Why a row has no cells. */
export interface RowProblem {
  readonly code: RowErrorCode;
  readonly detail: string;
}

/** What is still to be known of a row when the cursor has gone on. */
export type CsvRow = Pick<
  CsvCursor,
  "problem" | "start" | "contentEnd" | "end" | "line" | "hasHighBytes" | "isUtf8"
>;

/** Walks over the rows of blocks, one at a time; its fields tell of the row it stands at. */
export class CsvCursor {
  /** One a column of the header, where `problem` is undefined; overwritten by the next row. Cells of unwanted columns are empty. */
  readonly cells: string[];
  problem: RowProblem | undefined = undefined;
  /** Where the row stands in the block: its text, and its end with the line end. */
  start = 0;
  contentEnd = 0;
  end = 0;
  /** The row's first line, from 1 within the block. */
  line = 0;
  /** Lines of the block so far. */
  lines = 0;
  blankLines = 0;
  /** Some byte of the row is not ASCII. */
  hasHighBytes = false;
  /** False: the row is read as windows-1252. */
  isUtf8 = true;

  readonly #header: readonly string[];
  readonly #isWanted: readonly boolean[];
  readonly #firstWanted: number;
  readonly #quote: string;
  readonly #scanner: RecordScanner;
  #bytes: Uint8Array = new Uint8Array(0);
  /** The block, one character a byte: cells of ASCII are cut out of it as they are. */
  #text = "";
  #blockHasNul = false;
  #overlongLineBytes: number | undefined;

  /** @param isWanted by column: whether its cells are of interest */
  constructor(header: readonly string[], dialect: Dialect, isWanted: readonly boolean[]) {
    this.#header = header;
    this.#isWanted = isWanted;
    this.#firstWanted = isWanted.indexOf(true);
    this.#quote = dialect.quote;
    this.#scanner = new RecordScanner(dialect);
    this.cells = header.map(() => "");
  }

  open(block: Block): void {
    this.#bytes = block.bytes;
    this.#text = latin1.decode(block.bytes);
    this.#blockHasNul = block.bytes.includes(nul);
    this.#overlongLineBytes = block.overlongLineBytes;
    this.end = 0;
    this.lines = 0;
    this.blankLines = 0;
  }

  /** Goes to the next row; false at the block's end. Empty lines are counted and passed over. */
  next(): boolean {
    if (this.#overlongLineBytes !== undefined) return this.#takeOverlongLine(this.#overlongLineBytes);
    const bytes = this.#bytes;
    const scanner = this.#scanner;
    for (;;) {
      this.start = this.end;
      if (this.start >= bytes.length) return false;
      scanner.scan(bytes, this.start, bytes.length, true);
      this.contentEnd = scanner.contentEnd;
      this.end = scanner.next;
      this.line = this.lines + 1;
      this.lines += scanner.lineEnds;
      if (this.contentEnd > this.start || scanner.problem !== undefined) break;
      this.blankLines++;
    }
    this.problem = this.#findProblem();
    if (this.problem === undefined) {
      this.#readCells();
      if (this.cells[this.#firstWanted] === this.#header[this.#firstWanted] && this.#repeatsHeader()) {
        this.problem = { code: "repeated_header", detail: "The row repeats the header." };
      }
    }
    return true;
  }

  /** The row's own text, of an overlong row its beginning. Any row of the block may be asked for. */
  rawText({ start, contentEnd }: Pick<CsvRow, "start" | "contentEnd"> = this): string {
    const end = Math.min(contentEnd, start + shownBytes);
    return decodeText(
      this.#bytes.subarray(start, contentEnd - start > maximumRecordBytes ? end : contentEnd),
    );
  }

  /** The rows to come: what is still to be known of each when it has been scored, and its cells if it has any. */
  *rows(): Generator<readonly [CsvRow, readonly string[] | undefined]> {
    while (this.next()) {
      const { problem, start, contentEnd, end, line, hasHighBytes, isUtf8 } = this;
      const row = { problem, start, contentEnd, end, line, hasHighBytes, isUtf8 };
      yield [row, problem === undefined ? this.cells : undefined];
    }
  }

  #takeOverlongLine(lineBytes: number): boolean {
    if (this.end > 0) return false;
    this.start = 0;
    this.contentEnd = Math.min(this.#bytes.length, shownBytes);
    this.end = this.#bytes.length;
    this.line = 1;
    this.lines = 1;
    this.problem = tooLong(lineBytes);
    return true;
  }

  #findProblem(): RowProblem | undefined {
    const { problem, cellCount, hasHighBytes } = this.#scanner;
    if (problem === "record_too_long") return tooLong(this.contentEnd - this.start);
    if (problem === "invalid_quotes") {
      const quote = this.#quote;
      return {
        code: problem,
        detail: `A cell opens with ${quote} and is not closed, or other text follows the closing ${quote}. Inside quotes write ${quote}${quote} for ${quote}.`,
      };
    }
    const columns = this.#header.length;
    if (cellCount < columns) {
      return {
        code: "too_few_columns",
        detail: `The row has ${cellCount} columns, the header has ${columns}. A cell is absent.`,
      };
    }
    if (cellCount > columns) {
      return {
        code: "too_many_columns",
        detail: `The row has ${cellCount} columns, the header has ${columns}. A cell that holds the separator must be quoted.`,
      };
    }
    const record = () => this.#bytes.subarray(this.start, this.contentEnd);
    if (this.#blockHasNul && record().includes(nul)) {
      return { code: "nul_byte", detail: "The row holds a NUL byte, which no text has." };
    }
    this.hasHighBytes = hasHighBytes;
    this.isUtf8 = !hasHighBytes || decodeUtf8(record()) !== undefined;
    return undefined;
  }

  #readCells(): void {
    const cells = this.cells;
    const text = this.#text;
    const scanner = this.#scanner;
    const isWanted = this.#isWanted;
    if (this.hasHighBytes) {
      for (let cell = 0; cell < cells.length; cell++)
        if (isWanted[cell]) cells[cell] = this.#decodeCell(cell);
      return;
    }
    const quote = this.#quote;
    for (let cell = 0; cell < cells.length; cell++) {
      if (!isWanted[cell]) continue;
      const value = text.slice(scanner.startOf(cell), scanner.endOf(cell));
      cells[cell] = scanner.hasEscapes(cell) ? value.replaceAll(quote + quote, quote) : value;
    }
  }

  #decodeCell(cell: number): string {
    const bytes = this.#bytes.subarray(this.#scanner.startOf(cell), this.#scanner.endOf(cell));
    const value = (this.isUtf8 ? decodeUtf8(bytes) : undefined) ?? decodeWindows1252(bytes);
    return this.#scanner.hasEscapes(cell) ? value.replaceAll(this.#quote + this.#quote, this.#quote) : value;
  }

  /** A header in the middle, as files glued together have it, perhaps with its byte order mark. */
  #repeatsHeader(): boolean {
    return this.#header.every((name, cell) => this.#decodeCell(cell).replace("\ufeff", "") === name);
  }
}

function tooLong(bytes: number): RowProblem {
  return {
    code: "record_too_long",
    detail: `The row has ${bytes} bytes; at most ${maximumRecordBytes} are read.`,
  };
}
