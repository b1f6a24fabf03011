/**
 * Coverage-guided fuzzing of the parsers of untrusted files: `node test/fuzz/fuzz.ts TARGET SECONDS [CORPUS]` goes on
 * for as long as one likes, and adds what reaches new code to the corpus. README.md tells why there is no library for it.
 */
import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type TargetName, targets } from "./targets.ts";

export interface FuzzJob {
  readonly target: TargetName;
  readonly corpus: string;
  readonly seconds: number;
  readonly seed: number;
  readonly maximumBytes: number;
  readonly maximumMilliseconds: number;
  /** Holds the input at work, for when the process doesn't come back: its length as an int32, then its bytes. */
  readonly currentFile: string;
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
const graceInSeconds = 120;
const maximumHeapInMegabytes = 512;

export const corpusOf = (target: TargetName) =>
  fileURLToPath(new URL(`./corpus/${target}/`, import.meta.url));

/** Throws for an input that makes the parser throw anything but a refusal, hang, or take too much memory. */
export async function fuzz(
  target: TargetName,
  { seconds, seed, corpus = corpusOf(target) }: { seconds: number; seed: number; corpus?: string },
): Promise<FuzzReport> {
  const folder = mkdtempSync(join(tmpdir(), "leadgauge-fuzz-"));
  const currentFile = join(folder, "current");
  const job: FuzzJob = { target, corpus, seconds, seed, maximumBytes, maximumMilliseconds, currentFile };
  const child = fork(fileURLToPath(new URL("./fuzz.child.ts", import.meta.url)), {
    execArgv: [`--max-old-space-size=${maximumHeapInMegabytes}`],
    serialization: "advanced",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), (seconds + graceInSeconds) * 1_000);
  try {
    return await new Promise<FuzzReport>((resolve, reject) => {
      child.on("message", (message: FuzzReport | Error) =>
        message instanceof Error ? reject(message) : resolve(message),
      );
      child.on("error", reject);
      child.on("exit", (code, signal) => reject(new Error(`it ended with ${signal ?? code}`)));
      child.send(job);
    });
  } catch (error) {
    const input = inputIn(currentFile);
    const file = join(tmpdir(), `leadgauge-fuzz-${target}-${nameOf(input)}`);
    writeFileSync(file, input);
    throw new Error(`${target}: ${(error as Error).message}; the input is in ${file}`, { cause: error });
  } finally {
    clearTimeout(timer);
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

function inputIn(file: string): Buffer {
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  return bytes.length < 4 ? bytes : bytes.subarray(4, 4 + bytes.readInt32LE(0));
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
