/** What happens to the record of a score when the delivery stream does not take it. */
import { setTimeout as sleep } from "node:timers/promises";
import { DeleteDeliveryStreamCommand, FirehoseClient } from "@aws-sdk/client-firehose";
import { describe, expect, it } from "vitest";
import type { S3ObjectStore } from "../../lambdas/adapters/s3-object-store.ts";
import type { Deployment } from "./deployment.ts";

const patienceInSeconds = 90;

export function describeCapture(deployed: () => Deployment, store: () => S3ObjectStore): void {
  describe("a score while the delivery stream is gone", () => {
    it("is answered all the same; its record waits in the queue and is written from there", async () => {
      const firehose = new FirehoseClient({
        endpoint: deployed().endpoint,
        region: "us-east-1",
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
      });
      await firehose.send(
        new DeleteDeliveryStreamCommand({ DeliveryStreamName: "leadgauge-dev-predictions" }),
      );
      firehose.destroy();
      const { status } = await deployed().call("POST", "/v1/models/x-education/score", { fields: {} });
      expect(status).toBe(200);

      const wasDrained = () =>
        deployed().calls.some(
          ({ caller, action }) => caller === "leadgauge-dev-capture-drain" && action === "s3:PutObject",
        );
      for (let second = 0; second < patienceInSeconds && !wasDrained(); second++) await sleep(1_000);
      const drained: string[] = [];
      for await (const { key } of store().list("predictions/")) drained.push(key);
      expect(drained.length).toBeGreaterThan(0);
    });
  });
}
