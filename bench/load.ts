/**
 * The load generator, a process of its own: `node load.ts URL BODIES.json CONNECTIONS SECONDS` sends the bodies in turn over
 * connections that stay open, and prints what came of it as JSON.
 */
import { readFileSync } from "node:fs";
import autocannon from "autocannon";

const [address, bodiesFile, connections, seconds] = process.argv.slice(2);
if (!address || !bodiesFile) throw new Error("usage: node load.ts URL BODIES.json CONNECTIONS SECONDS");

const url = new URL(address);
const bodies: unknown[] = JSON.parse(readFileSync(bodiesFile, "utf8"));
const result = await autocannon({
  url: url.origin,
  connections: Number(connections),
  duration: Number(seconds),
  requests: bodies.map((body) => ({
    method: "POST",
    path: url.pathname + url.search,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  })),
});
const failed = result.non2xx + result.errors + result.timeouts;
if (failed > 0) throw new Error(`${failed} requests to ${address} failed: there is nothing to measure`);
process.stdout.write(
  JSON.stringify({
    requestsPerSecond: result.requests.average,
    medianLatencyInMs: result.latency.p50,
    p99LatencyInMs: result.latency.p99,
  }),
);
