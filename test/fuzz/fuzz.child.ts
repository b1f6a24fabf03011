/**
 * The loop, in a process of its own: what hangs or takes all memory ends the process, not the test. Not a thread: where
 * threads that compile WebAssembly come and go, V8 may abort ("Check failed: jit_page.has_value()", nodejs/node#64500).
 */
import { openSync, readdirSync, readFileSync, writevSync } from "node:fs";
import { BlockCoverage } from "./block-coverage.ts";
import type { FuzzJob, FuzzReport } from "./fuzz.ts";
import { mutated, Random } from "./mutate.ts";
import { type Target, targets } from "./targets.ts";

/** Asking V8 for its coverage costs more than a run. */
const runsPerLook = 16;

process.once("message", (job: FuzzJob) => {
  let answer: FuzzReport | Error;
  try {
    answer = loop(job);
  } catch (error) {
    answer = error as Error;
  }
  process.send?.(answer, () => process.disconnect());
});

function loop(job: FuzzJob): FuzzReport {
  const target: Target = targets[job.target];
  const currentFile = openSync(job.currentFile, "w");
  const length = new Int32Array(1);
  const coverage = new BlockCoverage((url) => url.includes("/core/"));
  const random = new Random(job.seed);
  const corpus = readdirSync(job.corpus)
    .sort()
    .map((name) => new Uint8Array(readFileSync(`${job.corpus}/${name}`)));
  const found: Uint8Array[] = [];
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
  return { runs, slowestInMilliseconds, found };

  function run(input: Uint8Array): void {
    length[0] = input.length;
    writevSync(currentFile, [length, input], 0);
    const before = process.cpuUsage();
    target.run(input);
    const milliseconds = process.cpuUsage(before).user / 1_000;
    slowestInMilliseconds = Math.max(slowestInMilliseconds, milliseconds);
    if (milliseconds > job.maximumMilliseconds) {
      throw new Error(`took ${Math.round(milliseconds)} ms; ${job.maximumMilliseconds} are allowed`);
    }
    runs++;
  }
}
