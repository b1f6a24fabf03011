import { maximumRecordBytes } from "./csv/record-scanner.ts";

/**
 * What a block holds, unless one record is longer. What a block leaves behind is thrown away with the young objects while it is
 * small: with four times as much it survives until the next full collection, and a file takes 60 MB more.
 */
export const blockBytes = 1 << 16;

/** A run of whole records. */
export interface Block {
  /** The only view of its buffer. */
  readonly bytes: Uint8Array;
  /** Of its first byte, in the uncompressed file. */
  readonly offset: number;
  /** Present if the block is the beginning of one line that is longer than a record may be: the line's length, without its end. */
  readonly overlongLineBytes?: number;
}

export interface BorderFinder {
  /** Whether a carriage return ends a line too, not only a line feed. */
  readonly endsAtCarriageReturn: boolean;
  /** The end of the last whole record of `bytes[0, length)`, 0 if there is none. `isLast`: the file ends there. */
  lastBorder(bytes: Uint8Array, isLast: boolean): number;
}

const lineFeed = 10;
const carriageReturn = 13;
const longestLineEnd = 2;

/**
 * Regroups a stream of bytes into blocks of whole records. Memory stays flat: a block, what is left of the one before, and at most one
 * overlong line's beginning.
 */
export async function* readBlocks(
  chunks: AsyncIterator<Uint8Array>,
  finder: BorderFinder,
  options: { readonly offset: number; readonly rest: Uint8Array; readonly blockBytes: number },
): AsyncGenerator<Block> {
  let { offset, rest } = options;
  let isLast = false;
  while (!isLast) {
    const parts = [rest];
    let length = rest.length;
    // A record that did not fit is longer than the last attempt: more must be read each time.
    const wanted = Math.max(options.blockBytes, rest.length + 1);
    while (length < wanted) {
      const { done, value } = await chunks.next();
      if (done) {
        isLast = true;
        break;
      }
      parts.push(value);
      length += value.length;
    }
    const bytes = concatenate(parts, length);
    const border = finder.lastBorder(bytes, isLast);
    if (border > 0) {
      // Copied first: whoever takes the block may hand its buffer to another thread.
      rest = bytes.slice(border);
      yield { bytes: bytes.subarray(0, border), offset };
      offset += border;
    } else if (length > maximumRecordBytes + longestLineEnd && !isLast) {
      const overlong = await skipLine(bytes, chunks, finder.endsAtCarriageReturn);
      yield { bytes: overlong.head, offset, overlongLineBytes: overlong.lineBytes };
      offset += overlong.lineBytes + overlong.lineEndBytes;
      rest = overlong.rest;
    } else {
      rest = bytes;
    }
  }
}

/** Passes over a line whose end is not in `bytes` (but for a carriage return as the last of them), keeping its beginning. */
async function skipLine(
  bytes: Uint8Array,
  chunks: AsyncIterator<Uint8Array>,
  endsAtCarriageReturn: boolean,
): Promise<{ head: Uint8Array; lineBytes: number; lineEndBytes: number; rest: Uint8Array }> {
  const head = bytes.slice(0, maximumRecordBytes);
  const isEnd = (byte: number | undefined) =>
    byte === lineFeed || (endsAtCarriageReturn && byte === carriageReturn);
  // A carriage return that ends the bytes at hand is a line end of its own, or the first half of one.
  let endsInCarriageReturn = endsAtCarriageReturn && bytes[bytes.length - 1] === carriageReturn;
  let lineBytes = bytes.length - (endsInCarriageReturn ? 1 : 0);
  for (;;) {
    const { done, value } = await chunks.next();
    if (done) return { head, lineBytes, lineEndBytes: endsInCarriageReturn ? 1 : 0, rest: new Uint8Array(0) };
    if (value.length === 0) continue;
    if (endsInCarriageReturn) {
      const extra = value[0] === lineFeed ? 1 : 0;
      return { head, lineBytes, lineEndBytes: 1 + extra, rest: value.subarray(extra) };
    }
    const end = value.findIndex(isEnd);
    lineBytes += end === -1 ? value.length : end;
    if (end === -1) continue;
    if (value[end] === carriageReturn && end === value.length - 1) {
      endsInCarriageReturn = true;
    } else {
      const lineEndBytes = value[end] === carriageReturn && value[end + 1] === lineFeed ? 2 : 1;
      return { head, lineBytes, lineEndBytes, rest: value.subarray(end + lineEndBytes) };
    }
  }
}

/** At least `length` bytes, or the whole file. */
export async function readHead(
  iterator: AsyncIterator<Uint8Array>,
  length: number,
): Promise<{ head: Uint8Array; isWhole: boolean }> {
  const parts: Uint8Array[] = [];
  let total = 0;
  while (total < length) {
    const { done, value } = await iterator.next();
    if (done) return { head: concatenate(parts, total), isWhole: true };
    parts.push(value);
    total += value.length;
  }
  return { head: concatenate(parts, total), isWhole: false };
}

/** In a buffer of its own. */
function concatenate(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}
