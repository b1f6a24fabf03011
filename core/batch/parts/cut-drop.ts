import type { ObjectWriter } from "../../ports.ts";
import type { ScoringModel } from "../../scoring/scoring-model.ts";
import type { Block, BorderFinder } from "../blocks.ts";
import { checkHeader, checkKeys } from "../check-columns.ts";
import { CsvBorders } from "../csv/csv-borders.ts";
import { openCsv } from "../csv/csv-file.ts";
import type { Dialect } from "../csv/dialect.ts";
import type { DropName } from "../drop-name.ts";
import type { DropSource } from "../drop-ports.ts";
import { FileError } from "../file-error.ts";
import { lineBorders, openJsonl } from "../jsonl/jsonl-file.ts";
import type { Layout, Range } from "./drop-plan.ts";

const blockBytes = 1 << 20;
const lineFeed = 10;
const carriageReturn = 13;

export interface CutOptions {
  /** A part has about so many bytes, as they are before compression, but a record or row group is never cut. */
  readonly partBytes: number;
  /** And at most about so many lines (of Parquet: rows): what is written of a part follows the number of its rows. */
  readonly partLines: number;
  /** Files that have more, uncompressed, are refused. */
  readonly maximumBytes: number;
  readonly maximumLines: number;
}

/**
 * Reads a file once to find where it can be cut. Throws `FileError` for a file that can't be read to its end or has no usable header.
 * @param expanded where a compressed file's bytes are kept, for the parts to be read from
 * @param onDialect told as soon as it is known, for what must be said of a file that fails later
 */
export async function cutDrop(
  source: DropSource,
  name: DropName,
  model: ScoringModel,
  options: CutOptions,
  expanded: ObjectWriter | undefined,
  onDialect: (dialect: Dialect) => void,
): Promise<Layout> {
  if (name.format === "parquet") return cutParquet(source, model, options);
  const stream = new CountedStream(source.chunks(), options.maximumBytes, expanded);
  if (name.format === "jsonl") {
    const { start, keys, blocks } = await openJsonl(stream, blockBytes);
    checkKeys(model, keys);
    return { format: "jsonl", parts: await group(start, blocks, lineBorders, stream, options) };
  }
  const csv = await openCsv(stream);
  onDialect(csv.dialect);
  const unknownColumns = [...checkHeader(model, csv.header)];
  return {
    format: "csv",
    dialect: csv.dialect,
    header: [...csv.header],
    headerBytes: toBase64(csv.headerBytes),
    headerLines: csv.headerLines,
    unknownColumns,
    parts: await group(
      csv.start,
      csv.blocks(blockBytes),
      new CsvBorders(csv.dialect),
      stream,
      options,
      csv.dialect.lineEnd === "\r" ? carriageReturn : lineFeed,
    ),
  };
}

async function group(
  start: number,
  blocks: AsyncIterable<Block>,
  finder: BorderFinder,
  stream: CountedStream,
  { partBytes, partLines, maximumLines }: CutOptions,
  lineEnd: number = lineFeed,
): Promise<Range[]> {
  const parts: Range[] = [];
  let partStart = start;
  let lines = 0;
  let linesOfPart = 0;
  const cutAt = (offset: number) => {
    parts.push([partStart, offset]);
    partStart = offset;
    linesOfPart = 0;
  };
  for await (const block of blocks) {
    // Blocks begin where records do.
    if (block.offset - partStart >= partBytes || linesOfPart >= partLines) cutAt(block.offset);
    if (block.overlongLineBytes !== undefined) continue;
    let from = 0;
    for (;;) {
      const rest = block.bytes.subarray(from);
      const full = fullAfter(
        rest,
        partStart + partBytes - block.offset - from,
        partLines - linesOfPart,
        lineEnd,
      );
      const border = borderAfter(rest, finder, full);
      lines += countLines(border === undefined ? rest : rest.subarray(0, border), lineEnd);
      if (lines > maximumLines) throw tooManyLines(maximumLines);
      if (border === undefined) {
        linesOfPart += countLines(rest, lineEnd);
        break;
      }
      from += border;
      cutAt(block.offset + from);
    }
  }
  if (stream.bytes > partStart) parts.push([partStart, stream.bytes]);
  return parts;
}

/** After how many of these bytes a part has its share of bytes or of lines. */
function fullAfter(bytes: Uint8Array, bytesLeft: number, linesLeft: number, lineEnd: number): number {
  let position = 0;
  for (let line = 0; line < linesLeft; line++) {
    const end = bytes.indexOf(lineEnd, position);
    if (end === -1) return bytesLeft;
    position = end + 1;
  }
  return Math.min(bytesLeft, position);
}

function countLines(bytes: Uint8Array, lineEnd: number): number {
  let lines = 0;
  for (let end = bytes.indexOf(lineEnd); end !== -1; end = bytes.indexOf(lineEnd, end + 1)) lines++;
  return lines;
}

/** A border at about `wanted` bytes; later where a record is longer, undefined where none is left in these. */
function borderAfter(bytes: Uint8Array, finder: BorderFinder, wanted: number): number | undefined {
  for (let length = Math.max(wanted, 1); length < bytes.length; length *= 2) {
    const border = finder.lastBorder(bytes.subarray(0, length), false);
    if (border > 0) return border;
  }
  return undefined;
}

async function cutParquet(
  source: DropSource,
  model: ScoringModel,
  { partBytes, partLines, maximumLines }: CutOptions,
): Promise<Layout> {
  const { openParquet } = await import("../parquet/parquet-file.ts");
  const { columns, rowGroups } = await openParquet(source);
  const header = columns.map(({ element }) => element.name);
  const unknownColumns = [...checkHeader(model, header)];
  if (rowGroups.reduce((sum, { rows }) => sum + rows, 0) > maximumLines) throw tooManyLines(maximumLines);
  const parts: Range[] = [];
  let first = 0;
  let bytes = 0;
  let rows = 0;
  rowGroups.forEach((rowGroup, index) => {
    bytes += rowGroup.bytes;
    rows += rowGroup.rows;
    if (bytes < partBytes && rows < partLines && index < rowGroups.length - 1) return;
    parts.push([first, index + 1]);
    first = index + 1;
    bytes = 0;
    rows = 0;
  });
  return { format: "parquet", unknownColumns, parts };
}

/** Counts the bytes that pass, bounds them, and keeps them where that is wanted. */
class CountedStream implements AsyncIterable<Uint8Array> {
  bytes = 0;
  readonly #chunks: AsyncIterable<Uint8Array>;
  readonly #maximumBytes: number;
  readonly #copy: ObjectWriter | undefined;

  constructor(chunks: AsyncIterable<Uint8Array>, maximumBytes: number, copy: ObjectWriter | undefined) {
    this.#chunks = chunks;
    this.#maximumBytes = maximumBytes;
    this.#copy = copy;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#chunks) {
      this.bytes += chunk.length;
      if (this.bytes > this.#maximumBytes) throw tooLarge(this.#maximumBytes);
      await this.#copy?.write(chunk);
      yield chunk;
    }
  }
}

export function tooLarge(maximumBytes: number): FileError {
  return new FileError(
    "too_large",
    `The file has more than ${maximumBytes} bytes (uncompressed), the most that is scored here: send it in several files.`,
  );
}

function tooManyLines(maximumLines: number): FileError {
  return new FileError(
    "too_large",
    `The file has more than ${maximumLines} lines (of Parquet: rows), the most that is scored here: send it in several files.`,
  );
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
