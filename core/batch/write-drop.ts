import type { Dialect } from "./csv/dialect.ts";
import { type DropName, manifestName, parseDropName } from "./drop-name.ts";
import type { OutputFile, OutputFolder } from "./drop-ports.ts";
import type { DropTally } from "./drop-tally.ts";
import { errorsHeader } from "./errors-file.ts";
import { FileError } from "./file-error.ts";
import type { DropManifest } from "./manifest.ts";
import { isExceeded, type Tolerance, toleranceText } from "./tolerance.ts";

export interface DropOptions {
  readonly reasons: number;
  /** 0: no file of the best rows. */
  readonly top: number;
  readonly tolerance: Tolerance;
}

/** A file whose results are to be written. */
export interface DropResults {
  readonly source: {
    readonly name: string;
    readonly bytes: number;
    sha256(): Promise<string>;
  };
  readonly folder: OutputFolder;
  /** What the manifest says if no model can be loaded. */
  readonly modelName: string;
  readonly options: DropOptions;
  readonly startedAt: Date;
  readonly now: () => Date;
}

/** What is known of a file so far; one that fails half-way is still told of. */
export interface DropState {
  readonly name: DropName;
  readonly errors: OutputFile;
  model?: { readonly name: string; readonly version: string; readonly noReasons?: string | null | undefined };
  dialect?: Dialect;
  summary?: () => DropSummary;
}

type DropSummary = ReturnType<DropTally<unknown>["summary"]>;

const emptySummary: DropSummary = {
  rows: { in: 0, scored: 0, rejected: 0 },
  blankLines: 0,
  windows1252Rows: 0,
  rejections: {},
  warnings: {},
  tiers: {},
  unknownColumns: [],
};

/**
 * Writes a drop's results: rows that can be scored go to the scored file, all others to the errors file, the manifest comes last. What is
 * wrong with the file ends up in the manifest; what is wrong with this machine (a full disk) is thrown, and leaves no manifest.
 * @param writeRows writes the scored file, the best rows and the errors; throws `FileError` for a file that can't be scored
 */
export async function writeDrop(
  results: DropResults,
  writeRows: (state: DropState) => Promise<void>,
): Promise<DropManifest> {
  try {
    return await write(results, writeRows);
  } catch (error) {
    await results.folder.abandon();
    throw error;
  }
}

async function write(
  results: DropResults,
  writeRows: (state: DropState) => Promise<void>,
): Promise<DropManifest> {
  const { source, folder, options, startedAt, now } = results;
  let state: DropState | undefined;
  let failure: FileError | undefined;
  try {
    const name = parseDropName(source.name);
    const errors = await folder.create(name.errors, false);
    await errors.write(errorsHeader);
    state = { name, errors };
    await writeRows(state);
    failure = verdict(options, state);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    failure = error;
  }
  const files = await folder.publish(filesToKeep(state?.name, options, failure));
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
      ...(state && { format: state.name.format }),
      compression: state?.name.isGzip ? "gzip" : null,
      ...(state?.dialect && { dialect: state.dialect }),
    },
    model: { name: state?.model?.name ?? results.modelName, version: state?.model?.version ?? null },
    options: {
      reasons: options.reasons,
      top: options.top || null,
      tolerance: toleranceText(options.tolerance),
    },
    ...(options.reasons > 0 && state?.model?.noReasons ? { noReasons: state.model.noReasons } : {}),
    ...(state?.summary?.() ?? emptySummary),
    files,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    durationInSeconds: (finishedAt.getTime() - startedAt.getTime()) / 1000,
  };
  await folder.finish(manifestName, `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

function verdict(options: DropOptions, state: DropState): FileError | undefined {
  const { rows } = state.summary?.() ?? emptySummary;
  if (rows.in === 0) return new FileError("no_rows", "The file has no rows: there is nothing to score.");
  if (rows.scored === 0) {
    return new FileError(
      "nothing_scored",
      `None of the ${rows.in} rows could be scored: see ${state.name.errors}.`,
    );
  }
  if (isExceeded(options.tolerance, rows.rejected, rows.in)) {
    return new FileError(
      "tolerance_exceeded",
      `${rows.rejected} of ${rows.in} rows were rejected, more than the tolerance of ${toleranceText(options.tolerance)}: see ${state.name.errors}. The scored rows are not kept.`,
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
