import { type Block, type BorderFinder, readBlocks, readHead } from "../blocks.ts";
import { maximumColumns } from "../csv/record-scanner.ts";
import { FileError } from "../file-error.ts";
import { JsonlCursor } from "./jsonl-cursor.ts";

const lineFeed = 10;
/** Of the beginning of a file, to learn how its leads are written. */
const headBytes = 1 << 14;

/** A JSONL file can be cut after every line feed: inside a JSON string there is none. */
export const lineBorders: BorderFinder = {
  endsAtCarriageReturn: false,
  lastBorder: (bytes, isLast) => (isLast ? bytes.length : bytes.lastIndexOf(lineFeed) + 1),
};

/** A JSONL file, its lines still to come. */
export interface JsonlFile {
  /** Where its lines begin: after a byte order mark. */
  readonly start: number;
  /** The keys of its first leads, each once. */
  readonly keys: readonly string[];
  readonly blocks: AsyncGenerator<Block>;
}

/** Throws `FileError` for an empty file. */
export async function openJsonl(chunks: AsyncIterable<Uint8Array>, blockBytes: number): Promise<JsonlFile> {
  const iterator = chunks[Symbol.asyncIterator]();
  const { head, isWhole } = await readHead(iterator, headBytes);
  if (head.length === 0) throw new FileError("empty_file", "The file is empty.");
  const start = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  const rest = head.subarray(start);
  const keys = keysOf(rest.subarray(0, lineBorders.lastBorder(rest, isWhole)));
  return { start, keys, blocks: readBlocks(iterator, lineBorders, { offset: start, rest, blockBytes }) };
}

/** What the leads among these lines carry; a line that is none, or is cut off, counts for nothing. */
function keysOf(lines: Uint8Array): string[] {
  const cursor = new JsonlCursor();
  cursor.open({ bytes: lines, offset: 0 });
  const keys = new Set<string>();
  for (const [, lead] of cursor.rows()) {
    for (const key of Object.keys(lead ?? {})) if (keys.size < maximumColumns) keys.add(key);
  }
  return [...keys];
}
