import type { RawValue } from "../../scoring/result.ts";
import { scoreTogether } from "../../scoring/score-together.ts";
import type { ScoringModel } from "../../scoring/scoring-model.ts";
import { type BlockResult, BlockTally } from "../block-result.ts";
import { checkHeader } from "../check-columns.ts";
import type { DropSource, OutputFile } from "../drop-ports.ts";
import type { DropTally } from "../drop-tally.ts";
import { resultColumns, resultValues } from "../result-columns.ts";
import type { ScoringOptions } from "../row-scorer.ts";
import { cellReader } from "./parquet-cells.ts";
import { openParquet, type ParquetFile, type RowGroup } from "./parquet-file.ts";
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
  tally.addUnknownColumns(checkHeader(model, columnNames(file)));
  const scorer = new RowGroupScorer(file, model, options);
  const scored = new ParquetOutput(file, options.reasons, outputs.scored);
  for (const group of file.rowGroups) {
    const { block, kept } = await scorer.score(group);
    await scored.writeRowGroup(kept, block.scored);
    await tally.add(block, ({ start }) => kept.map((values) => values[start]));
    onProgress?.(tally.rows);
  }
  await scored.finish();
  if (outputs.top) await writeTopParquet(file, options, tally.top.sorted(), outputs.top);
}

export function columnNames(file: ParquetFile): string[] {
  return file.columns.map(({ element }) => element.name);
}

/** Writes the best rows, best first, as one row group. */
export async function writeTopParquet(
  file: ParquetFile,
  options: ScoringOptions,
  best: readonly (readonly unknown[])[],
  output: OutputFile,
): Promise<void> {
  const top = new ParquetOutput(file, options.reasons, output);
  const width = file.columns.length + resultColumns(options.reasons).length;
  await top.writeRowGroup(
    Array.from({ length: width }, (_, column) => best.map((values) => values[column])),
    best.length,
  );
  await top.finish();
}

export class RowGroupScorer {
  readonly #file: ParquetFile;
  readonly #model: ScoringModel;
  readonly #options: ScoringOptions;

  constructor(file: ParquetFile, model: ScoringModel, options: ScoringOptions) {
    this.#file = file;
    this.#model = model;
    this.#options = options;
  }

  /** What became of the rows, and, by column, the values of those that were scored; a ranked row starts where it stands among them. */
  async score(group: RowGroup): Promise<{ block: BlockResult; kept: readonly unknown[][] }> {
    const { reasons, top } = this.#options;
    const header = columnNames(this.#file);
    const bound = this.#model.bindHeader(header);
    const readers = this.#file.columns.map(cellReader);
    const stored = await this.#file.read(group);
    const tally = new BlockTally(top);
    const kept: unknown[][] = Array.from({ length: header.length + resultColumns(reasons).length }, () => []);
    const cellsOf = (row: number) => readers.map((read, column): RawValue => read(stored[column]?.[row]));
    function* rows() {
      for (let row = 0; row < group.rows; row++) yield [row, cellsOf(row)] as const;
    }
    for (const [row, result] of scoreTogether(rows(), bound.startRows(reasons))) {
      tally.rows++;
      if (result?.status !== "scored") {
        tally.rejectLead(result?.errors ?? [], rowText(header, cellsOf(row)), 0);
        continue;
      }
      const position = kept[0]?.length ?? 0;
      stored.forEach((values, column) => {
        kept[column]?.push(values[row]);
      });
      resultValues(result, reasons, this.#model.version).forEach((value, column) => {
        kept[header.length + column]?.push(value);
      });
      tally.countScore(result, position, position + 1);
    }
    return { block: tally.result(nothing), kept };
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
