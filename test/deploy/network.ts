/** The stage moves into a network of its own, as docs/deploy.md says that it can. The emulator has no networks: functions run as before. */
import { DescribeVpcEndpointsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import type { Deployment } from "./deployment.ts";

/** @param deployed in the mode `standard`, with a model in production */
export function describeNetwork(deployed: () => Deployment): void {
  describe("a stage that becomes isolated", () => {
    it("gets its endpoints, and goes on answering", async () => {
      await deployed().deploy("test/deploy/isolated-app.ts");
      const ec2 = new EC2Client({
        endpoint: deployed().endpoint,
        region: "us-east-1",
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
      });
      const { VpcEndpoints = [] } = await ec2.send(new DescribeVpcEndpointsCommand());
      expect(VpcEndpoints.map(({ ServiceName }) => ServiceName?.split(".").at(-1)).sort()).toEqual([
        "kinesis-firehose",
        "monitoring",
        "s3",
        "sqs",
      ]);
      const { status } = await deployed().call("POST", "/v1/models/x-education/score", { fields: {} });
      expect(status).toBe(200);
    });
  });
}
