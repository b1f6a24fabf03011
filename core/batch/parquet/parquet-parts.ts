/** A Parquet file scored in parts: each part is a Parquet file of its own, whose row groups are put together as they are. */
import type { ScoringModel } from "../../scoring/scoring-model.ts";
import type { DropSource, OutputFile } from "../drop-ports.ts";
import type { DropTally } from "../drop-tally.ts";
import type { Range } from "../parts/drop-plan.ts";
import { type PartResult, PartTally } from "../parts/part-result.ts";
import { resultColumns } from "../result-columns.ts";
import type { ScoringOptions } from "../row-scorer.ts";
import { TopRows } from "../top-rows.ts";
import { openParquet, type ParquetFile } from "./parquet-file.ts";
import { ParquetOutput } from "./parquet-output.ts";
import { RowGroupScorer, writeTopParquet } from "./score-parquet.ts";

/** @param groups first row group, and the one after the last */
export async function scoreParquetPart(
  source: DropSource,
  model: ScoringModel,
  options: ScoringOptions,
  [first, end]: Range,
): Promise<PartResult> {
  const file = await openParquet(source);
  const scorer = new RowGroupScorer(file, model, options);
  const bytes = new MemoryFile();
  const output = new ParquetOutput(file, options.reasons, bytes);
  const tally = new PartTally(options.top);
  const best = new TopRows<readonly unknown[]>(options.top);
  let rows = 0;
  for (const group of file.rowGroups.slice(first, end)) {
    const { block, kept } = await scorer.score(group);
    await output.writeRowGroup(kept, block.scored);
    for (const ranked of block.ranked)
      best.offer(ranked, rows, () => kept.map((values) => values[ranked.start]));
    tally.add(block);
    rows += block.rows;
  }
  await output.finish();
  const result = { ...tally.result(), output: bytes.take() };
  if (options.top === 0) return result;
  const top = new MemoryFile();
  await writeTopParquet(file, options, best.sorted(), top);
  return { ...result, top: top.take() };
}

/** Puts the parts of a file together. @param source the file that was scored */
export async function joinParquetParts(
  source: DropSource,
  options: ScoringOptions,
  parts: AsyncIterable<PartResult>,
  outputs: { readonly scored: OutputFile; readonly top: OutputFile | undefined },
  tally: DropTally<readonly unknown[]>,
): Promise<void> {
  const file = await openParquet(source);
  const scored = new ParquetOutput(file, options.reasons, outputs.scored);
  for await (const part of parts) {
    await scored.append(part.output);
    const best = part.top
      ? await rowsOf(part.top, file.columns.length + resultColumns(options.reasons).length)
      : [];
    const placed = { ...part, ranked: part.ranked.map((ranked, place) => ({ ...ranked, start: place })) };
    await tally.add(placed, ({ start }) => best[start] ?? []);
  }
  await scored.finish();
  if (outputs.top) await writeTopParquet(file, options, tally.top.sorted(), outputs.top);
}

/** The rows of a file of ours, as they are stored. */
async function rowsOf(bytes: Uint8Array, width: number): Promise<readonly unknown[][]> {
  const file: ParquetFile = await openParquet(memorySource(bytes));
  const rows: unknown[][] = [];
  for (const group of file.rowGroups) {
    const columns = await file.read(group);
    if (columns.length !== width)
      throw new Error(`A part has ${columns.length} columns instead of ${width}.`);
    for (let row = 0; row < group.rows; row++) rows.push(columns.map((values) => values[row]));
  }
  return rows;
}

function memorySource(bytes: Uint8Array): Pick<DropSource, "bytes" | "slice"> {
  return {
    bytes: bytes.length,
    slice: async (start, end) => bytes.slice(start, end).buffer as ArrayBuffer,
  };
}

class MemoryFile implements OutputFile {
  #chunks: Uint8Array[] = [];

  async write(bytes: Uint8Array): Promise<void> {
    this.#chunks.push(bytes.slice());
  }

  take(): Uint8Array {
    const whole = new Uint8Array(this.#chunks.reduce((sum, { length }) => sum + length, 0));
    let position = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, position);
      position += chunk.length;
    }
    this.#chunks = [];
    return whole;
  }
}
