/** Those who look after what serves: the canary, the guard of promotions, and who posts alerts to a webhook. */
import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SNSEvent } from "aws-lambda";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { promote } from "../../core/registry/register.ts";
import { readStages, stagesKey } from "../../core/registry/stages.ts";
import type { S3ObjectStore } from "../../lambdas/adapters/s3-object-store.ts";
import type { Deployment } from "./deployment.ts";

const MINUTE_IN_MILLISECONDS = 60_000;
const guarded = "extraalearn";

/** @param deployed where four models are in production, and one of them has had another version before */
export function describeWatchers(deployed: () => Deployment, store: () => S3ObjectStore): void {
  let lambda: LambdaClient;
  let client: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  beforeAll(() => {
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    client = { endpoint: deployed().endpoint, region: "us-east-1", credentials };
    lambda = new LambdaClient(client);
  });

  /** Runs a deployed function with some settings of its own, and gives what it logged. */
  async function run(purpose: string, settings: Readonly<Record<string, string>>): Promise<string> {
    const FunctionName = `leadgauge-dev-${purpose}`;
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const Variables = { ...Environment?.Variables, ...settings };
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
    const { FunctionError, LogResult = "" } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: "{}", LogType: "Tail" }),
    );
    const log = Buffer.from(LogResult, "base64").toString();
    expect(FunctionError, log).toBeUndefined();
    return log;
  }

  async function secret(Name: string, SecretString: string): Promise<string> {
    const { ARN } = await new SecretsManagerClient(client).send(
      new CreateSecretCommand({ Name, SecretString }),
    );
    return ARN as string;
  }

  describe("the canary", () => {
    it("asks the API about every model, with its key, and finds nothing wrong", async () => {
      const log = await run("canary", {
        LEADGAUGE_API_URL: deployed().recordedApiUrl,
        LEADGAUGE_API_KEY_SECRET: await secret("canary-key", "key-of-the-canary"),
      });
      expect(log).toMatch(/"models":4,"wrong":\[\],"failed":\[\]/);
    });
  });

  describe("the guard of promotions", () => {
    it("takes back a promotion after which scores jumped", async () => {
      const stored = await readStages(store(), guarded);
      const { production, previous } = stored?.stages ?? {};
      await promote(store(), guarded, previous as string, "production", { by: "test" });
      await backdate(30);
      await count(production as string, 60, 30);
      await count(previous as string, 10, 80);

      const log = await run("promotion-guard", { LEADGAUGE_REVERTS_BAD_PROMOTION: "true" });
      expect(log).toContain("The mean score is 80.0; it was 30.0 before.");
      expect((await readStages(store(), guarded))?.stages.production).toBe(production);
    });

    /** As if the last change of the stages had been made so many minutes ago. */
    async function backdate(minutes: number): Promise<void> {
      const { stages, etag } = (await readStages(store(), guarded)) as NonNullable<
        Awaited<ReturnType<typeof readStages>>
      >;
      const at = new Date(Date.now() - minutes * MINUTE_IN_MILLISECONDS).toISOString();
      const history = stages.history.map((entry, index) =>
        index === stages.history.length - 1 ? { ...entry, at } : entry,
      );
      const body = new TextEncoder().encode(JSON.stringify({ ...stages, history }));
      await store().put(stagesKey(guarded), body, { ifMatch: etag });
    }

    /** 300 leads that a version scored with so many points, so many minutes ago. */
    async function count(version: string, minutesAgo: number, points: number): Promise<void> {
      const dimensions = { service: "api", stage: "dev", model: guarded, version };
      const datum = {
        MetricName: "Score",
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        Timestamp: new Date(Date.now() - minutesAgo * MINUTE_IN_MILLISECONDS),
        StatisticValues: { SampleCount: 300, Sum: 300 * points, Minimum: points, Maximum: points },
      };
      await new CloudWatchClient(client).send(
        new PutMetricDataCommand({ Namespace: "Leadgauge", MetricData: [datum] }),
      );
      await sleep(100);
    }
  });

  // Not part of the stage that is deployed here: its handler runs in this process.
  describe("a webhook", () => {
    it("that does not answer leaves the alert to Lambda, which tries again", async () => {
      const address = JSON.stringify({ url: "https://127.0.0.1:1/hook" });
      const variables = {
        ...deployed().environmentAs("alert-webhook"),
        LEADGAUGE_STAGE: "dev",
        LEADGAUGE_WEBHOOK_SECRET: await secret("webhook", address),
      };
      for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
      try {
        const { handler } = await import("../../lambdas/alert-webhook/index.ts");
        const event = { Records: [{ Sns: { MessageId: "1", Subject: "ALARM", Message: "text" } }] };
        await expect(
          handler(event as unknown as SNSEvent, {} as Parameters<typeof handler>[1], () => {}),
        ).rejects.toThrow("The webhook did not take an alert.");
      } finally {
        vi.unstubAllEnvs();
      }
    });
  });
}
