/**
 * Requests answered one by one inside a process, from API Gateway's event to its answer:
 * `node handler-loop.ts HOME BODIES.json PATH SECONDS` prints what an answer takes, and which share of that each phase has, as JSON.
 */
import { readFileSync } from "node:fs";
import type { APIGatewayProxyEvent } from "aws-lambda";
import { Champions } from "../core/registry/champions.ts";
import { createHandler, type Handler } from "../lambdas/api/handler.ts";
import { RequestLog } from "../local/server/request-log.ts";
import { seedModels } from "../local/server/seed.ts";
import { DirectoryObjectStore } from "../local/store/directory-object-store.ts";
import { LocalOutcomeStore } from "../local/store/local-outcome-store.ts";
import { localPaths } from "../local/store/paths.ts";
import { phaseShares } from "./phases.ts";

const [home, bodiesFile, target, seconds] = process.argv.slice(2);
if (!home || !bodiesFile || !target) {
  throw new Error("usage: node handler-loop.ts HOME BODIES.json PATH SECONDS");
}

const bodies: unknown[] = JSON.parse(readFileSync(bodiesFile, "utf8"));
const events = bodies.map((body) => eventOf(target, JSON.stringify(body)));
const handler = await startHandler(home);
const durations: number[] = [];
await answerFor(Number(seconds) / 2, () => {});
await answerFor(Number(seconds), (milliseconds) => durations.push(milliseconds));
const shares = await phaseShares(() => answerFor(Number(seconds), () => {}));
durations.sort((a, b) => a - b);
const quantile = (share: number) => 1_000 * (durations[Math.floor(share * durations.length)] ?? Number.NaN);
process.stdout.write(
  JSON.stringify({ medianInMicroseconds: quantile(0.5), p99InMicroseconds: quantile(0.99), shares }),
);

/** What the local server makes, with a log that goes nowhere. */
async function startHandler(from: string): Promise<Handler> {
  const paths = localPaths(from);
  const store = new DirectoryObjectStore(paths.store);
  await seedModels(store, new DirectoryObjectStore(paths.shippedModels));
  const champions = new Champions({ store, onChange: () => {} });
  const outcomes = new LocalOutcomeStore({ directory: paths.warehouse, migrations: paths.migrations });
  const log = new RequestLog(() => {});
  await champions.start();
  log.start();
  return createHandler({ champions, store, outcomes, log: log.log });
}

async function answerFor(wanted: number, took: (milliseconds: number) => void): Promise<void> {
  const end = performance.now() + wanted * 1_000;
  while (performance.now() < end) {
    for (const event of events) {
      const startedAt = performance.now();
      const { statusCode, body } = await handler(event);
      took(performance.now() - startedAt);
      if (statusCode !== 200) throw new Error(`${statusCode}: ${body}`);
    }
  }
}

function eventOf(url: string, body: string): APIGatewayProxyEvent {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  const query = Object.fromEntries([...searchParams].map(([name, value]) => [name, [value]]));
  return {
    path: pathname,
    httpMethod: "POST",
    headers: { "content-type": "application/json" },
    multiValueQueryStringParameters: query,
    requestContext: { requestId: "00000000-0000-4000-8000-000000000000", path: pathname },
    body,
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEvent;
}
