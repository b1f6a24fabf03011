import { availableParallelism } from "node:os";
import { parseDropName } from "../../core/batch/drop-name.ts";
import { FileError } from "../../core/batch/file-error.ts";
import type { DropManifest } from "../../core/batch/manifest.ts";
import { scoreDrop } from "../../core/batch/score-drop.ts";
import { SoloCrew } from "../../core/batch/scoring-crew.ts";
import type { DropOptions } from "../../core/batch/write-drop.ts";
import { loadPackage } from "../../core/package/load.ts";
import { PackageError } from "../../core/package/package-error.ts";
import { FileSource } from "./file-source.ts";
import { OutputDirectory } from "./output-directory.ts";
import { packageDirectory } from "./package-directory.ts";
import { WorkerCrew } from "./worker-crew.ts";

export interface FileJob {
  readonly path: string;
  readonly outDirectory: string;
  readonly model: {
    readonly name: string;
    /** Where its package lies. Throws `FileError` if there is none. */
    readonly directory: () => Promise<string>;
  };
  readonly options: DropOptions;
  /** At most so many threads besides this one; 0: all work is done in this one. */
  readonly threads: number;
  readonly onProgress?: (progress: { readonly rows: number; readonly share: number }) => void;
  /** Stops the work and removes what was begun. */
  readonly onStart?: (abandon: () => void) => void;
}

/** Each takes some 25 MB. */
const maximumThreads = 3;
/** Below this a thread takes longer to start than the file takes to score. */
const bytesWorthThreads = 1 << 19;

/** How many threads are of use besides the first. */
export function furtherThreads(): number {
  return Math.min(availableParallelism(), maximumThreads) - 1;
}

/** Scores a file on this machine, and returns the manifest that it wrote. */
export async function scoreFile(job: FileJob): Promise<DropManifest> {
  const source = await FileSource.open(job.path);
  const folder = await OutputDirectory.open(job.outDirectory);
  job.onStart?.(() => folder.abandonNow());
  let stop: (() => Promise<void>) | undefined;
  try {
    return await scoreDrop({
      source,
      folder,
      modelName: job.model.name,
      options: job.options,
      now: () => new Date(),
      crew: async () => {
        const directory = await job.model.directory();
        const solo = await soloCrew(directory);
        if (!isWorthThreads(source, job.threads)) return solo;
        const crew = await WorkerCrew.start(solo, directory, job.threads);
        stop = () => crew.stop();
        return crew;
      },
      ...(job.onProgress && {
        onProgress: (rows) =>
          job.onProgress?.({ rows, share: source.bytes === 0 ? 1 : source.bytesRead / source.bytes }),
      }),
    });
  } finally {
    await stop?.();
  }
}

function isWorthThreads(source: FileSource, threads: number): boolean {
  return threads > 0 && source.bytes >= bytesWorthThreads && parseDropName(source.name).format !== "parquet";
}

async function soloCrew(directory: string): Promise<SoloCrew> {
  try {
    return new SoloCrew(await loadPackage(packageDirectory(directory), { goldenRows: 32 }));
  } catch (error) {
    if (error instanceof PackageError) throw new FileError("unusable_model", error.message);
    throw error;
  }
}
