/**
 * Coverage-guided fuzzing of the parsers of untrusted files: `node test/fuzz/fuzz.ts TARGET SECONDS [CORPUS]` goes on
 * for as long as one likes, and adds what reaches new code to the corpus. README.md tells why there is no library for it.
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { type TargetName, targets } from "./targets.ts";

export interface FuzzJob {
  readonly target: TargetName;
  readonly corpus: string;
  readonly seconds: number;
  readonly seed: number;
  readonly maximumBytes: number;
  readonly maximumMilliseconds: number;
  /** The input at work, for when the thread doesn't come back. */
  readonly current: SharedArrayBuffer;
  readonly currentLength: SharedArrayBuffer;
}

export interface FuzzReport {
  readonly runs: number;
  readonly slowestInMilliseconds: number;
  /** Inputs that reached code which those before them had not. */
  readonly found: readonly Uint8Array[];
}

const maximumBytes = 16_384;
/** An input of 16 kB takes a millisecond; a collection of garbage and the compiler's work may fall into it. */
const maximumMilliseconds = 1_000;
const graceInSeconds = 20;

export const corpusOf = (target: TargetName) =>
  fileURLToPath(new URL(`./corpus/${target}/`, import.meta.url));

/** Throws for an input that makes the parser throw anything but a refusal, hang, or take too much memory. */
export async function fuzz(
  target: TargetName,
  { seconds, seed, corpus = corpusOf(target) }: { seconds: number; seed: number; corpus?: string },
): Promise<FuzzReport> {
  const current = new SharedArrayBuffer(maximumBytes);
  const currentLength = new SharedArrayBuffer(4);
  const job: FuzzJob = {
    target,
    corpus,
    seconds,
    seed,
    maximumBytes,
    maximumMilliseconds,
    current,
    currentLength,
  };
  const worker = new Worker(new URL("./fuzz.worker.ts", import.meta.url), {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  });
  const timer = setTimeout(() => void worker.terminate(), (seconds + graceInSeconds) * 1_000);
  try {
    return await new Promise<FuzzReport>((resolve, reject) => {
      worker.on("message", resolve);
      worker.on("error", reject);
      worker.on("exit", () => reject(new Error("it did not come back")));
    });
  } catch (error) {
    const input = new Uint8Array(current).slice(0, new Int32Array(currentLength)[0]);
    const file = join(tmpdir(), `leadgauge-fuzz-${target}-${nameOf(input)}`);
    writeFileSync(file, input);
    throw new Error(`${target}: ${(error as Error).message}; the input is in ${file}`, { cause: error });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

function nameOf(input: Uint8Array): string {
  return createHash("sha256").update(input).digest("hex").slice(0, 12);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [target = "", seconds = "60", corpus] = process.argv.slice(2);
  if (!Object.hasOwn(targets, target)) {
    throw new Error(`no target "${target}"; there are ${Object.keys(targets).join(", ")}`);
  }
  const name = target as TargetName;
  const folder = corpus ?? corpusOf(name);
  const report = await fuzz(name, { seconds: Number(seconds), seed: Date.now() % 2 ** 32, corpus: folder });
  mkdirSync(folder, { recursive: true });
  for (const input of report.found) writeFileSync(join(folder, nameOf(input)), input);
  process.stdout.write(
    `${report.runs} runs, slowest ${report.slowestInMilliseconds.toFixed(0)} ms, ${report.found.length} inputs that reach new code\n`,
  );
}
