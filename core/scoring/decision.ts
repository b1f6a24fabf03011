/** Margins and probabilities to what people act on: score, percentile, prediction, tier. */
import type { Serving, Tier } from "../package/serving.ts";

export interface Decision {
  readonly probability: number;
  readonly score: number;
  readonly percentile: number;
  /** A class's index. */
  readonly prediction: number;
  readonly tier: Tier;
  /** Ordered models: the class that the reasons are about. */
  readonly subject: number;
}

export type Decide = (margins: Float64Array, probabilities: Float64Array) => Decision;

export function decider(serving: Serving): Decide {
  return serving.task === "binary" ? binaryDecider(serving) : orderedDecider(serving);
}

function binaryDecider({ predictionCut, score, percentileCuts, tiers }: Serving): Decide {
  return (margins, probabilities) => {
    const margin = margins[0] as number;
    return {
      probability: probabilities[0] as number,
      score: countUpTo(score.cuts as Float64Array, margin),
      percentile: countUpTo(percentileCuts, margin),
      prediction: margin >= (predictionCut as number) ? 1 : 0,
      tier: tiers.find(({ cut }) => cut === null || margin >= cut) as Tier,
      subject: 0,
    };
  };
}

function orderedDecider({ score, percentileCuts, tiers, classes }: Serving): Decide {
  const weights = score.weights as Float64Array;
  const rules = tiers.map((tier) => ({
    tier,
    of: tier.class === undefined ? -1 : classes.indexOf(tier.class),
  }));
  return (_, probabilities) => {
    let mean = 0;
    let prediction = 0;
    for (let k = 0; k < probabilities.length; k++) {
      mean += (weights[k] as number) * (probabilities[k] as number);
      if ((probabilities[k] as number) > (probabilities[prediction] as number)) prediction = k;
    }
    const rule = rules.find(
      ({ tier, of }) =>
        tier.minimumProbability === null || (probabilities[of] as number) >= tier.minimumProbability,
    ) as (typeof rules)[number];
    const subject = rule.of < 0 ? prediction : rule.of;
    return {
      probability: probabilities[subject] as number,
      score: score.cuts === null ? Math.floor(mean + 0.5) : countUpTo(score.cuts, mean),
      percentile: countUpTo(percentileCuts, mean),
      prediction,
      tier: rule.tier,
      subject,
    };
  };
}

/** How many of the rising cuts are not above the value. */
function countUpTo(cuts: Float64Array, value: number): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cuts[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
