/**
 * Measures the deployed scoring function at several memory sizes, in the account and region of the environment:
 *   node scripts/power-tuning.mjs --stage dev [--model NAME] [--sizes 512,1024,1769,3008] [--calls 100]
 * Only the unpublished version ($LATEST) is changed, and set back at the end: callers use the alias and notice nothing. The calls are those of the
 * canary, so no prediction is kept of them.
 */
import { parseArgs } from "node:util";
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";

/** Dollars of a GB-second on ARM and of a request; us-east-1, 2026-11. Other regions differ by a few percent. */
const DOLLARS_PER_GB_SECOND = 0.0000133334;
const DOLLARS_PER_REQUEST = 0.0000002;

const { values } = parseArgs({
  options: {
    stage: { type: "string" },
    model: { type: "string" },
    sizes: { type: "string", default: "512,1024,1769,3008" },
    calls: { type: "string", default: "100" },
  },
});
const sizes = values.sizes.split(",").map(Number);
const calls = Number(values.calls);
if (
  !values.stage ||
  sizes.some((size) => !(size >= 256 && size <= 10_240)) ||
  !(calls >= 10 && calls <= 10_000)
) {
  process.stderr.write(
    "Usage: node scripts/power-tuning.mjs --stage STAGE [--model NAME] [--sizes 512,1024 (256 to 10240)] [--calls N (10 to 10000)]\n",
  );
  process.exit(1);
}

const FunctionName = `leadgauge-${values.stage}-api`;
const client = new LambdaClient();

try {
  process.stdout.write(`${await table()}\n`);
} catch (error) {
  process.stderr.write(`power-tuning: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function table() {
  const { MemorySize: configured = 0, Description = "" } = await client.send(
    new GetFunctionConfigurationCommand({ FunctionName }),
  );
  const lines = ["memory MB | first call ms | p50 ms | p99 ms | $ per million"];
  try {
    for (const size of sizes) {
      // A changed description makes new environments also where the size stays the same.
      await configure(size, `Leadgauge: measured with ${size} MB`);
      lines.push(await measure(size));
    }
  } finally {
    await configure(configured, Description);
  }
  return lines.join("\n");
}

/**
 * @param {number} MemorySize
 * @param {string} Description
 */
async function configure(MemorySize, Description) {
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, MemorySize, Description }));
  await waitUntilFunctionUpdatedV2({ client, maxWaitTime: 120 }, { FunctionName });
}

/** @param {number} size */
async function measure(size) {
  const first = await invoke("GET", values.model ? `/v1/models/${values.model}` : "/v1/models");
  const listed = JSON.parse(first.body);
  const name = values.model ?? listed.models?.[0]?.name;
  if (!name) throw new Error(`The function serves no model: ${first.body.slice(0, 200)}`);
  const { exampleLead } = JSON.parse((await invoke("GET", `/v1/models/${name}`)).body);
  const body = JSON.stringify({ leadId: "leadgauge-canary", fields: exampleLead ?? {} });
  /** @type {number[]} */
  const durations = [];
  for (let call = 0; call < calls; call++) {
    const answer = await invoke("POST", `/v1/models/${name}/score`, body);
    if (answer.statusCode !== 200) throw new Error(`A score was answered with status ${answer.statusCode}.`);
    durations.push(answer.billedInMs);
  }
  durations.sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => durations[Math.ceil(share * durations.length) - 1] ?? 0;
  const mean = durations.reduce((sum, each) => sum + each, 0) / durations.length;
  const dollars = 1e6 * ((mean / 1000) * (size / 1024) * DOLLARS_PER_GB_SECOND + DOLLARS_PER_REQUEST);
  return [size, first.initInMs + first.billedInMs, at(0.5), at(0.99), dollars.toFixed(2)].join(" | ");
}

/**
 * @param {string} httpMethod
 * @param {string} path
 * @param {string} [body]
 */
async function invoke(httpMethod, path, body) {
  const requestContext = { requestId: "power-tuning", path, stage: values.stage, httpMethod };
  const headers = { "content-type": "application/json" };
  const event = { httpMethod, path, headers, requestContext, body: body ?? null, isBase64Encoded: false };
  const {
    Payload,
    LogResult = "",
    FunctionError,
  } = await client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event), LogType: "Tail" }));
  if (FunctionError) throw new Error(`The function failed (${FunctionError}); its log says why.`);
  const report = Buffer.from(LogResult, "base64").toString();
  const { statusCode, body: answer } = JSON.parse(Buffer.from(Payload ?? []).toString());
  return {
    statusCode,
    body: String(answer),
    billedInMs: numberIn(report, /"?billedDurationMs"?:\s*([\d.]+)|Billed Duration: ([\d.]+) ms/),
    initInMs: numberIn(report, /"?initDurationMs"?:\s*([\d.]+)|Init Duration: ([\d.]+) ms/),
  };
}

/**
 * @param {string} text
 * @param {RegExp} pattern
 */
function numberIn(text, pattern) {
  const match = pattern.exec(text);
  return Number(match?.[1] ?? match?.[2] ?? 0);
}
