import {
  exponential,
  exponentialInDouble,
  firstGreatest,
  sigmoid,
  softmax,
  softplusSteps,
  sorted,
  step,
  uncappedSigmoid,
} from "../../links/float32.ts";
import { identity, type Link } from "../../links/link.ts";
import { logf } from "../../links/logf.ts";
import { inverseSoftplus, leastStep } from "../../links/softplus.ts";
import { isAtLeast, type Version } from "./version.ts";

const { fround } = Math;

/** What an objective means for who predicts. */
interface Objective {
  /** The margin of `base_score`, which files hold on the scale of the target; `before`: the base score of the output before. */
  readonly marginOf: (baseScore: number, version: Version, before: number | undefined) => number;
  /** The base scores that it takes; absent: all. */
  readonly takes?: {
    readonly text: string;
    readonly holds: (baseScore: number, version: Version) => boolean;
  };
  readonly link: (outputs: number, version: Version) => Link;
}

const asItIs = (baseScore: number) => baseScore;
const leastProbability = fround(1e-6);
const greatestProbability = fround(1 - leastProbability);

/** Since 3.2, probabilities are held off 0 and 1. */
function logit(baseScore: number, version: Version): number {
  const probability = isAtLeast(version, 3, 2)
    ? Math.min(Math.max(baseScore, leastProbability), greatestProbability)
    : baseScore;
  return -logf(fround(fround(1 / probability) - 1));
}

const probability: NonNullable<Objective["takes"]> = {
  text: "a probability between 0 and 1",
  holds: (score, version) => (isAtLeast(version, 3, 2) ? score >= 0 && score <= 1 : score > 0 && score < 1),
};

const plain: Objective = { marginOf: asItIs, link: identity };
const positive: Objective = { marginOf: logf, link: exponential };
const logistic: Objective = {
  marginOf: logit,
  takes: probability,
  link: (outputs, version) => (isAtLeast(version, 1, 6) ? sigmoid(outputs) : uncappedSigmoid(outputs)),
};

const objectives: ReadonlyMap<string, Objective> = new Map([
  ["reg:squarederror", plain],
  ["reg:linear", plain],
  ["reg:squaredlogerror", plain],
  ["reg:pseudohubererror", plain],
  ["reg:absoluteerror", plain],
  // Since 3.4, quantiles don't cross.
  [
    "reg:quantileerror",
    {
      marginOf: asItIs,
      link: (outputs, version) => (isAtLeast(version, 3, 4) ? sorted(outputs) : identity(outputs)),
    },
  ],
  // The first expectile as it is, of each other one the softplus of its step from the one before: they don't cross.
  [
    "reg:expectileerror",
    {
      marginOf: (baseScore, _, before) =>
        before === undefined ? baseScore : inverseSoftplus(fround(fround(baseScore - before) - leastStep)),
      link: softplusSteps,
    },
  ],
  ["reg:logistic", logistic],
  // Until 3.1, a base score of 0 or less gave NaN or -Infinity, as the other objectives still do.
  [
    "reg:gamma",
    {
      ...positive,
      takes: { text: "above 0", holds: (score, version) => !isAtLeast(version, 3, 1) || score > 0 },
    },
  ],
  ["reg:tweedie", positive],
  ["count:poisson", positive],
  ["survival:cox", positive],
  ["survival:aft", { marginOf: logf, link: exponentialInDouble }],
  ["binary:logistic", logistic],
  [
    "binary:logitraw",
    {
      marginOf: (baseScore, version) => (isAtLeast(version, 1, 3) ? baseScore : logit(baseScore, version)),
      takes: {
        text: probability.text,
        holds: (score, version) => isAtLeast(version, 1, 3) || probability.holds(score, version),
      },
      link: identity,
    },
  ],
  ["binary:hinge", { marginOf: asItIs, link: step }],
  ["multi:softmax", { marginOf: asItIs, link: () => firstGreatest }],
  ["multi:softprob", { marginOf: asItIs, link: softmax }],
  ["rank:pairwise", plain],
  ["rank:ndcg", plain],
  ["rank:map", plain],
]);

export function objectiveOf(name: string): Objective | undefined {
  return objectives.get(name);
}

export const objectiveNames: readonly string[] = [...objectives.keys()];
