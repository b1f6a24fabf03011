import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { predictionColumns, predictionLine } from "../../core/capture/prediction.ts";
import { predictionsTable } from "../../lib/config/predictions-table.ts";
import { DirectoryObjectStore } from "../../local/store/directory-object-store.ts";
import { packLines } from "../adapters/sqs-prediction-queue.ts";
import { drain } from "./drain.ts";

let store: DirectoryObjectStore;
let logged: string;
const log = (line: object) => {
  logged += JSON.stringify(line);
};
beforeEach(async () => {
  store = new DirectoryObjectStore(await mkdtemp(join(tmpdir(), "leadgauge-drain-")));
  logged = "";
});
afterEach(() => rm(store.root, { recursive: true, force: true }));

const line = (index: number, overrides: object = {}) =>
  predictionLine({
    predictionId: `r-${index}`,
    requestId: "r",
    leadId: index === 0 ? null : `L-${index}`,
    model: "m",
    modelVersion: "0".repeat(32),
    scoredAt: "2026-03-04T05:59:59.999Z",
    fields: { Name: "Ünal \n ; 'x'" },
    result: {
      status: "scored",
      probability: 0.25,
      score: 25,
      percentile: 40,
      prediction: "no",
      tier: "Cold",
      action: "Write",
      completeness: 1,
      warnings: [{ code: "missing_fields", detail: "", fields: [] }],
    },
    ...overrides,
  });
const message = (messageId: string, ...lines: string[]) => ({ messageId, body: packLines(lines) });

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list("")) found.push(key);
  return found;
}

describe("draining the queue of predictions", () => {
  it("writes a message as Parquet by the hour it was scored in, with the columns of the table", async () => {
    expect(await drain([message("a", line(0), line(1))], { store, log })).toEqual({ batchItemFailures: [] });
    const [key = "", ...others] = await keys();
    expect(others).toEqual([]);
    expect(key).toMatch(/^predictions\/delivered_hour=2026-03-04-05\/recovered-[0-9a-f]{64}\.parquet$/);
    const body = (await store.get(key))?.body as Uint8Array;
    const rows = await parquetReadObjects({
      file: body.buffer.slice(body.byteOffset, body.byteOffset + body.length) as ArrayBuffer,
    });
    expect(rows).toHaveLength(2);
    expect(Object.keys(rows[0] ?? {})).toEqual(predictionsTable.columns.map(({ name }) => name));
    expect(rows[1]).toMatchObject({ prediction_id: "r-1", lead_id: "L-1", probability: 0.25, score: 25 });
    expect(rows[0]?.lead_id ?? null).toBeNull();
    expect(JSON.parse(String(rows[0]?.fields))).toEqual({ Name: "Ünal \n ; 'x'" });
  });

  it("writes once what is delivered twice, also at the same time", async () => {
    const messages = [message("a", line(0)), message("b", line(1), line(2)), message("a", line(0))];
    await Promise.all([drain(messages, { store, log }), drain(messages.toReversed(), { store, log })]);
    expect(await keys()).toHaveLength(2);
  });

  it("hands back only the messages that cannot be written, and logs nothing of them", async () => {
    const unreadable = [
      { messageId: "text", body: "Confidential" },
      message("json", "Confidential\n"),
      message("row", `${JSON.stringify({ prediction_id: "Confidential" })}\n`),
      message("time", line(1, { scoredAt: "../../x" })),
      message("empty"),
      { messageId: "bomb", body: packLines(["0".repeat(40 * 1024 * 1024)]) },
    ];
    const result = await drain([...unreadable, message("good", line(5))], { store, log });
    expect(result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(
      unreadable.map(({ messageId }) => messageId),
    );
    expect(await keys()).toHaveLength(1);
    expect(logged).not.toMatch(/Confidential|L-5/);
  });

  it("hands back what the store did not take", async () => {
    store.put = () => Promise.reject(new Error("SlowDown: Confidential"));
    const result = await drain([message("a", line(0))], { store, log });
    expect(result.batchItemFailures).toEqual([{ itemIdentifier: "a" }]);
    expect(logged).not.toMatch(/Confidential/);
  });
});

describe("the table of predictions", () => {
  it("is declared to Glue as it is written", () => {
    const declared = Object.fromEntries(predictionsTable.columns.map(({ name, type }) => [name, type]));
    expect(declared).toEqual(predictionColumns);
    expect(Object.keys(declared)).toEqual(Object.keys(predictionColumns));
  });
});
