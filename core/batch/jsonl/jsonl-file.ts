import { type Block, type BorderFinder, readBlocks, readHead } from "../blocks.ts";
import { FileError } from "../file-error.ts";

const lineFeed = 10;

/** A JSONL file can be cut after every line feed: inside a JSON string there is none. */
export const lineBorders: BorderFinder = {
  endsAtCarriageReturn: false,
  lastBorder: (bytes, isLast) => (isLast ? bytes.length : bytes.lastIndexOf(lineFeed) + 1),
};

/** A JSONL file, its lines still to come. */
export interface JsonlFile {
  /** Where its lines begin: after a byte order mark. */
  readonly start: number;
  readonly blocks: AsyncGenerator<Block>;
}

/** Throws `FileError` for an empty file. */
export async function openJsonl(chunks: AsyncIterable<Uint8Array>, blockBytes: number): Promise<JsonlFile> {
  const iterator = chunks[Symbol.asyncIterator]();
  const { head } = await readHead(iterator, 3);
  if (head.length === 0) throw new FileError("empty_file", "The file is empty.");
  const start = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  const blocks = readBlocks(iterator, lineBorders, { offset: start, rest: head.subarray(start), blockBytes });
  return { start, blocks };
}
