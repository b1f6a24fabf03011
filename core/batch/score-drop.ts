import type { BlockResult } from "./block-result.ts";
import { type Block, blockBytes } from "./blocks.ts";
import { checkHeader, checkKeys } from "./check-columns.ts";
import { openCsv } from "./csv/csv-file.ts";
import { scoredHeader } from "./csv/csv-scorer.ts";
import type { DropSource, OutputFolder } from "./drop-ports.ts";
import { DropTally } from "./drop-tally.ts";
import { openJsonl } from "./jsonl/jsonl-file.ts";
import type { DropManifest } from "./manifest.ts";
import type { ScoringCrew } from "./scoring-crew.ts";
import { takeResults, writeTop } from "./take-results.ts";
import { type DropOptions, type DropState, writeDrop } from "./write-drop.ts";

export interface DropJob {
  readonly source: DropSource;
  readonly folder: OutputFolder;
  /** What the manifest says if no model can be loaded. */
  readonly modelName: string;
  /** Gets the model ready. Throws `FileError` (`unknown_model`, `unusable_model`) if there is none that can serve. */
  readonly crew: () => Promise<ScoringCrew>;
  readonly options: DropOptions;
  /** Absent: now. */
  readonly startedAt?: Date;
  readonly now: () => Date;
  readonly onProgress?: (rows: number) => void;
}

export const maximumReasons = 20;
export const maximumTop = 100_000;

/** Scores a file, from its first byte to its last, and writes the results as `writeDrop` says. */
export async function scoreDrop(job: DropJob): Promise<DropManifest> {
  return writeDrop({ ...job, startedAt: job.startedAt ?? job.now() }, async (state) => {
    const crew = await job.crew();
    state.model = crew.model;
    await scoreRows(job, state, crew);
  });
}

async function scoreRows(job: DropJob, state: DropState, crew: ScoringCrew): Promise<void> {
  const { folder, options, source } = job;
  const { name, errors } = state;
  const scored = await folder.create(name.scored, name.isGzip);
  const top = options.top > 0 ? await folder.create(name.top, false) : undefined;
  if (name.format === "parquet") {
    const tally = new DropTally<readonly unknown[]>(errors, options.top);
    state.summary = () => tally.summary();
    // Read only when there is one: Parquet's libraries take longer to load than a small file takes to score.
    const { scoreParquet } = await import("./parquet/score-parquet.ts");
    await scoreParquet(source, crew.model, options, { scored, top }, tally, job.onProgress);
    return;
  }
  const tally = new DropTally<Uint8Array>(errors, options.top);
  state.summary = () => tally.summary();
  let lineEnd = "\n";
  let blocks: AsyncIterable<Block>;
  if (name.format === "csv") {
    const csv = await openCsv(source.chunks());
    state.dialect = csv.dialect;
    lineEnd = csv.dialect.lineEnd;
    const { header, dialect } = csv;
    tally.addUnknownColumns(checkHeader(crew.model, header));
    await crew.open({ format: "csv", header, dialect, options });
    tally.startLines(csv.headerLines);
    const head = scoredHeader(csv.headerBytes, dialect, options.reasons);
    await scored.write(head);
    await top?.write(head);
    blocks = csv.blocks(blockBytes);
  } else {
    const jsonl = await openJsonl(source.chunks(), blockBytes);
    checkKeys(crew.model, jsonl.keys);
    await crew.open({ format: "jsonl", options });
    tally.startLines(0);
    blocks = jsonl.blocks;
  }
  await takeResults(scoreBlocks(blocks, crew), tally, scored, job.onProgress);
  if (top) await writeTop(tally, top, lineEnd);
}

/** Keeps as many blocks under way as the crew can use, and gives their results in order. */
async function* scoreBlocks(blocks: AsyncIterable<Block>, crew: ScoringCrew): AsyncGenerator<BlockResult> {
  const underWay: Promise<BlockResult>[] = [];
  for await (const block of blocks) {
    const scoring = crew.score(block);
    // It is awaited in its turn; until then a failure must not count as unhandled.
    scoring.catch(() => {});
    underWay.push(scoring);
    if (underWay.length >= crew.blocksAtOnce) yield (await underWay.shift()) as BlockResult;
  }
  for (const scoring of underWay) yield await scoring;
}
