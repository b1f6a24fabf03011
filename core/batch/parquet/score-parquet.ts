import type { ScoringModel } from "../../scoring/scoring-model.ts";
import { BlockTally } from "../block-result.ts";
import type { DropSource, OutputFile } from "../drop-ports.ts";
import type { DropTally } from "../drop-tally.ts";
import { resultColumns, resultValues } from "../result-columns.ts";
import type { ScoringOptions } from "../row-scorer.ts";
import { checkHeader } from "../scoring-crew.ts";
import { cellReader } from "./parquet-cells.ts";
import { openParquet } from "./parquet-file.ts";
import { ParquetOutput } from "./parquet-output.ts";

const nothing = new Uint8Array(0);

/** Scores a Parquet file a row group at a time; memory follows the size of its row groups. */
export async function scoreParquet(
  source: DropSource,
  model: ScoringModel,
  options: ScoringOptions,
  outputs: { readonly scored: OutputFile; readonly top: OutputFile | undefined },
  tally: DropTally<readonly unknown[]>,
  onProgress: ((rows: number) => void) | undefined,
): Promise<void> {
  const file = await openParquet(source);
  const header = file.columns.map(({ element }) => element.name);
  tally.addUnknownColumns(checkHeader(model, header));
  const bound = model.bindHeader(header);
  const readers = file.columns.map(cellReader);
  const ours = resultColumns(options.reasons).length;
  const scored = new ParquetOutput(file, options.reasons, outputs.scored);
  for (const group of file.rowGroups) {
    const stored = await file.read(group);
    const block = new BlockTally(options.top);
    const kept: unknown[][] = Array.from({ length: header.length + ours }, () => []);
    const cells = readers.map(() => null as ReturnType<(typeof readers)[number]>);
    for (let row = 0; row < group.rows; row++) {
      block.rows++;
      readers.forEach((read, column) => {
        cells[column] = read(stored[column]?.[row]);
      });
      const result = bound.scoreRow(cells, options.reasons);
      if (result.status === "rejected") {
        block.rejectLead(result.errors, rowText(header, cells), 0);
        continue;
      }
      const position = kept[0]?.length ?? 0;
      stored.forEach((values, column) => {
        kept[column]?.push(values[row]);
      });
      resultValues(result, options.reasons, model.version).forEach((value, column) => {
        kept[header.length + column]?.push(value);
      });
      block.countScore(result, position, position + 1);
    }
    await scored.writeRowGroup(kept, block.scored);
    await tally.add(block.result(nothing), ({ start }) => kept.map((values) => values[start]));
    onProgress?.(tally.rows);
  }
  await scored.finish();
  if (outputs.top) {
    const best = tally.top.sorted();
    const top = new ParquetOutput(file, options.reasons, outputs.top);
    await top.writeRowGroup(
      Array.from({ length: header.length + ours }, (_, column) => best.map((values) => values[column])),
      best.length,
    );
    await top.finish();
  }
}

/** The row as JSON, since a Parquet row has no text of its own. */
function rowText(header: readonly string[], cells: readonly unknown[]): string {
  const named = Object.fromEntries(header.map((name, column) => [name, cells[column]]));
  return JSON.stringify(named, (_, value: unknown) => {
    if (typeof value === "bigint") return String(value);
    return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  });
}
