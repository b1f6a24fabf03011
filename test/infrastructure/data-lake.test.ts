import { runSimulation } from "@cloud-copilot/iam-simulate";
import { beforeAll, describe, expect, it } from "vitest";
import { predictionColumns } from "../../core/capture/prediction.ts";
import { prefixes } from "../../lib/config/prefixes.ts";
import { stageNames } from "../../lib/config/stages.ts";
import { everyStatement } from "./rules/rule.ts";
import { resourcesOf, type SynthesisedStack, stacksOf } from "./synthesise.ts";

describe.each(stageNames)("data lake of stage %s", (stage) => {
  let stacks: readonly SynthesisedStack[];
  // biome-ignore lint/suspicious/noExplicitAny: the template's own JSON.
  let bucket: any;
  beforeAll(() => {
    stacks = stacksOf(stage).filter(({ purpose }) => purpose === "data-lake");
    bucket = resourcesOf(stacks, "AWS::S3::Bucket").find(({ logicalId }) =>
      logicalId.startsWith("Bucket"),
    )?.Properties;
  });

  it("tells EventBridge of its objects by itself, without a function that sets it", () => {
    expect(bucket.NotificationConfiguration).toEqual({
      EventBridgeConfiguration: { EventBridgeEnabled: true },
    });
    expect(resourcesOf(stacks, "Custom::S3BucketNotifications")).toEqual([]);
  });

  it("logs requests to a bucket of their own, private and without plain HTTP as well", () => {
    expect(bucket.LoggingConfiguration.DestinationBucketName.Ref).toMatch(/^AccessLogs/);
    const policies = resourcesOf(stacks, "AWS::S3::BucketPolicy");
    expect(policies).toHaveLength(2);
    for (const { Properties } of policies) {
      expect(JSON.stringify(Properties.PolicyDocument)).toContain('{"Bool":{"aws:SecureTransport":"false"}}');
    }
  });

  it("has a life cycle for every prefix but models and outcomes", () => {
    const rules: { Prefix?: string; Status: string }[] = bucket.LifecycleConfiguration.Rules;
    const withRule = rules.flatMap(({ Prefix, Status }) => (Status === "Enabled" && Prefix) || []);
    const { modelArtifacts, outcomes, ...others } = prefixes;
    expect(withRule).toEqual(expect.arrayContaining(Object.values(others)));
    expect(withRule).not.toContain(modelArtifacts);
    expect(withRule).not.toContain(outcomes);
    expect(rules.find(({ Prefix }) => Prefix === prefixes.batchWorking)).toMatchObject({
      ExpirationInDays: 14,
    });
  });

  it("names services, and no role, in the key's policy", () => {
    const ofKeys = everyStatement(stacks).filter(({ type }) => type === "AWS::KMS::Key");
    for (const { principal, effect } of ofKeys) {
      expect(effect).toBe("Allow");
      expect(JSON.stringify(principal)).toMatch(/^\{"Service":|:iam::123456789012:root"\}$/);
    }
  });

  it("signs with a key that signs only, and reads its public half once", () => {
    const signing = resourcesOf(stacks, "AWS::KMS::Key").filter(
      ({ Properties }) => Properties.KeyUsage === "SIGN_VERIFY",
    );
    expect(signing.map(({ Properties }) => Properties.KeySpec)).toEqual(["ECC_NIST_P256"]);
    expect(resourcesOf(stacks, "Custom::ManifestPublicKey")).toHaveLength(1);
  });

  it("catalogs predictions with the columns that are captured", () => {
    const table = resourcesOf(stacks, "AWS::Glue::Table").find(
      ({ Properties }) => Properties.TableInput.TableType === "EXTERNAL_TABLE",
    );
    const columns: { Name: string; Type: string }[] = table?.Properties.TableInput.StorageDescriptor.Columns;
    expect(Object.fromEntries(columns.map(({ Name, Type }) => [Name, Type]))).toEqual(predictionColumns);
    expect(table?.Properties.TableInput.PartitionKeys).toEqual([{ Name: "delivered_hour", Type: "string" }]);
    const { Parameters } = table?.Properties.TableInput ?? {};
    // Every hour is one listing to a query without bounds: none in the future, and one unit for both who write and who read it.
    expect(Parameters).toMatchObject({
      "projection.delivered_hour.format": "yyyy-MM-dd-HH",
      "projection.delivered_hour.range": "2026-01-01-00,NOW",
      "projection.delivered_hour.interval.unit": "HOURS",
    });
    expect(JSON.stringify(Parameters["storage.location.template"])).toContain(
      `/predictions/delivered_hour=${"$"}{delivered_hour}/`,
    );
  });

  it("is protected against deletion where it retains data", () => {
    expect(stacks[0]?.terminationProtection).toBe(stage === "prod");
  });
});

/** An administrator may do everything, by the policies of the account: the bucket's own policy stands against it. */
describe("the registry, against somebody who may do everything with the bucket", () => {
  const version = "model-artifacts/x/versions/1/manifest.json";
  const stages = "model-artifacts/x/stages.json";
  const creation = { "s3:ObjectCreationOperation": "true" };

  it.each<[string, string, string, Record<string, string>, boolean]>([
    ["a version is written once", "PutObject", version, { ...creation, "s3:if-none-match": "*" }, true],
    ["a version is not overwritten", "PutObject", version, creation, false],
    ["nor by who knows its etag", "PutObject", version, { ...creation, "s3:if-match": '"etag"' }, false],
    [
      "parts of an upload are sent without a condition",
      "PutObject",
      version,
      { "s3:ObjectCreationOperation": "false" },
      true,
    ],
    ["a version is not deleted", "DeleteObject", version, {}, false],
    ["nor one of its versions", "DeleteObjectVersion", version, {}, false],
    [
      "stages are changed by who read them",
      "PutObject",
      stages,
      { ...creation, "s3:if-match": '"etag"' },
      true,
    ],
    ["stages are begun once", "PutObject", stages, { ...creation, "s3:if-none-match": "*" }, true],
    ["stages are not overwritten blindly", "PutObject", stages, creation, false],
    ["stages are not deleted", "DeleteObject", stages, {}, false],
    ["nothing is read in plain HTTP", "GetObject", version, { "aws:SecureTransport": "false" }, false],
    ["drops are written without a condition", "PutObject", "batch/in/x/leads.csv", creation, true],
  ])("%s", async (_, operation, key, context, isAllowed) => {
    expect(await isAllowedByBucket(`s3:${operation}`, key, context)).toBe(isAllowed);
  });
});

async function isAllowedByBucket(
  action: string,
  key: string,
  context: Record<string, string>,
): Promise<boolean> {
  const arn = "arn:aws:s3:::data";
  const dataLake = stacksOf("prod").filter(({ purpose }) => purpose === "data-lake");
  const policy = resourcesOf(dataLake, "AWS::S3::BucketPolicy").find(({ Properties }) =>
    Properties.Bucket.Ref.startsWith("Bucket"),
  );
  const resourcePolicy = JSON.parse(
    JSON.stringify(policy?.Properties.PolicyDocument)
      .replace(/\{"Fn::GetAtt":\["Bucket\w+","Arn"\]\}/g, `"${arn}"`)
      .replace(/\{"Fn::Join":\["",\["arn:aws:s3:::data","([^"]*)"\]\]\}/g, `"${arn}$1"`),
  );
  const response = await runSimulation(
    {
      request: {
        principal: "arn:aws:iam::123456789012:role/administrator",
        action,
        resource: { resource: `${arn}/${key}`, accountId: "123456789012" },
        contextVariables: { "aws:SecureTransport": "true", "s3:TlsVersion": "1.3", ...context },
      },
      identityPolicies: [
        {
          name: "all",
          policy: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] },
        },
      ],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy,
    },
    {},
  );
  if (response.resultType === "error") throw new Error(JSON.stringify(response.errors));
  return response.overallResult === "Allowed";
}
