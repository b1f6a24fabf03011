import { type Block, readBlocks, readHead } from "../blocks.ts";
import { FileError } from "../file-error.ts";
import { CsvBorders } from "./csv-borders.ts";
import { type Dialect, type Separator, sniffDialect } from "./dialect.ts";
import { maximumColumns, RecordScanner } from "./record-scanner.ts";
import { decodeText } from "./text-encoding.ts";

const headBytes = 1 << 18;
const maximumHeaderBytes = 1 << 20;

/** A CSV file, its header read, its records still to come. */
export interface CsvFile {
  readonly dialect: Dialect;
  /** Cells of the header, as text. */
  readonly header: readonly string[];
  /** Everything up to the header's last character, as it stands in the file: byte order mark, `sep=` line, blank lines. */
  readonly headerBytes: Uint8Array;
  /** Line ends up to and with the header's own. */
  readonly headerLines: number;
  /** Where its records begin, in the uncompressed file. */
  readonly start: number;
  blocks(blockBytes: number): AsyncGenerator<Block>;
}

/**
 * Reads the beginning of a CSV file. Throws `FileError` for what is no CSV file or has no usable header.
 * @param chunks the uncompressed bytes, in order
 */
export async function openCsv(chunks: AsyncIterable<Uint8Array>): Promise<CsvFile> {
  const iterator = chunks[Symbol.asyncIterator]();
  const { head, isWhole } = await readHead(iterator, headBytes);
  refuseOtherFormats(head);
  const hasByteOrderMark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  const markLength = hasByteOrderMark ? 3 : 0;
  const excelHint = separatorHint(head.subarray(markLength));
  const bodyStart = markLength + (excelHint?.bytes ?? 0);
  const sniffed = sniffDialect(head.subarray(bodyStart), isWhole, hasByteOrderMark);
  const dialect = excelHint ? { ...sniffed, separator: excelHint.separator } : sniffed;

  const scanner = new RecordScanner(dialect);
  let position = bodyStart;
  let headerLines = excelHint ? 1 : 0;
  for (;;) {
    if (position >= head.length) throw new FileError("empty_file", "The file is empty: it has no header.");
    const found = scanner.scan(head, position, head.length, isWhole);
    if (!found || scanner.problem || scanner.next - position > maximumHeaderBytes) {
      throw new FileError(
        "invalid_header",
        "The header (the first line) can't be read: a quote is not closed, or it is longer than 256 kB.",
      );
    }
    headerLines += scanner.lineEnds;
    if (scanner.contentEnd > position) break;
    position = scanner.next;
  }
  if (scanner.cellCount > maximumColumns) {
    throw new FileError(
      "invalid_header",
      `The header has ${scanner.cellCount} columns; at most ${maximumColumns} are read.`,
    );
  }
  const header = Array.from({ length: scanner.cellCount }, (_, cell) => {
    const text = decodeText(head.subarray(scanner.startOf(cell), scanner.endOf(cell)));
    return scanner.hasEscapes(cell) ? text.replaceAll(dialect.quote + dialect.quote, dialect.quote) : text;
  });
  const rest = head.subarray(scanner.next);
  return {
    dialect,
    header,
    headerBytes: head.slice(0, scanner.contentEnd),
    headerLines,
    start: scanner.next,
    blocks: (blockBytes) =>
      readBlocks(iterator, new CsvBorders(dialect), { offset: scanner.next, rest, blockBytes }),
  };
}

/** The line `sep=;` that Excel writes and heeds. */
function separatorHint(head: Uint8Array): { separator: Separator; bytes: number } | undefined {
  const match = /^sep=([,;|\t])(\r\n|\n|\r)/i.exec(String.fromCharCode(...head.subarray(0, 8)));
  return match ? { separator: match[1] as Separator, bytes: match[0].length } : undefined;
}

function refuseOtherFormats(head: Uint8Array): void {
  const startsWith = (...bytes: number[]) => bytes.every((byte, index) => head[index] === byte);
  if (startsWith(0x1f, 0x8b)) {
    throw new FileError("not_csv", "The file is compressed with gzip: give it a name that ends in .csv.gz.");
  }
  if (startsWith(0x50, 0x4b, 3, 4)) {
    throw new FileError("not_csv", "The file is a zip archive or an Excel workbook: save it as CSV (UTF-8).");
  }
  if (startsWith(0x50, 0x41, 0x52, 0x31)) {
    throw new FileError("not_csv", "The file is Parquet: give it a name that ends in .parquet.");
  }
  if (startsWith(0xff, 0xfe) || startsWith(0xfe, 0xff)) {
    throw new FileError("unsupported_encoding", "The file is UTF-16: save it as CSV in UTF-8.");
  }
  const sample = head.subarray(0, 4096);
  const nuls = sample.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
  if (nuls * 4 > sample.length) {
    throw new FileError("not_csv", "The file is no text (it is full of NUL bytes): save it as CSV in UTF-8.");
  }
}
