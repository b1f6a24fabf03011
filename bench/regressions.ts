import type { ScenarioResult } from "./scenario.ts";

/** A ratio that is smaller than it was by more than this share is worth a look; noise of the machine is below it. */
const TOLERATED_SHARE = 0.15;

type Results = Readonly<Record<string, ScenarioResult>>;

/**
 * What got worse since the run that is kept, a sentence each. Ratios to the peer of the same run are compared, not times, so
 * that another machine, or a busy one, tells the same.
 */
export function regressionsOf(now: Results, kept: Results): string[] {
  return Object.entries(now).flatMap(([name, result]) => {
    const before = kept[name];
    // A scenario that asks something else now has nothing to be compared with.
    if (before === undefined || before.title !== result.title) return [];
    return result.contenders.slice(1).flatMap((contender) => {
      const old = before.contenders.find((each) => each.name === contender.name);
      if (old === undefined || contender.ratio >= old.ratio * (1 - TOLERATED_SHARE)) return [];
      const peer = result.contenders[0]?.name ?? "";
      return [
        `${result.title}: ${contender.name} is ${contender.ratio.toPrecision(3)} times ${peer}; it was ${old.ratio.toPrecision(3)} times.`,
      ];
    });
  });
}
