import { leadsTogether } from "./lead-batch.ts";
import type { ScoringResult } from "./result.ts";
import type { LeadsTogether } from "./scoring-model.ts";

/**
 * Scores leads as they come, a batch at a time, and gives them back in their order.
 * @param entries what is to be known of a lead when it has been scored, and the lead, which may be overwritten when the next is
 *   asked for; undefined: there is nothing to score, and the entry only keeps its place
 */
export function* scoreTogether<About, Lead>(
  entries: Iterable<readonly [about: About, lead: Lead | undefined]>,
  together: LeadsTogether<Lead>,
): Generator<readonly [about: About, result: ScoringResult | undefined]> {
  const waiting: { about: About; hasLead: boolean }[] = [];
  function* finish() {
    const results = together.finish();
    let next = 0;
    for (const { about, hasLead } of waiting) {
      yield [about, hasLead ? results[next++] : undefined] as const;
    }
    waiting.length = 0;
  }
  for (const [about, lead] of entries) {
    if (lead !== undefined) together.add(lead);
    waiting.push({ about, hasLead: lead !== undefined });
    if (waiting.length === leadsTogether) yield* finish();
  }
  yield* finish();
}
