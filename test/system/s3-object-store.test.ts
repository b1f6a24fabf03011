import { randomUUID } from "node:crypto";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ObjectOutcomeStore } from "../../lambdas/adapters/object-outcome-store.ts";
import { S3ObjectStore } from "../../lambdas/adapters/s3-object-store.ts";
import { canEmulate, startEmulator } from "../emulator/emulator.ts";
import { describeObjectStore } from "../object-store-contract.ts";

describe.skipIf(!canEmulate)("on an emulator of S3 (needs uv in .venv: npm test installs it)", () => {
  let emulator: Awaited<ReturnType<typeof startEmulator>>;
  let client: S3Client;
  beforeAll(async () => {
    emulator = await startEmulator();
    client = new S3Client({
      endpoint: emulator.endpoint,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
  });
  afterAll(async () => {
    client.destroy();
    await emulator.stop();
  });

  async function open(): Promise<S3ObjectStore> {
    const bucket = `leadgauge-${randomUUID()}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    return new S3ObjectStore(client, bucket);
  }

  describeObjectStore("S3ObjectStore", open);

  it("outcomes are objects that are added once, by the day they occurred on", async () => {
    const store = await open();
    const outcomes = new ObjectOutcomeStore(store);
    const outcome = { model: "m", leadId: "a/../b", outcome: "1", occurredAt: "2026-01-31T23:30:00.000Z" };
    expect(await outcomes.record([outcome, { ...outcome, value: 3 }])).toEqual(["recorded", "recorded"]);
    expect(await outcomes.record([outcome, { ...outcome, outcome: "0" }])).toEqual(["unchanged", "recorded"]);
    const keys: string[] = [];
    for await (const { key } of store.list("")) keys.push(key);
    expect(keys).toHaveLength(3);
    for (const key of keys) expect(key).toMatch(/^outcomes\/m\/2026\/01\/31\/[0-9a-f]{64}\.json$/);
  });
});
