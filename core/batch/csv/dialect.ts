import { RecordScanner } from "./record-scanner.ts";
import { type CsvEncoding, decodeUtf8 } from "./text-encoding.ts";

export type Separator = "," | ";" | "\t" | "|";

/** How a CSV file is written. */
export interface Dialect {
  readonly encoding: CsvEncoding;
  readonly hasByteOrderMark: boolean;
  readonly separator: Separator;
  readonly quote: '"' | "'";
  /** That of the header; records may end otherwise. */
  readonly lineEnd: "\n" | "\r\n" | "\r";
}

const separators: readonly Separator[] = [",", ";", "\t", "|"];
const recordsToCompare = 100;

/**
 * Tells the dialect from the beginning of a file (after its byte order mark).
 * The separator is the one that cuts the header into several cells and most of the first records into as many; of equals, the one that
 * makes more cells. The quote is `'` only if every header cell stands in such quotes.
 */
export function sniffDialect(head: Uint8Array, isWhole: boolean, hasByteOrderMark: boolean): Dialect {
  const lineEnd = firstLineEnd(head);
  const encoding = isUtf8(head, isWhole) ? "utf-8" : "windows-1252";
  let best: { separator: Separator; quote: '"' | "'"; agreement: number; columns: number } | undefined;
  for (const quote of ["'", '"'] as const) {
    for (const separator of separators) {
      if (quote === "'" && !isHeaderQuoted(head, separator)) continue;
      const found = { separator, quote, ...tryCutting(head, isWhole, { separator, quote }) };
      const isBetter =
        !best ||
        (found.columns > 1 && best.columns === 1) ||
        (found.columns > 1 &&
          (found.agreement > best.agreement ||
            (found.agreement === best.agreement && found.columns > best.columns)));
      if (isBetter) best = found;
    }
  }
  return {
    encoding,
    hasByteOrderMark,
    separator: best?.separator ?? ",",
    quote: best?.quote ?? '"',
    lineEnd,
  };
}

/** Columns of the header, and the share of the records after it that have as many. */
function tryCutting(
  head: Uint8Array,
  isWhole: boolean,
  dialect: { separator: string; quote: string },
): { columns: number; agreement: number } {
  const scanner = new RecordScanner(dialect);
  let position = 0;
  let columns = 0;
  let records = 0;
  let agreeing = 0;
  while (position < head.length && records < recordsToCompare) {
    if (!scanner.scan(head, position, head.length, isWhole)) break;
    const isBlank = scanner.contentEnd === position && scanner.problem === undefined;
    position = scanner.next;
    if (isBlank) continue;
    if (columns === 0) {
      columns = Math.max(scanner.cellCount, 1);
    } else {
      records++;
      if (scanner.cellCount === columns) agreeing++;
    }
  }
  return { columns, agreement: records === 0 ? 1 : agreeing / records };
}

function isHeaderQuoted(head: Uint8Array, separator: string): boolean {
  const apostrophe = 39;
  const scanner = new RecordScanner({ separator, quote: "'" });
  if (!scanner.scan(head, 0, head.length, true) || scanner.problem !== undefined) return false;
  for (let cell = 0; cell < scanner.cellCount; cell++) {
    const start = scanner.startOf(cell);
    if (start === 0 || head[start - 1] !== apostrophe || head[scanner.endOf(cell)] !== apostrophe)
      return false;
  }
  return true;
}

/** A head may end inside a character: up to three bytes are left out of the question. */
function isUtf8(head: Uint8Array, isWhole: boolean): boolean {
  if (decodeUtf8(head) !== undefined) return true;
  if (isWhole) return false;
  return [1, 2, 3].some((cut) => decodeUtf8(head.subarray(0, head.length - cut)) !== undefined);
}

function firstLineEnd(head: Uint8Array): Dialect["lineEnd"] {
  for (let index = 0; index < head.length; index++) {
    if (head[index] === 10) return "\n";
    if (head[index] === 13) return head[index + 1] === 10 ? "\r\n" : "\r";
  }
  return "\n";
}
