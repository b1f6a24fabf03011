/** The parsers of untrusted files, fuzzed for a bounded time; `node test/fuzz/fuzz.ts` goes on for as long as one likes. */
import { expect, test } from "vitest";
import { fuzz } from "../fuzz/fuzz.ts";
import { type TargetName, targets } from "../fuzz/targets.ts";

const secondsPerTarget = 8;
/** The same path in every run, as far as the machine gets on it. */
const seed = 1;

test.each(Object.keys(targets) as TargetName[])("%s: an answer or a refusal, soon", async (target) => {
  const { runs } = await fuzz(target, { seconds: secondsPerTarget, seed });
  // A loop that stands still would find nothing.
  expect(runs).toBeGreaterThan(100);
});
