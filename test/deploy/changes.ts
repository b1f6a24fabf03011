/**
 * What docs/deploy.md says can be changed of a stage that is deployed: it moves into a network of its own (the emulator has no networks, functions
 * run as before), and its signing key is replaced by another one beside it.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DescribeVpcEndpointsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateKeyCommand, DisableKeyCommand, GetPublicKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leadgauge } from "../system/cli.ts";
import type { Deployment } from "./deployment.ts";
import { answers, writeOtherVersion } from "./models.ts";

const models = fileURLToPath(new URL("../../models", import.meta.url));
const model = "x-education";

/** @param deployed in the mode `standard`, with models in production */
export function describeChanges(deployed: () => Deployment): void {
  describe("a stage that becomes isolated and trusts another signing key", () => {
    let client: {
      endpoint: string;
      region: string;
      credentials: { accessKeyId: string; secretAccessKey: string };
    };
    let kms: KMSClient;
    let newKey: string;
    let trusted: { TRUSTED_MANIFEST_KEY: string };
    let scratch: string;
    let second: string;
    beforeAll(async () => {
      const credentials = { accessKeyId: "test", secretAccessKey: "test" };
      client = { endpoint: deployed().endpoint, region: "us-east-1", credentials };
      kms = new KMSClient(client);
      scratch = await mkdtemp(join(tmpdir(), "leadgauge-key-"));
      const { KeyMetadata } = await kms.send(
        new CreateKeyCommand({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" }),
      );
      newKey = KeyMetadata?.Arn as string;
      const { PublicKey = new Uint8Array() } = await kms.send(new GetPublicKeyCommand({ KeyId: newKey }));
      trusted = { TRUSTED_MANIFEST_KEY: Buffer.from(PublicKey).toString("base64") };
      await deployed().deploy("test/deploy/changed-app.ts", trusted);
    });
    afterAll(() => rm(scratch, { recursive: true, force: true }));

    it("gets its endpoints, and goes on answering", async () => {
      const { VpcEndpoints = [] } = await new EC2Client(client).send(new DescribeVpcEndpointsCommand());
      expect(VpcEndpoints.map(({ ServiceName }) => ServiceName?.split(".").at(-1)).sort()).toEqual([
        "kinesis-firehose",
        "monitoring",
        "s3",
        "sqs",
      ]);
      const { status } = await deployed().call("POST", `/v1/models/${model}/score`, { fields: {} });
      expect(status).toBe(200);
    });

    it("serves what the new key signed, and what the old one did, which signs no more", async () => {
      const first = await productionOf(model);
      const from = join(models, model, "versions", first);
      second = await writeOtherVersion(from, join(scratch, "new"), "Call with the new key");
      await writeOtherVersion(from, join(scratch, "old"), "Call with the old key");
      expect(await answers(deployed(), model, first)).toBe(true);

      const registered = await register(join(scratch, "new"), newKey);
      expect(registered.code, registered.stderr).toBe(0);
      expect(await answers(deployed(), model, second)).toBe(true);

      await kms.send(new DisableKeyCommand({ KeyId: deployed().output("SigningKey") }));
      const refused = await register(join(scratch, "old"), deployed().output("SigningKey"));
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toMatch(/disabled/i);
      expect(refused.stderr).not.toMatch(/\n\s+at /);
      expect(await answers(deployed(), model, second)).toBe(true);
      const signedBefore = await deployed().call("POST", "/v1/models/extraalearn/score", { fields: {} });
      expect(signedBefore.status).toBe(200);
    });

    it("serves nothing more of what only the old key signed once that is not trusted, and goes on with the rest", async () => {
      const both = "codepro";
      const unchanged = await productionOf(both);
      const signedAgain = await register(join(models, both, "versions", unchanged), newKey);
      expect(signedAgain.code, signedAgain.stderr).toBe(0);
      const variables = { ...trusted, TRUSTS_OWN_SIGNING_KEY: "false" };
      // They let go of the public key's export before the data lake takes it away.
      await deployed().deploy("test/deploy/changed-app.ts", variables, ["scoring", "batch"]);
      const [ofNewKey, ofBoth, ofOldKey] = await Promise.all(
        [model, both, "extraalearn"].map((name) =>
          deployed().call("POST", `/v1/models/${name}/score`, { fields: {} }),
        ),
      );
      expect([ofNewKey?.status, ofNewKey?.body.model?.version]).toEqual([200, second]);
      expect([ofBoth?.status, ofBoth?.body.model?.version]).toEqual([200, unchanged]);
      expect(ofOldKey?.status).toBe(503);
    });

    async function productionOf(name: string): Promise<string> {
      return JSON.parse(await readFile(join(models, name, "stages.json"), "utf8")).production;
    }

    function register(folder: string, key: string) {
      const options = ["--model", folder, "--signing-key", key, "--stage", "production"];
      const store = `s3://${deployed().output("BucketName")}`;
      return leadgauge(scratch, ["register", ...options, "--store", store], scratch, deployed().environment);
    }
  });
}
