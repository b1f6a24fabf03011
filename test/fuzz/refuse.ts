/**
 * Reads one hostile file in a process of its own, cold, and prints what that took:
 * `node test/fuzz/refuse.ts FILE` prints { message, milliseconds of the processor, mebibytes beside the file's own bytes }.
 */
import { readFileSync } from "node:fs";
import { load, ModelFileError } from "../../core/trees/index.ts";

export interface Refusal {
  /** Null: the file was read. */
  readonly message: string | null;
  readonly milliseconds: number;
  readonly mebibytes: number;
}

const bytes = readFileSync(process.argv[2] as string);
// Of this thread: other threads collect garbage beside it.
const begun = process.threadCpuUsage();
const before = process.resourceUsage().maxRSS;
let message: string | null = null;
try {
  load(bytes);
} catch (error) {
  if (!(error instanceof ModelFileError)) throw error;
  message = error.message;
}
const { user, system } = process.threadCpuUsage(begun);
const refusal: Refusal = {
  message,
  milliseconds: (user + system) / 1_000,
  mebibytes: (process.resourceUsage().maxRSS - before) / 1_024,
};
process.stdout.write(JSON.stringify(refusal));
