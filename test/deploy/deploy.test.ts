/** The application in an account: what an engineer deploys, a marketing system calls and an analyst drops files into. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { promote, registerPackage } from "../../core/registry/register.ts";
import { KmsManifestSigner } from "../../lambdas/adapters/kms-manifest-signer.ts";
import { S3ObjectStore } from "../../lambdas/adapters/s3-object-store.ts";
import { emulatorGaps } from "../../lib/emulator/gaps.ts";
import { evidence } from "../aws/evidence.ts";
import { canEmulate } from "../emulator/emulator.ts";
import { describeCapture } from "./capture.ts";
import { describeChanges } from "./changes.ts";
import { type Deployment, deployToEmulator } from "./deployment.ts";
import { describeDrops } from "./drops.ts";
import { describeModels } from "./models.ts";
import { describeWatchers } from "./watchers.ts";

const models = fileURLToPath(new URL("../../models", import.meta.url));
const shipped = ["codepro", "extraalearn", "real-estate", "x-education"];

describe.skipIf(!canEmulate)("a deployment (needs uv in .venv: npm test installs it)", () => {
  let deployment: Deployment;
  let store: S3ObjectStore;
  let signer: KmsManifestSigner;
  beforeAll(async () => {
    deployment = await deployToEmulator();
    const emulated = {
      endpoint: deployment.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    };
    store = new S3ObjectStore(
      new S3Client({ ...emulated, forcePathStyle: true }),
      deployment.output("BucketName"),
    );
    signer = new KmsManifestSigner(new KMSClient(emulated), deployment.output("SigningKey"));
    for (const model of shipped) await register(model);
  });
  afterAll(() => deployment?.stop());

  async function register(model: string): Promise<string> {
    const { production } = JSON.parse(await readFile(join(models, model, "stages.json"), "utf8"));
    const folder = join(models, model, "versions", production);
    const files = { read: async (name: string) => new Uint8Array(await readFile(join(folder, name))) };
    const { version } = await registerPackage(store, files, { by: "test" }, { signer });
    await promote(store, model, version, "production", { by: "test" });
    return version;
  }

  it("answers with every model that was registered", async () => {
    const { status, body } = await deployment.call("GET", "/v1/health");
    expect(status).toBe(200);
    expect(body.models.map(({ model }: { model: string }) => model)).toEqual(shipped);
  });

  it("scores a golden lead as its package says", async () => {
    const { production } = JSON.parse(await readFile(join(models, "x-education", "stages.json"), "utf8"));
    const golden = await readFile(
      join(models, "x-education", "versions", production, "golden.jsonl"),
      "utf8",
    );
    const rows = golden
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    for (const row of rows.filter(({ rejected }) => rejected === undefined).slice(0, 5)) {
      const { status, body } = await deployment.call("POST", "/v1/models/x-education/score?reasons=3", {
        leadId: "L-1",
        fields: row.lead,
      });
      expect(status).toBe(200);
      expect(body.leadId).toBe("L-1");
      expect(body.probability).toBeCloseTo(row.probability[0], 9);
      expect([body.score, body.tier]).toEqual([row.score, row.tier]);
      expect(body.reasons.raises.length + body.reasons.lowers.length).toBeGreaterThan(0);
    }
  });

  it("turns away who does not sign, and tells in problem details", async () => {
    const { status, contentType, body } = await deployment.call("GET", "/v1/health", undefined, {
      isSigned: false,
    });
    expect(status).toBe(403);
    expect(contentType).toBe("application/problem+json");
    expect(body.status).toBe(403);
  });

  it("records an outcome once", async () => {
    const outcomes = [
      { model: "x-education", leadId: "L-1", outcome: "1", occurredAt: "2026-01-31T10:00:00Z" },
    ];
    const first = await deployment.call("POST", "/v1/outcomes", { outcomes });
    const again = await deployment.call("POST", "/v1/outcomes", { outcomes });
    expect([first.status, again.status]).toEqual([200, 200]);
    expect([first.body.results[0].status, again.body.results[0].status]).toEqual(["recorded", "unchanged"]);
  });

  describeDrops(() => deployment);
  describeModels(() => deployment);
  describeCapture(
    () => deployment,
    () => store,
  );

  describeWatchers(
    () => deployment,
    () => store,
  );

  describeChanges(() => deployment);

  it.each(Object.keys(emulatorGaps))("goes without %s because the emulator refuses it", async (type) => {
    const template = { Resources: { Gap: { Type: type } } };
    const query = new URLSearchParams({
      Action: "CreateStack",
      Version: "2010-05-15",
      StackName: `gap-${type.replaceAll(":", "")}`,
      TemplateBody: JSON.stringify(template),
    });
    const answer = await fetch(deployment.endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        authorization:
          "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cloudformation/aws4_request, SignedHeaders=host, Signature=0",
      },
      body: query,
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(`Unrecognized resource types: [${type}]`);
  });

  // The last one: it looks at what all others made the functions do.
  it.each(Object.keys(evidence.roles))(
    "%s made the calls that its permissions are granted for, and no others",
    (purpose) => {
      const made = deployment.calls.filter(({ caller }) => caller === `leadgauge-dev-${purpose}`);
      const granted = evidence.roles[purpose]?.calls.filter(({ source }) => source === "recorded") ?? [];
      expect(kindsOf(made)).toEqual(kindsOf(granted));
    },
  );
});

/** Actions and what they are about, in kinds: an object counts as its prefix, a bucket, queue or key as one. */
function kindsOf(calls: readonly { readonly action: string; readonly resource: string }[]): string[] {
  const kinds = calls.map(({ action, resource }) => {
    const key = /^(?:\{[^}]*\}|[^/{]+)\/(batch\/\w+\/|[\w-]+\/)/.exec(resource)?.[1];
    return action.startsWith("s3:") && key !== undefined ? `${action} ${key}` : action;
  });
  return [...new Set(kinds)].sort();
}
