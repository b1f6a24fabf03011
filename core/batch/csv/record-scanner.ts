/** Why a record cannot be cut into cells. */
export type RecordProblem = "invalid_quotes" | "record_too_long";

/** Longer records are reported, not scored: otherwise one lost quote would make the rest of a file one record. */
export const maximumRecordBytes = 1 << 20;
export const maximumColumns = 10_000;

const lineFeed = 10;
const carriageReturn = 13;

const cellKind = { plain: 0, quoted: 1, escaped: 2 } as const;

/**
 * Cuts bytes into records and cells by RFC 4180, leniently where that is unambiguous: LF, CRLF and CR all end a record, a quote inside
 * an unquoted cell is text. A quoted cell must be closed and followed by a separator or the end of the record. Where it is not,
 * the record is what stands before the next line end, so that one lost quote costs one line and not the rest of the file.
 *
 * The fields hold the record found last; a scanner allocates nothing a record.
 */
export class RecordScanner {
  cellCount = 0;
  /** End of the record's text, before its line end. */
  contentEnd = 0;
  /** Where the next record starts. */
  next = 0;
  /** Line ends inside the record and after it. */
  lineEnds = 0;
  /** Some byte is not ASCII. */
  hasHighBytes = false;
  problem: RecordProblem | undefined = undefined;

  readonly #starts = new Int32Array(maximumColumns + 1);
  readonly #ends = new Int32Array(maximumColumns + 1);
  readonly #kinds = new Uint8Array(maximumColumns + 1);
  readonly #separator: number;
  readonly #quote: number;

  constructor(dialect: { readonly separator: string; readonly quote: string }) {
    this.#separator = dialect.separator.charCodeAt(0);
    this.#quote = dialect.quote.charCodeAt(0);
  }

  /** Start of a cell's text, inside its quotes. */
  startOf(cell: number): number {
    return this.#starts[cell] ?? 0;
  }

  endOf(cell: number): number {
    return this.#ends[cell] ?? 0;
  }

  /** The cell's text holds doubled quotes. */
  hasEscapes(cell: number): boolean {
    return this.#kinds[cell] === cellKind.escaped;
  }

  /**
   * Finds the record that starts at `from`. Returns false if it does not end within `bytes[from, end)`; `isLast` says that nothing
   * comes after `end`.
   */
  scan(bytes: Uint8Array, from: number, end: number, isLast: boolean): boolean {
    const starts = this.#starts;
    const ends = this.#ends;
    const kinds = this.#kinds;
    const separator = this.#separator;
    const quote = this.#quote;
    let position = from;
    let cell = 0;
    let union = 0;
    let lineEnds = 0;
    for (;;) {
      let start = position;
      let cellEnd = 0;
      let kind: number = cellKind.plain;
      let byte = -1;
      if (position - from > maximumRecordBytes) return this.#recover(bytes, from, end, isLast);
      if (position < end && bytes[position] === quote) {
        kind = cellKind.quoted;
        start = ++position;
        for (;;) {
          while (position < end) {
            byte = bytes[position] as number;
            if (byte === quote) break;
            union |= byte;
            if (byte === lineFeed || (byte === carriageReturn && bytes[position + 1] !== lineFeed))
              lineEnds++;
            position++;
          }
          if (position - from > maximumRecordBytes) return this.#recover(bytes, from, end, isLast);
          if (position >= end) return isLast && this.#recover(bytes, from, end, isLast);
          if (position + 1 < end ? bytes[position + 1] !== quote : isLast) break;
          if (position + 1 >= end) return false;
          kind = cellKind.escaped;
          position += 2;
        }
        cellEnd = position++;
        byte = position < end ? (bytes[position] as number) : -1;
        if (byte !== separator && byte !== lineFeed && byte !== carriageReturn && byte !== -1) {
          return this.#recover(bytes, from, end, isLast);
        }
      } else {
        byte = -1;
        while (position < end) {
          byte = bytes[position] as number;
          if (byte === separator || byte === lineFeed || byte === carriageReturn) break;
          union |= byte;
          position++;
        }
        cellEnd = position;
        if (position >= end) byte = -1;
      }
      if (position - from > maximumRecordBytes) return this.#recover(bytes, from, end, isLast);
      if (byte === -1 && !isLast) return false;
      if (cell <= maximumColumns) {
        starts[cell] = start;
        ends[cell] = cellEnd;
        kinds[cell] = kind;
      }
      cell++;
      if (byte === separator) {
        position++;
        continue;
      }
      this.contentEnd = position;
      if (byte === carriageReturn) {
        if (position + 1 >= end && !isLast) return false;
        if (position + 1 < end && bytes[position + 1] === lineFeed) position++;
      }
      this.cellCount = cell;
      this.next = byte === -1 ? position : position + 1;
      this.lineEnds = byte === -1 ? lineEnds : lineEnds + 1;
      this.hasHighBytes = union >= 0x80;
      this.problem = undefined;
      return true;
    }
  }

  /**
   * Takes the text up to the next line end, whatever its quotes, as the record. The problem follows from that text alone, so that it is
   * the same wherever a file was cut into blocks: only quotes make a record longer than its first line.
   */
  #recover(bytes: Uint8Array, from: number, end: number, isLast: boolean): boolean {
    let position = from;
    while (position < end && bytes[position] !== lineFeed && bytes[position] !== carriageReturn) position++;
    const isCarriageReturn = position < end && bytes[position] === carriageReturn;
    if (!isLast && position + (isCarriageReturn ? 1 : 0) >= end) return false;
    this.contentEnd = position;
    this.lineEnds = position < end ? 1 : 0;
    if (isCarriageReturn && bytes[position + 1] === lineFeed && position + 1 < end) position++;
    this.next = position < end ? position + 1 : position;
    this.cellCount = 0;
    this.hasHighBytes = true;
    this.problem = this.contentEnd - from > maximumRecordBytes ? "record_too_long" : "invalid_quotes";
    return true;
  }
}
