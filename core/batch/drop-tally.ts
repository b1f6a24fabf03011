import type { WarningCode } from "../scoring/result.ts";
import { type BlockResult, maximumUnknownFields, type RankedRow, type RowErrorCode } from "./block-result.ts";
import type { OutputFile } from "./drop-ports.ts";
import { errorLines } from "./errors-file.ts";
import type { DropManifest } from "./manifest.ts";
import { TopRows } from "./top-rows.ts";

/** Adds up a file's blocks, in order, and writes the errors file as they come. */
export class DropTally<Row> {
  rows = 0;
  scored = 0;
  readonly top: TopRows<Row>;
  readonly #errors: OutputFile;
  #lines: number | undefined = undefined;
  #blankLines = 0;
  #windows1252Rows = 0;
  readonly #rejections = new Map<RowErrorCode, number>();
  readonly #warnings = new Map<WarningCode, number>();
  readonly #tiers = new Map<string, number>();
  readonly #unknownColumns = new Set<string>();

  constructor(errors: OutputFile, top: number) {
    this.#errors = errors;
    this.top = new TopRows(top);
  }

  /** Called for a format with lines, before its rows: how many lines came before them. */
  startLines(lines: number): void {
    this.#lines = lines;
  }

  addUnknownColumns(names: readonly string[]): void {
    for (const name of names) {
      if (this.#unknownColumns.size < maximumUnknownFields) this.#unknownColumns.add(name);
    }
  }

  get rejected(): number {
    return this.rows - this.scored;
  }

  /** @param take makes what is to be kept of one of the best rows */
  async add(block: BlockResult, take: (ranked: RankedRow) => Row): Promise<void> {
    if (block.rows !== block.scored + block.rejected.length) {
      throw new Error(
        `Rows were lost: ${block.rows} in, ${block.scored} scored, ${block.rejected.length} rejected.`,
      );
    }
    if (block.rejected.length > 0) {
      await this.#errors.write(errorLines(block.rejected, this.rows, this.#lines));
    }
    for (const ranked of block.ranked) this.top.offer(ranked, this.rows, () => take(ranked));
    for (const { code } of block.rejected) increase(this.#rejections, code, 1);
    for (const [tier, count] of Object.entries(block.tiers)) increase(this.#tiers, tier, count);
    for (const [code, count] of Object.entries(block.warnings))
      increase(this.#warnings, code as WarningCode, count);
    this.addUnknownColumns(block.unknownFields);
    this.rows += block.rows;
    this.scored += block.scored;
    this.#blankLines += block.blankLines;
    this.#windows1252Rows += block.windows1252Rows;
    if (this.#lines !== undefined) this.#lines += block.lines;
  }

  /** The manifest's part. */
  summary(): Pick<
    DropManifest,
    "rows" | "blankLines" | "windows1252Rows" | "rejections" | "warnings" | "tiers" | "unknownColumns"
  > {
    return {
      rows: { in: this.rows, scored: this.scored, rejected: this.rejected },
      blankLines: this.#blankLines,
      windows1252Rows: this.#windows1252Rows,
      rejections: sorted(this.#rejections),
      warnings: sorted(this.#warnings),
      tiers: sorted(this.#tiers),
      unknownColumns: [...this.#unknownColumns],
    };
  }
}

function increase<Key>(counts: Map<Key, number>, key: Key, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

function sorted<Key extends string>(
  counts: ReadonlyMap<Key, number>,
): Partial<Record<Key, number>> & Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))) as Record<Key, number>;
}
