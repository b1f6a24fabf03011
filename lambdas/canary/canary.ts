/** Asks the real API about golden rows of what is in production: a wrong value is as bad as no answer. */
import * as z from "zod";
import { CANARY_LEAD_ID } from "../../core/capture/canary-lead.ts";
import type { GoldenRow } from "../../core/package/golden.ts";
import type { ObjectStore } from "../../core/ports.ts";
import { readGoldenRow } from "../../core/registry/golden-row.ts";
import { MODEL_NAME, MODEL_PREFIX, readStages, type Stages } from "../../core/registry/stages.ts";
import type { SignedFetch } from "../adapters/signed-fetch.ts";

/** A new version may take a minute until it serves everywhere; after this, another one than production is wrong. */
const TAKE_UP_IN_MILLISECONDS = 5 * 60_000;
const PROBABILITY_TOLERANCE = 1e-9;

export interface CanaryDependencies {
  readonly store: ObjectStore;
  readonly fetch: SignedFetch;
  /** Ends in `/`. */
  readonly apiUrl: string;
  /** Sent where the API is metered by keys. */
  readonly apiKey?: string | undefined;
  readonly now: () => number;
}

export interface CanaryReport {
  readonly models: number;
  /** The API answered, but not what the model has to answer. */
  readonly wrong: readonly Finding[];
  /** There was no answer to compare. */
  readonly failed: readonly Finding[];
}

export interface Finding {
  readonly model: string;
  readonly problem: string;
}

const answerSchema = z.object({
  probability: z.number(),
  score: z.number(),
  percentile: z.number(),
  prediction: z.string(),
  tier: z.string(),
  probabilities: z.record(z.string(), z.number()).optional(),
  model: z.object({ version: z.string() }),
});
type Answer = z.infer<typeof answerSchema>;

/** Every model in production is asked about one golden row, another one every minute. Rejects only when the registry can't be read. */
export async function runCanary(dependencies: CanaryDependencies): Promise<CanaryReport> {
  const wrong: Finding[] = [];
  const failed: Finding[] = [];
  let models = 0;
  for (const model of await dependencies.store.listFolders(MODEL_PREFIX)) {
    if (!MODEL_NAME.test(model)) continue;
    const stages = (await readStages(dependencies.store, model))?.stages;
    if (stages === undefined || stages.production === null) continue;
    models++;
    try {
      const problem = await check(dependencies, model, stages, stages.production);
      if (problem !== undefined) wrong.push({ model, problem });
    } catch (error) {
      failed.push({ model, problem: error instanceof Error ? error.message : String(error) });
    }
  }
  return { models, wrong, failed };
}

/** What is wrong with the answer, or undefined. Rejects when there is none. */
async function check(
  dependencies: CanaryDependencies,
  model: string,
  stages: Stages,
  production: string,
): Promise<string | undefined> {
  const { store, now } = dependencies;
  const turn = Math.floor(now() / 60_000);
  const row = await readGoldenRow(store, model, production, turn);
  const answer = await ask(dependencies, model, row);
  const { version } = answer.model;
  if (version === production) return difference(row, answer);
  const changedAt = Date.parse(stages.history.findLast((entry) => entry.version === production)?.at ?? "");
  if (now() - changedAt < TAKE_UP_IN_MILLISECONDS) return undefined;
  return `Version ${version} answers; ${production} is in production.`;
}

async function ask(
  { fetch, apiUrl, apiKey }: CanaryDependencies,
  model: string,
  row: GoldenRow,
): Promise<Answer> {
  const { status, body } = await fetch({
    method: "POST",
    url: `${apiUrl}v1/models/${model}/score?reasons=0`,
    headers: { "content-type": "application/json", ...(apiKey && { "x-api-key": apiKey }) },
    body: JSON.stringify({ leadId: CANARY_LEAD_ID, fields: row.lead }),
  });
  if (status !== 200) throw new Error(`The API answered with status ${status}.`);
  const parsed = answerSchema.safeParse(JSON.parse(body));
  if (!parsed.success) throw new Error("The API answered with something else than a score.");
  return parsed.data;
}

function difference(row: GoldenRow, answer: Answer): string | undefined {
  for (const name of ["score", "percentile", "prediction", "tier"] as const) {
    if (answer[name] !== row[name]) return `${name} is ${answer[name]}; it has to be ${row[name]}.`;
  }
  const given =
    answer.probabilities === undefined ? [answer.probability] : Object.values(answer.probabilities);
  for (const [index, expected] of row.probability.entries()) {
    if (!(Math.abs((given[index] ?? Number.NaN) - expected) <= PROBABILITY_TOLERANCE)) {
      return `probability ${index} is ${given[index]}; it has to be ${expected}.`;
    }
  }
  return undefined;
}
