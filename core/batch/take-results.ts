import type { BlockResult } from "./block-result.ts";
import type { OutputFile } from "./drop-ports.ts";
import type { DropTally } from "./drop-tally.ts";

const lineFeed = 10;
const carriageReturn = 13;

/** Adds up results of rows that are text, in the file's order, and writes the scored rows as they come. */
export async function takeResults(
  results: AsyncIterable<BlockResult>,
  tally: DropTally<Uint8Array>,
  scored: OutputFile,
  onProgress?: ((rows: number) => void) | undefined,
): Promise<void> {
  for await (const result of results) {
    const { output } = result;
    await tally.add(result, ({ start, end }) => output.slice(start, end));
    await scored.write(output);
    onProgress?.(tally.rows);
  }
}

/** Writes the best rows, best first. */
export async function writeTop(
  tally: DropTally<Uint8Array>,
  top: OutputFile,
  lineEnd: string,
): Promise<void> {
  const lineEndBytes = new TextEncoder().encode(lineEnd);
  for (const row of tally.top.sorted()) {
    await top.write(row);
    // The last row of a file may end without one.
    const last = row.at(-1);
    if (last !== lineFeed && last !== carriageReturn) await top.write(lineEndBytes);
  }
}
