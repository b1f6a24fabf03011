import type { BorderFinder } from "../blocks.ts";
import { RecordScanner } from "./record-scanner.ts";

const lineFeed = 10;
const carriageReturn = 13;

/** Where a CSV file can be cut. Outside quotes every line end is a border, so only records with a quote need to be scanned. */
export class CsvBorders implements BorderFinder {
  readonly endsAtCarriageReturn = true;
  readonly #scanner: RecordScanner;
  readonly #quote: number;

  constructor(dialect: { readonly separator: string; readonly quote: string }) {
    this.#scanner = new RecordScanner(dialect);
    this.#quote = dialect.quote.charCodeAt(0);
  }

  lastBorder(bytes: Uint8Array, isLast: boolean): number {
    if (isLast) return bytes.length;
    const scanner = this.#scanner;
    let border = 0;
    for (;;) {
      const quote = bytes.indexOf(this.#quote, border);
      if (quote === -1) break;
      border = lineStart(bytes, border, quote);
      if (!scanner.scan(bytes, border, bytes.length, false)) return border;
      border = scanner.next;
    }
    const afterLineFeed = bytes.lastIndexOf(lineFeed) + 1;
    if (afterLineFeed > border) return afterLineFeed;
    while (border < bytes.length && scanner.scan(bytes, border, bytes.length, false)) border = scanner.next;
    return border;
  }
}

/** The start of the line that `position` is in, not before `from`. */
function lineStart(bytes: Uint8Array, from: number, position: number): number {
  let start = position;
  while (start > from && bytes[start - 1] !== lineFeed && bytes[start - 1] !== carriageReturn) start--;
  return start;
}
