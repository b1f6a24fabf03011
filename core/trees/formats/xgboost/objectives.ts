import { log } from "../../links/fdlibm.ts";
import {
  exponential,
  exponentialInDouble,
  firstGreatest,
  sigmoid,
  softmax,
  step,
  uncappedSigmoid,
} from "../../links/float32.ts";
import { identity, type Link } from "../../links/link.ts";
import type { Version } from "./document.ts";

const { fround } = Math;

/** What an objective means for who predicts. */
interface Objective {
  /** The margin of `base_score`, which files hold on the scale of the target. */
  readonly marginOf: (baseScore: number) => number;
  readonly link: (outputs: number, version: Version) => Link;
}

const asItIs = (baseScore: number) => baseScore;
const logarithm = (baseScore: number) => fround(log(baseScore));
const leastProbability = fround(1e-6);
const greatestProbability = fround(1 - leastProbability);

/** The logarithm is taken in double and rounded once; what it is taken of is made in float32. */
function logit(baseScore: number): number {
  const probability = Math.min(Math.max(baseScore, leastProbability), greatestProbability);
  return fround(-log(fround(fround(1 / probability) - 1)));
}

const isBefore16 = ([major, minor]: Version) => major < 1 || (major === 1 && minor < 6);

const plain: Objective = { marginOf: asItIs, link: identity };
const positive: Objective = { marginOf: logarithm, link: exponential };
const logistic: Objective = {
  marginOf: logit,
  link: (outputs, version) => (isBefore16(version) ? uncappedSigmoid(outputs) : sigmoid(outputs)),
};

const objectives: ReadonlyMap<string, Objective> = new Map([
  ["reg:squarederror", plain],
  ["reg:linear", plain],
  ["reg:squaredlogerror", plain],
  ["reg:pseudohubererror", plain],
  ["reg:absoluteerror", plain],
  ["reg:quantileerror", plain],
  ["reg:expectileerror", plain],
  ["reg:logistic", logistic],
  ["reg:gamma", positive],
  ["reg:tweedie", positive],
  ["count:poisson", positive],
  ["survival:cox", positive],
  ["survival:aft", { marginOf: logarithm, link: exponentialInDouble }],
  ["binary:logistic", logistic],
  ["binary:logitraw", plain],
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
