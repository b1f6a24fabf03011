/** The loop, in a thread of its own: what hangs or takes all memory ends the thread, not the test. */
import { readdirSync, readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { BlockCoverage } from "./block-coverage.ts";
import type { FuzzJob, FuzzReport } from "./fuzz.ts";
import { mutated, Random } from "./mutate.ts";
import { type Target, targets } from "./targets.ts";

const job = workerData as FuzzJob;
const target: Target = targets[job.target];
const current = new Uint8Array(job.current);
const currentLength = new Int32Array(job.currentLength);
const coverage = new BlockCoverage((url) => url.includes("/core/"));
const random = new Random(job.seed);
const corpus = readdirSync(job.corpus)
  .sort()
  .map((name) => new Uint8Array(readFileSync(`${job.corpus}/${name}`)));
const found: Uint8Array[] = [];

/** Asking V8 for its coverage costs more than a run. */
const runsPerLook = 16;

let runs = 0;
let slowestInMilliseconds = 0;
for (const seed of corpus) run(seed);
coverage.hasGrown(true);
const until = performance.now() + job.seconds * 1_000;
while (performance.now() < until) {
  const pool = [...corpus, ...found];
  const inputs = Array.from({ length: runsPerLook }, () => {
    // Half of the time from what reached new code.
    const base = random.of(found.length > 0 && random.below(2) === 0 ? found : pool);
    return mutated(random, base, pool, target.words, job.maximumBytes).slice();
  });
  for (const input of inputs) run(input);
  if (!coverage.hasGrown(false)) continue;
  for (const input of inputs) {
    run(input);
    if (coverage.hasGrown(true)) found.push(input);
  }
}
coverage.close();
parentPort?.postMessage({ runs, slowestInMilliseconds, found } satisfies FuzzReport);

function run(input: Uint8Array): void {
  current.set(input.subarray(0, current.length));
  Atomics.store(currentLength, 0, input.length);
  const before = process.cpuUsage();
  target.run(input);
  const milliseconds = process.cpuUsage(before).user / 1_000;
  slowestInMilliseconds = Math.max(slowestInMilliseconds, milliseconds);
  if (milliseconds > job.maximumMilliseconds) {
    throw new Error(`took ${Math.round(milliseconds)} ms; ${job.maximumMilliseconds} are allowed`);
  }
  runs++;
}
