/** The way of predictions out of the API, with the real SDK against services that refuse, throttle and hang. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { APIGatewayProxyEvent } from "aws-lambda";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Capture, type CaptureTally } from "../../core/capture/capture.ts";
import type { PredictionRow } from "../../core/capture/prediction.ts";
import { recoverPredictions } from "../../core/capture/recovered-predictions.ts";
import { Champions } from "../../core/registry/champions.ts";
import { promote, registerPackage } from "../../core/registry/register.ts";
import { FirehosePredictionStream } from "../../lambdas/adapters/firehose-prediction-stream.ts";
import { SqsPredictionQueue, unpackLines } from "../../lambdas/adapters/sqs-prediction-queue.ts";
import { createHandler } from "../../lambdas/api/handler.ts";
import { predictionsOnceSql } from "../../lib/config/predictions-table.ts";
import { DirectoryObjectStore } from "../../local/store/directory-object-store.ts";
import { type Delivery, predictionsOnce } from "../predictions-once.ts";
import { filesOf, TINY_MODEL, tinyPackage } from "../tiny-package.ts";

/** Later than a score waits for its capture. */
const LATE_IN_MILLISECONDS = 200;

type Mode = "well" | "refuses" | "throttles" | "throttles some" | "answers late" | "hangs" | "hangs up";

/** Firehose or SQS, as far as capture calls it. What it takes is kept. */
class FakeService {
  mode: Mode = "well";
  readonly taken: string[] = [];
  calls = 0;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response)).listen(
      0,
      "127.0.0.1",
    );
  }
  async endpoint(): Promise<string> {
    if (!this.#server.listening) await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.calls++;
    const body = JSON.parse(await text(request).catch(() => "null"));
    if (this.mode === "hangs" || body === null) return;
    if (this.mode === "hangs up") return void request.socket.destroy();
    const isStream = String(request.headers["x-amz-target"]).startsWith("Firehose");
    response.setHeader("content-type", `application/x-amz-json-1.${isStream ? 1 : 0}`);
    if (this.mode === "refuses") return this.#fail(response, 400, "ResourceNotFoundException");
    if (this.mode === "throttles") return this.#fail(response, 503, "ServiceUnavailableException");
    const answer = JSON.stringify(isStream ? this.#putRecords(body) : this.#sendMessage(body));
    if (this.mode === "answers late") await sleep(LATE_IN_MILLISECONDS);
    response.end(answer);
  }
  #fail(response: ServerResponse, status: number, type: string): void {
    response.statusCode = status;
    response.end(JSON.stringify({ __type: type, message: "no" }));
  }
  #putRecords({ Records }: { Records: { Data: string }[] }) {
    const isRefused = (index: number) => this.mode === "throttles some" && (this.calls + index) % 2 === 0;
    const answers = Records.map(({ Data }, index) => {
      if (isRefused(index)) return { ErrorCode: "ServiceUnavailableException", ErrorMessage: "slow down" };
      this.taken.push(Buffer.from(Data, "base64").toString());
      return { RecordId: String(this.taken.length) };
    });
    return {
      FailedPutCount: answers.filter((answer) => "ErrorCode" in answer).length,
      RequestResponses: answers,
    };
  }
  #sendMessage({ MessageBody }: { MessageBody: string }) {
    this.taken.push(...unpackLines(MessageBody));
    return { MessageId: "1", MD5OfMessageBody: createHash("md5").update(MessageBody).digest("hex") };
  }
}

const tiny = tinyPackage();
let store: DirectoryObjectStore;
let champions: Champions;
const started: FakeService[] = [];

beforeAll(async () => {
  store = new DirectoryObjectStore(await mkdtemp(join(tmpdir(), "leadgauge-capture-")));
  await registerPackage(store, filesOf(tiny), { by: "test" });
  await promote(store, TINY_MODEL, tiny.version, "production", { by: "test" });
  champions = new Champions({ store, onChange: () => {} });
  await champions.start();
});
afterAll(async () => {
  for (const service of started) service.stop();
  await rm(store.root, { recursive: true, force: true });
});

async function deploy() {
  const services = { firehose: new FakeService(), sqs: new FakeService() };
  started.push(services.firehose, services.sqs);
  const common = {
    maxAttempts: 1,
    region: "eu-central-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    requestHandler: { connectionTimeout: 30_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  };
  const url = await services.sqs.endpoint();
  const tallies: CaptureTally[] = [];
  const firehose = new FirehoseClient({ ...common, endpoint: await services.firehose.endpoint() });
  const stream = new FirehosePredictionStream(firehose, "predictions");
  const queue = new SqsPredictionQueue(
    new SQSClient({ ...common, endpoint: url }),
    `${url}/123456789012/queue`,
  );
  const predictions = new Capture({ stream, queue, onTally: (tally) => tallies.push(tally) });
  const lines: object[] = [];
  const handler = createHandler({
    champions,
    store,
    predictions,
    outcomes: { record: async () => [] },
    log: (entry) => lines.push(entry),
  });
  return { ...services, stream, queue, tallies, handler, lines };
}

type Deployed = Awaited<ReturnType<typeof deploy>>;

async function scoreMany(handler: Deployed["handler"], count: number) {
  const statuses: number[] = [];
  const durations: number[] = [];
  for (let index = 0; index < count; index++) {
    const startedAt = performance.now();
    const { statusCode } = await handler(
      post("score", { leadId: `L-${index}`, fields: { Visits: index % 9 } }, index),
    );
    durations.push(performance.now() - startedAt);
    statuses.push(statusCode);
  }
  durations.sort((a, b) => a - b);
  return { statuses, p99: durations[Math.ceil(count * 0.99) - 1] as number };
}

function post(operation: string, body: object, request: number): APIGatewayProxyEvent {
  return {
    httpMethod: "POST",
    path: `/v1/models/${TINY_MODEL}/${operation}`,
    headers: { "content-type": "application/json" },
    requestContext: { requestId: `request-${request}`, path: `/dev/v1/models/${TINY_MODEL}/${operation}` },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEvent;
}

const sum = (tallies: readonly CaptureTally[]) =>
  tallies.reduce(
    (total, { captured, queued, lost }) => ({
      captured: total.captured + captured,
      queued: total.queued + queued,
      lost: total.lost + lost,
    }),
    { captured: 0, queued: 0, lost: 0 },
  );

describe("1,000 scores", () => {
  const COUNT = 1_000;
  /** Of a machine that does other things meanwhile, another moment is asked. */
  const options = { timeout: 120_000, retry: 4 };
  let usual = 0;

  it("while all is well: captured, but for a few", options, async () => {
    const { handler, tallies } = await deploy();
    await scoreMany(handler, 100);
    tallies.length = 0;
    const { statuses, p99 } = await scoreMany(handler, COUNT);
    usual = p99;
    expect(new Set(statuses)).toEqual(new Set([200]));
    const { captured, queued, lost } = sum(tallies);
    expect(captured + queued + lost).toBe(COUNT);
    expect(captured).toBeGreaterThan(COUNT * 0.95);
  });

  it.each<[Mode, Mode]>([
    ["refuses", "well"],
    ["throttles", "well"],
    ["throttles some", "well"],
    ["answers late", "well"],
    ["hangs", "well"],
    ["hangs up", "well"],
    ["hangs", "hangs"],
    ["refuses", "throttles"],
  ])(
    "while Firehose %s and the queue %s: all are answered in time, and none goes missing",
    options,
    async (firehose, sqs) => {
      const deployed = await deploy();
      deployed.firehose.mode = firehose;
      deployed.sqs.mode = sqs;
      const { statuses, p99 } = await scoreMany(deployed.handler, COUNT);
      expect(new Set(statuses)).toEqual(new Set([200]));
      expect(p99 - usual).toBeLessThanOrEqual(80);
      const { captured, queued, lost } = sum(deployed.tallies);
      expect(captured + queued + lost).toBe(COUNT);
      // What was taken a moment too late counts as not taken: more may be there than was counted, never less.
      expect(deployed.firehose.taken.length).toBeGreaterThanOrEqual(captured);
      expect(deployed.sqs.taken.length).toBeGreaterThanOrEqual(queued);
      if (sqs === "well") expect(lost).toBeLessThan(COUNT * 0.01);
      const ids = [...deployed.firehose.taken, ...deployed.sqs.taken].map(
        (line) => JSON.parse(line).prediction_id,
      );
      expect(new Set(ids).size).toBeGreaterThanOrEqual(captured + queued);
    },
  );
});

describe("a delivery that was slow, not lost", () => {
  it("stands there twice, and once in the view", async () => {
    const COUNT = 50;
    const { handler, firehose, sqs, tallies } = await deploy();
    firehose.mode = "answers late";
    await scoreMany(handler, COUNT);
    // On a busy machine the queue may be late, too.
    const { lost } = sum(tallies);

    const objects = new DirectoryObjectStore(await mkdtemp(join(tmpdir(), "leadgauge-recovered-")));
    try {
      const recovered = await recoverPredictions(objects, sqs.taken);
      expect(recovered).toBe("written");
      const deliveries: Delivery[] = [
        { hour: "2026-11-21-13", rows: firehose.taken.map((line) => JSON.parse(line)) },
      ];
      for await (const { key } of objects.list("predictions/")) {
        const hour = /delivered_hour=([^/]+)/.exec(key)?.[1] as string;
        const body = (await objects.get(key))?.body as Uint8Array;
        const file = new Uint8Array(body).buffer;
        deliveries.push({ hour, rows: (await parquetReadObjects({ file })) as PredictionRow[] });
      }
      const copies = deliveries.flatMap(({ rows }) => rows);
      const taken = new Set(copies.map(({ prediction_id }) => prediction_id));
      expect(taken.size).toBeGreaterThanOrEqual(COUNT - lost);
      expect(copies.length).toBeGreaterThan(taken.size);
      const shown = await predictionsOnce(predictionsOnceSql("predictions"), deliveries);
      const ids = shown.map(({ prediction_id }) => prediction_id).sort();
      expect(ids).toEqual([...taken].sort());
      expect(copies).toEqual(expect.arrayContaining(shown));
    } finally {
      await rm(objects.root, { recursive: true, force: true });
    }
  });
});

describe("what is kept", () => {
  it("is the lead's known fields under the spec's names, and the result, a row a scored lead", async () => {
    const { handler, firehose } = await deploy();
    const leads = [
      { leadId: "a", fields: { visits: 4, Source: "Web", Secret: "x" } },
      { fields: { Visits: "many" } },
      { fields: {} },
    ];
    const answer = await handler(post("score-batch", { leads }, 7));
    expect(answer.statusCode).toBe(200);
    const rows = firehose.taken.map((line) => JSON.parse(line));
    expect(rows.map(({ prediction_id }) => prediction_id)).toEqual(["request-7-0", "request-7-2"]);
    expect(rows[0]).toMatchObject({
      lead_id: "a",
      model: TINY_MODEL,
      model_version: tiny.version,
      score: 73,
    });
    expect(JSON.parse(rows[0].fields)).toEqual({ Visits: 4, Source: "Web" });
    expect(rows[1].lead_id).toBeNull();
  });

  it("is never a field's value in the log", async () => {
    const { handler, firehose, sqs, lines } = await deploy();
    firehose.mode = "refuses";
    sqs.mode = "refuses";
    await handler(post("score", { leadId: "lead-4711", fields: { Source: "Confidential" } }, 1));
    expect(JSON.stringify(lines)).not.toMatch(/Confidential|4711/);
  });

  it("goes out in one call; what does not fit into it is left for the queue", async () => {
    const { firehose, sqs, stream, queue } = await deploy();
    const lines = Array.from(
      { length: 600 },
      (_, index) => `${JSON.stringify({ index, text: "x".repeat(9_000) })}\n`,
    );
    lines[3] = `${"y".repeat(1_100_000)}\n`;
    const left = await stream.put(lines);
    expect(firehose.calls).toBe(1);
    expect(firehose.taken.length + left.length).toBe(600);
    expect(Buffer.byteLength(firehose.taken.join(""))).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(left).toContain(3);
    const rest = left.map((index) => lines[index] as string);
    expect(await queue.send(rest)).toEqual([]);
    expect(sqs.taken).toHaveLength(rest.length);
  });

  it("is told as not taken by the queue when a message cannot hold it", async () => {
    const { sqs, queue } = await deploy();
    const noise = () => randomBytes(400_000).toString("base64");
    const lines = Array.from({ length: 4 }, () => `${noise()}\n`);
    const left = await queue.send(lines);
    expect(sqs.taken.length + left.length).toBe(4);
    expect(left.length).toBeGreaterThan(0);
    expect(await queue.send([noise() + noise() + noise()])).toEqual([0]);
  });
});
