import type { BorderFinder } from "../blocks.ts";
import { RecordScanner } from "./record-scanner.ts";

const lineFeed = 10;

/** Where a CSV file can be cut. Without a quote in sight every line end is a border; else the records are scanned. */
export class CsvBorders implements BorderFinder {
  readonly #scanner: RecordScanner;
  readonly #quote: number;

  constructor(dialect: { readonly separator: string; readonly quote: string }) {
    this.#scanner = new RecordScanner(dialect);
    this.#quote = dialect.quote.charCodeAt(0);
  }

  lastBorder(bytes: Uint8Array, isLast: boolean): number {
    if (isLast) return bytes.length;
    if (!bytes.includes(this.#quote)) {
      const end = bytes.lastIndexOf(lineFeed) + 1;
      if (end > 0) return end;
    }
    let border = 0;
    while (border < bytes.length && this.#scanner.scan(bytes, border, bytes.length, false)) {
      border = this.#scanner.next;
    }
    return border;
  }
}
