import type { BlockResult } from "./block-result.ts";
import type { Block } from "./blocks.ts";
import { openCsv } from "./csv/csv-file.ts";
import { scoredHeader } from "./csv/csv-scorer.ts";
import type { Dialect } from "./csv/dialect.ts";
import { type DropName, manifestName, parseDropName } from "./drop-name.ts";
import type { DropSource, OutputFile, OutputFolder } from "./drop-ports.ts";
import { DropTally } from "./drop-tally.ts";
import { errorsHeader } from "./errors-file.ts";
import { FileError } from "./file-error.ts";
import { openJsonl } from "./jsonl/jsonl-file.ts";
import type { DropManifest } from "./manifest.ts";
import type { ScoringCrew } from "./scoring-crew.ts";
import { isExceeded, type Tolerance, toleranceText } from "./tolerance.ts";

export interface DropOptions {
  readonly reasons: number;
  /** 0: no file of the best rows. */
  readonly top: number;
  readonly tolerance: Tolerance;
}

export interface DropJob {
  readonly source: DropSource;
  readonly folder: OutputFolder;
  /** What the manifest says if no model can be loaded. */
  readonly modelName: string;
  /** Gets the model ready. Throws `FileError` (`unknown_model`, `unusable_model`) if there is none that can serve. */
  readonly crew: () => Promise<ScoringCrew>;
  readonly options: DropOptions;
  readonly now: () => Date;
  readonly onProgress?: (rows: number) => void;
}

export const maximumReasons = 20;
export const maximumTop = 100_000;

const blockBytes = 1 << 18;

/**
 * Scores a file: rows that can be scored go to the scored file, all others to the errors file, the manifest comes last. What is wrong
 * with the file ends up in the manifest; what is wrong with this machine (a full disk) is thrown, and leaves no manifest.
 */
export async function scoreDrop(job: DropJob): Promise<DropManifest> {
  try {
    return await run(job);
  } catch (error) {
    await job.folder.abandon();
    throw error;
  }
}

async function run(job: DropJob): Promise<DropManifest> {
  const { source, folder, options, now } = job;
  const startedAt = now();
  const state: DropState = { model: { name: job.modelName, version: null } };
  let failure: FileError | undefined;
  try {
    state.name = parseDropName(source.name);
    const errors = await folder.create(state.name.errors, false);
    await errors.write(errorsHeader);
    const crew = await job.crew();
    state.model = crew.model;
    await scoreRows(job, state, state.name, crew, errors);
    failure = verdict(job, state);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    failure = error;
  }
  const files = await folder.publish(filesToKeep(state.name, options, failure));
  const finishedAt = now();
  const manifest: DropManifest = {
    formatVersion: 1,
    kind: "leadgauge-scored-file",
    status: failure ? "failed" : "succeeded",
    ...(failure && { error: { code: failure.code, detail: failure.message } }),
    input: {
      name: source.name,
      bytes: source.bytes,
      sha256: await source.sha256(),
      ...(state.name && { format: state.name.format }),
      compression: state.name?.isGzip ? "gzip" : null,
      ...(state.dialect && { dialect: state.dialect }),
    },
    model: { name: state.model.name, version: state.model.version },
    options: {
      reasons: options.reasons,
      top: options.top || null,
      tolerance: toleranceText(options.tolerance),
    },
    ...(state.summary?.() ?? emptySummary),
    files,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    durationInSeconds: (finishedAt.getTime() - startedAt.getTime()) / 1000,
  };
  await folder.finish(manifestName, `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

/** What is known so far; a file that fails half-way is still told of. */
interface DropState {
  name?: DropName;
  model: { readonly name: string; readonly version: string | null };
  dialect?: Dialect;
  summary?: () => ReturnType<DropTally<unknown>["summary"]>;
}

const emptySummary: ReturnType<DropTally<unknown>["summary"]> = {
  rows: { in: 0, scored: 0, rejected: 0 },
  blankLines: 0,
  windows1252Rows: 0,
  rejections: {},
  warnings: {},
  tiers: {},
  unknownColumns: [],
};

function verdict({ options }: DropJob, state: DropState): FileError | undefined {
  const { rows } = state.summary?.() ?? emptySummary;
  if (rows.in === 0)
    return new FileError("no_rows", "The file has a header and no rows: there is nothing to score.");
  if (rows.scored === 0) {
    return new FileError(
      "nothing_scored",
      `None of the ${rows.in} rows could be scored: see ${state.name?.errors}.`,
    );
  }
  if (isExceeded(options.tolerance, rows.rejected, rows.in)) {
    return new FileError(
      "tolerance_exceeded",
      `${rows.rejected} of ${rows.in} rows were rejected, more than the tolerance of ${toleranceText(options.tolerance)}: see ${state.name?.errors}. The scored rows are not kept.`,
    );
  }
  return undefined;
}

function filesToKeep(
  name: DropName | undefined,
  options: DropOptions,
  failure: FileError | undefined,
): string[] {
  if (!name) return [];
  if (failure) return [name.errors];
  return [name.scored, ...(options.top > 0 ? [name.top] : []), name.errors];
}

async function scoreRows(
  job: DropJob,
  state: DropState,
  name: DropName,
  crew: ScoringCrew,
  errors: OutputFile,
): Promise<void> {
  const { folder, options, source } = job;
  const scored = await folder.create(name.scored, name.isGzip);
  const top = options.top > 0 ? await folder.create(name.top, false) : undefined;
  if (name.format === "parquet") {
    if (!crew.soloModel) throw new Error("A Parquet file is scored in one thread.");
    const tally = new DropTally<readonly unknown[]>(errors, options.top);
    state.summary = () => tally.summary();
    // Read only when there is one: Parquet's libraries take longer to load than a small file takes to score.
    const { scoreParquet } = await import("./parquet/score-parquet.ts");
    await scoreParquet(source, crew.soloModel, options, { scored, top }, tally, job.onProgress);
    return;
  }
  const tally = new DropTally<Uint8Array>(errors, options.top);
  state.summary = () => tally.summary();
  let lineEnd = "\n";
  if (name.format === "csv") {
    const csv = await openCsv(source.chunks());
    state.dialect = csv.dialect;
    lineEnd = csv.dialect.lineEnd;
    const { header, dialect } = csv;
    tally.addUnknownColumns(await crew.open({ format: "csv", header, dialect, options }));
    tally.startLines(csv.headerLines);
    const head = scoredHeader(csv.headerBytes, dialect, options.reasons);
    await scored.write(head);
    await top?.write(head);
    await scoreBlocks(csv.blocks(blockBytes), crew, tally, scored, job.onProgress);
  } else {
    await crew.open({ format: "jsonl", options });
    tally.startLines(0);
    const blocks = await openJsonl(source.chunks(), blockBytes);
    await scoreBlocks(blocks, crew, tally, scored, job.onProgress);
  }
  const lineEndBytes = new TextEncoder().encode(lineEnd);
  for (const row of tally.top.sorted()) {
    await top?.write(row);
    // The last row of a file may end without one.
    if (row.at(-1) !== 10 && row.at(-1) !== 13) await top?.write(lineEndBytes);
  }
}

/** Keeps as many blocks under way as the crew can use, and takes their results in order. */
async function scoreBlocks(
  blocks: AsyncIterable<Block>,
  crew: ScoringCrew,
  tally: DropTally<Uint8Array>,
  scored: OutputFile,
  onProgress: ((rows: number) => void) | undefined,
): Promise<void> {
  const underWay: Promise<BlockResult>[] = [];
  const takeNext = async () => {
    const result = await underWay.shift();
    if (!result) return;
    const { output } = result;
    await tally.add(result, ({ start, end }) => output.slice(start, end));
    await scored.write(output);
    onProgress?.(tally.rows);
  };
  for await (const block of blocks) {
    const scoring = crew.score(block);
    // It is awaited in its turn; until then a failure must not count as unhandled.
    scoring.catch(() => {});
    underWay.push(scoring);
    if (underWay.length >= crew.blocksAtOnce) await takeNext();
  }
  while (underWay.length > 0) await takeNext();
}
