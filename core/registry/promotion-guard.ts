/** Judges a promotion by what the API has answered since: did errors or scores jump? */
import { PackageError } from "../package/package-error.ts";
import type { ObjectStore } from "../ports.ts";
import { type RollbackOptions, RollbackRefused, rollBack } from "./register.ts";
import { MODEL_NAME, MODEL_PREFIX, readStages, type Stages } from "./stages.ts";

/** Percentiles that are compared, each between those that chance could put in its place. */
const COMPARED = [
  ["p5", "p10", "p15"],
  ["p40", "p50", "p60"],
  ["p85", "p90", "p95"],
] as const;
export const SCORE_QUANTILES = COMPARED.flat();
export type ScoreQuantile = (typeof SCORE_QUANTILES)[number];
export type ScoreQuantiles = Readonly<Record<ScoreQuantile, number>>;

/** What the API answered for one version in a span of time. */
export interface Traffic {
  /** Leads that were scored. */
  readonly scored: number;
  /** Of those, 0 to 100; 0 where there were none. */
  readonly meanScore: number;
  /** Of the scores; undefined where they cannot be told. */
  readonly quantiles: ScoreQuantiles | undefined;
  /** Leads that were rejected, and requests that failed. */
  readonly rejected: number;
  readonly failed: number;
}

/** Where the figures come from. */
export interface TrafficFigures {
  read(model: string, version: string, from: Date, to: Date): Promise<Traffic>;
}

export interface GuardLimits {
  readonly watchedForHours: number;
  /** Fewer leads than these, before or after, tell nothing. */
  readonly minimumScores: number;
  /** Difference of mean scores, and of percentiles, in points of 100. */
  readonly scoreJump: number;
  /** Difference of the shares of leads that failed or were rejected. */
  readonly errorJump: number;
}

export interface PromotionVerdict {
  readonly model: string;
  readonly version: string;
  readonly before: Traffic;
  readonly after: Traffic;
  /** What jumped, in sentences; empty: nothing did, or there is too little to tell. */
  readonly findings: readonly string[];
  readonly isReverted: boolean;
  /** Why the version before cannot take its place; undefined: nobody wanted that, or it has. */
  readonly problem: string | undefined;
}

export interface GuardOptions {
  readonly store: ObjectStore;
  readonly figures: TrafficFigures;
  readonly limits: GuardLimits;
  readonly reverts: boolean;
  readonly trustedKeys?: RollbackOptions["trustedKeys"];
  readonly now: () => number;
}

const HOUR_IN_MILLISECONDS = 3_600_000;
/** Until it has been taken up everywhere, both versions answer. */
const TAKE_UP_IN_MILLISECONDS = 2 * 60_000;

/** Looks at every promotion that is young enough, and takes a bad one back where that is wanted. Rejects when the registry cannot be read. */
export async function guardPromotions(options: GuardOptions): Promise<readonly PromotionVerdict[]> {
  const { store, limits, now } = options;
  const verdicts: PromotionVerdict[] = [];
  for (const model of await store.listFolders(MODEL_PREFIX)) {
    if (!MODEL_NAME.test(model)) continue;
    const promotion = lastPromotion((await readStages(store, model))?.stages);
    if (promotion === undefined) continue;
    const age = now() - promotion.at.getTime();
    if (age <= TAKE_UP_IN_MILLISECONDS || age > limits.watchedForHours * HOUR_IN_MILLISECONDS) continue;
    verdicts.push(await judge(options, model, promotion));
  }
  return verdicts;
}

interface Promotion {
  readonly version: string;
  readonly previous: string;
  readonly at: Date;
}

/** The promotion that made the version in production serve; undefined if it came to serve by a rollback, or if nothing served before. */
function lastPromotion(stages: Stages | undefined): Promotion | undefined {
  if (stages === undefined || stages.production === null || stages.previous === null) return undefined;
  const change = stages.history.findLast(({ action }) => action === "promoted" || action === "rolled-back");
  if (change?.action !== "promoted" || change.version !== stages.production) return undefined;
  return { version: stages.production, previous: stages.previous, at: new Date(change.at) };
}

async function judge(
  { store, figures, limits, reverts, trustedKeys, now }: GuardOptions,
  model: string,
  { version, previous, at }: Promotion,
): Promise<PromotionVerdict> {
  const span = limits.watchedForHours * HOUR_IN_MILLISECONDS;
  const takenUp = new Date(at.getTime() + TAKE_UP_IN_MILLISECONDS);
  const [before, after] = await Promise.all([
    figures.read(model, previous, new Date(at.getTime() - span), at),
    figures.read(model, version, takenUp, new Date(now())),
  ]);
  const findings = jumps(before, after, limits);
  let isReverted = false;
  let problem: string | undefined;
  if (findings.length > 0 && reverts) {
    try {
      await rollBack(store, model, { by: "promotion guard" }, { trustedKeys, from: version });
      isReverted = true;
    } catch (error) {
      // Whatever comes of it: what jumped has to be told.
      if (error instanceof PackageError) problem = `Version ${previous} is refused: ${error.message}`;
      // Somebody was faster: what serves now is not what was judged.
      else if (!(error instanceof RollbackRefused)) throw error;
    }
  }
  return { model, version, before, after, findings, isReverted, problem };
}

/** What jumped, in sentences. */
export function jumps(before: Traffic, after: Traffic, limits: GuardLimits): string[] {
  const findings: string[] = [];
  const leads = (traffic: Traffic) => traffic.scored + traffic.rejected + traffic.failed;
  if (leads(before) < limits.minimumScores || leads(after) < limits.minimumScores) return findings;
  const share = (traffic: Traffic) => (traffic.rejected + traffic.failed) / leads(traffic);
  if (share(after) - share(before) >= limits.errorJump) {
    findings.push(
      `${percent(share(after))} of leads fail or are rejected; ${percent(share(before))} were before.`,
    );
  }
  if (before.scored < limits.minimumScores || after.scored < limits.minimumScores) return findings;
  if (Math.abs(after.meanScore - before.meanScore) >= limits.scoreJump) {
    findings.push(
      `The mean score is ${after.meanScore.toFixed(1)}; it was ${before.meanScore.toFixed(1)} before.`,
    );
  }
  if (before.quantiles === undefined || after.quantiles === undefined) return findings;
  for (const [low, middle, high] of COMPARED) {
    // What lies between the neighbours may be chance: with two groups of leads, the median jumps from one to the other by a single lead.
    const up = after.quantiles[low] - before.quantiles[high];
    const down = before.quantiles[low] - after.quantiles[high];
    if (Math.max(up, down) < limits.scoreJump) continue;
    const [was, is] = [before.quantiles[middle].toFixed(1), after.quantiles[middle].toFixed(1)];
    findings.push(`The ${middle} of scores is ${is}; it was ${was} before.`);
  }
  return findings;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
