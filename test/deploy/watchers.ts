/** Those who look after what serves: the canary, the guard of promotions, and who posts alerts to a webhook. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  type MetricDatum,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
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
  let cloudWatch: CloudWatchClient;
  let client: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  beforeAll(() => {
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    client = { endpoint: deployed().endpoint, region: "us-east-1", credentials };
    lambda = new LambdaClient(client);
    cloudWatch = new CloudWatchClient(client);
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
    let champion: string;
    let challenger: string;
    beforeAll(async () => {
      const { production, previous } = (await readStages(store(), guarded))?.stages ?? {};
      [champion, challenger] = [production as string, previous as string];
      // From 0 to 80, with a mean of 40.
      const evenly = Array.from({ length: 81 }, (_, points) => points);
      await count(champion, 60, evenly, 5);
    });

    it("takes back a promotion after which scores have another shape and the same mean, and its alarm goes off", async () => {
      await promotedMinutesAgo(30);
      await count(challenger, 10, [40], 400);

      const log = await run("promotion-guard", { LEADGAUGE_REVERTS_BAD_PROMOTION: "true" });
      expect(log).toMatch(
        /"findings":\["The p10 of scores is 40.0; it was \d+.\d before.","The p90 of scores is 40.0; it was \d+.\d before."\]/,
      );
      expect((await readStages(store(), guarded))?.stages.production).toBe(champion);

      const AlarmNames = ["leadgauge-dev-promotion-suspected"];
      const state = async () =>
        (await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames }))).MetricAlarms?.[0]?.StateValue;
      expect(await state()).not.toBe("ALARM");
      await putLoggedMetrics(log);
      await expect.poll(state, { timeout: 30_000 }).toBe("ALARM");
    });

    it("takes back a promotion after which the mean score jumped", async () => {
      await promotedMinutesAgo(8);
      await count(challenger, 3, [80], 400);

      const log = await run("promotion-guard", { LEADGAUGE_REVERTS_BAD_PROMOTION: "true" });
      expect(log).toContain("The mean score is 80.0; it was 40.0 before.");
      expect((await readStages(store(), guarded))?.stages.production).toBe(champion);
    });

    async function promotedMinutesAgo(minutes: number): Promise<void> {
      await promote(store(), guarded, challenger, "production", { by: "test" });
      await backdate(minutes);
    }

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

    /** Leads that a version scored so many minutes ago: each of these scores so many times. */
    async function count(version: string, minutesAgo: number, scores: number[], times: number) {
      const dimensions = { service: "api", stage: "dev", model: guarded, version };
      const Timestamp = new Date(Date.now() - minutesAgo * MINUTE_IN_MILLISECONDS);
      await put("Score", dimensions, { Timestamp, Values: scores, Counts: scores.map(() => times) });
    }

    /** What CloudWatch does with lines of metrics in a function's log, and the emulator does not. */
    async function putLoggedMetrics(log: string): Promise<void> {
      const lines = log.split("\n").filter((line) => line.startsWith('{"_aws"'));
      expect(lines).not.toHaveLength(0);
      for (const line of lines) {
        const { _aws, ...values } = JSON.parse(line);
        const [{ Dimensions, Metrics }] = _aws.CloudWatchMetrics;
        for (const { Name } of Metrics) {
          const dimensions = Object.fromEntries(Dimensions[0].map((name: string) => [name, values[name]]));
          await put(Name, dimensions, { Values: [values[Name]].flat() });
        }
      }
    }

    async function put(
      MetricName: string,
      dimensions: Readonly<Record<string, string>>,
      datum: Pick<MetricDatum, "Timestamp" | "Values" | "Counts">,
    ): Promise<void> {
      const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
      await cloudWatch.send(
        new PutMetricDataCommand({
          Namespace: "Leadgauge",
          MetricData: [{ MetricName, Dimensions, ...datum }],
        }),
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
