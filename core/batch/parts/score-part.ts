import type { LargeObjectStore } from "../../ports.ts";
import type { ScoringModel } from "../../scoring/scoring-model.ts";
import { blockBytes, readBlocks } from "../blocks.ts";
import { CsvBorders } from "../csv/csv-borders.ts";
import type { DropSource } from "../drop-ports.ts";
import { lineBorders } from "../jsonl/jsonl-file.ts";
import type { ScoringOptions } from "../row-scorer.ts";
import { createScorer } from "../scoring-crew.ts";
import type { Layout, Range } from "./drop-plan.ts";
import { type PartResult, PartTally } from "./part-result.ts";

/**
 * Scores one part of a file.
 * @param text where the uncompressed bytes of CSV and JSONL are read from
 * @param source the file itself, for Parquet
 */
export async function scorePart(
  layout: Layout,
  range: Range,
  model: ScoringModel,
  options: ScoringOptions,
  text: {
    readonly store: LargeObjectStore;
    readonly object: { readonly key: string; readonly etag?: string };
  },
  source: DropSource,
): Promise<PartResult> {
  if (layout.format === "parquet") {
    const { scoreParquetPart } = await import("../parquet/parquet-parts.ts");
    return scoreParquetPart(source, model, options, range);
  }
  const scorer = createScorer(
    model,
    layout.format === "csv"
      ? { format: "csv", header: layout.header, dialect: layout.dialect, options }
      : { format: "jsonl", options },
  );
  const [start, end] = range;
  const blocks = readBlocks(
    text.store.read(text.object, { start, end })[Symbol.asyncIterator](),
    layout.format === "csv" ? new CsvBorders(layout.dialect) : lineBorders,
    { offset: start, rest: new Uint8Array(0), blockBytes },
  );
  const tally = new PartTally(options.top);
  for await (const block of blocks) tally.add(scorer.score(block));
  return tally.result();
}
