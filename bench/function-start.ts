/**
 * What an environment of the scoring function goes through, with a directory in the place of S3: start, load and verify every model, score.
 * `node function-start.mjs STORE` prints milliseconds as JSON. Run by memory-sizes.ts.
 */
import type { APIGatewayProxyEvent } from "aws-lambda";
import { Champions } from "../core/registry/champions.ts";
import { readExampleLead } from "../core/registry/package-documents.ts";
import { createHandler } from "../lambdas/api/handler.ts";
import { DirectoryObjectStore } from "../local/store/directory-object-store.ts";

const SCORES = 1_000;
const [folder] = process.argv.slice(2);
if (!folder) throw new Error("usage: node function-start.mjs STORE");

const store = new DirectoryObjectStore(folder);
const champions = new Champions({ store, onChange: () => {} });
const handler = createHandler({ champions, store, outcomes: { record: async () => [] }, log: () => {} });
await champions.start();
const startInMs = performance.now();

const champion = champions.current("x-education");
if (champion === undefined) throw new Error("x-education is not in the store.");
const fields = await readExampleLead(store, champion.model);
const path = "/v1/models/x-education/score";
const event = {
  httpMethod: "POST",
  path,
  headers: { "content-type": "application/json" },
  multiValueQueryStringParameters: { reasons: ["3"] },
  requestContext: { requestId: "bench", path },
  body: JSON.stringify({ leadId: "L-1", fields }),
  isBase64Encoded: false,
} as unknown as APIGatewayProxyEvent;

const durations: number[] = [];
for (let call = 0; call < SCORES; call++) {
  const startedAt = performance.now();
  const { statusCode } = await handler(event);
  if (statusCode !== 200) throw new Error(`A score was answered with status ${statusCode}.`);
  durations.push(performance.now() - startedAt);
}
const [firstScoreInMs] = durations;
durations.sort((a, b) => a - b);
const at = (share: number) => durations[Math.ceil(share * SCORES) - 1];
const peakInMegabytes = process.resourceUsage().maxRSS / 1024;
process.stdout.write(
  JSON.stringify({ startInMs, firstScoreInMs, p50InMs: at(0.5), p99InMs: at(0.99), peakInMegabytes }),
);
