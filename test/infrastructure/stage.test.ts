import { Match, Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { prefixes } from "../../lib/config/prefixes.ts";
import { parseStageConfig } from "../../lib/config/stage-config.ts";
import { stageConfig } from "../../lib/config/stages.ts";
import { stacksOf } from "./synthesise.ts";

interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Principal?: unknown;
}

describe.each(["dev", "prod"])("stage %s", (name) => {
  const config = stageConfig(name);
  let dataLake: Template;
  let scoring: Template;
  beforeAll(() => {
    const stacks = stacksOf(name);
    const template = (stack: string) =>
      Template.fromJSON(stacks.find(({ purpose }) => purpose === stack)?.template as object);
    dataLake = template("data-lake");
    scoring = template("scoring");
  });

  it("allows no action and no resource by a bare wildcard", () => {
    const allowed = [dataLake, scoring]
      .flatMap((template) => policiesOfRoles(template))
      .filter(({ Effect }) => Effect === "Allow");
    expect(allowed.length).toBeGreaterThan(0);
    const wide = allowed.filter(
      ({ Action, Resource }) =>
        [Action].flat().some((action) => action.includes("*")) ||
        // X-Ray and CloudWatch's figures have no resources; Lambda checks its placement in the VPC on every resource.
        ([Resource].flat().includes("*") &&
          ![Action]
            .flat()
            .every((action) => /^(xray:|ec2:|cloudwatch:(GetMetricData|DescribeAlarms)$)/.test(action))),
    );
    expect(wide).toEqual([]);
  });

  it("lets the function read models, write outcomes and nothing else of the data lake", () => {
    const onObjects = policiesOfRoles(scoring, "-api-").filter(({ Action }) =>
      [Action].flat().some((action) => action.startsWith("s3:")),
    );
    expect(onObjects.map(({ Action }) => [Action].flat())).toEqual([
      ["s3:GetObject"],
      ["s3:ListBucket"],
      ["s3:PutObject"],
    ]);
    expect(JSON.stringify(onObjects[0]?.Resource)).toContain(`/${prefixes.modelArtifacts}*`);
    expect(JSON.stringify(onObjects[2]?.Resource)).toContain(`/${prefixes.outcomes}*`);
  });

  it("keeps the bucket private, encrypted with its own key, versioned and TLS-only", () => {
    dataLake.hasResourceProperties("AWS::S3::Bucket", {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" } },
        ],
      },
      VersioningConfiguration: { Status: "Enabled" },
    });
    dataLake.hasResourceProperties("AWS::S3::BucketPolicy", {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
        ]),
      },
    });
    dataLake.hasResourceProperties("AWS::KMS::Key", { EnableKeyRotation: true });
  });

  it("retains data where the stage says so, and nowhere else", () => {
    const expected = config.retainsData ? "Retain" : "Delete";
    const kept = [
      ...Object.values(dataLake.findResources("AWS::S3::Bucket")),
      ...Object.values(dataLake.findResources("AWS::KMS::Key")),
    ];
    expect(kept.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(kept.map(() => expected));
    scoring.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: config.logRetentionInDays });
  });

  it("runs the function on Lambda's Node 24 for ARM, logging to its own group", () => {
    scoring.allResourcesProperties("AWS::Lambda::Function", {
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      LoggingConfig: { LogFormat: "JSON", LogGroup: Match.anyValue() },
      Environment: {
        Variables: Match.objectLike({
          NODE_OPTIONS: "--enable-source-maps",
          LEADGAUGE_BUCKET: Match.anyValue(),
          LEADGAUGE_STAGE: name,
        }),
      },
    });
  });

  it("asks every caller of the API for IAM credentials", () => {
    scoring.allResourcesProperties("AWS::ApiGateway::Method", { AuthorizationType: "AWS_IAM" });
    scoring.hasResourceProperties("AWS::ApiGateway::RestApi", {
      EndpointConfiguration: { Types: ["REGIONAL"] },
    });
  });

  it("throttles, and logs requests without what is in them", () => {
    const [stage] = Object.values(scoring.findResources("AWS::ApiGateway::Stage"));
    const settings = stage?.Properties.MethodSettings[0];
    expect(settings).toMatchObject({
      ThrottlingRateLimit: config.api.requestsPerSecond,
      ThrottlingBurstLimit: config.api.burst,
      LoggingLevel: "OFF",
      DataTraceEnabled: false,
    });
    const format: Record<string, string> = JSON.parse(stage?.Properties.AccessLogSetting.Format);
    expect(Object.values(format).filter((value) => !value.startsWith("$context."))).toEqual([]);
    expect(Object.values(format).filter((value) => /body|requestOverride|querystring/i.test(value))).toEqual(
      [],
    );
  });

  it("answers the gateway's own errors as problem details", () => {
    const responses = Object.values(scoring.findResources("AWS::ApiGateway::GatewayResponse"));
    const types = responses.map((response) => response.Properties.ResponseType);
    expect(types).toEqual(
      expect.arrayContaining(["DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED", "ACCESS_DENIED"]),
    );
    for (const { Properties: properties } of responses) {
      expect(properties.ResponseParameters).toEqual({
        "gatewayresponse.header.Content-Type": "'application/problem+json'",
        "gatewayresponse.header.X-Request-Id": "context.requestId",
      });
      const template: string = properties.ResponseTemplates["application/json"];
      // API Gateway puts a JSON text with its quotes in the place of messageString.
      const body = JSON.parse(template.replace("$context.error.messageString", '"Missing \\"token\\""'));
      expect(body).toMatchObject({
        type: expect.stringMatching(/^urn:leadgauge:problem:[a-z0-9-]+$/),
        title: expect.any(String),
        detail: 'Missing "token"',
        instance: "$context.requestId",
      });
      if (properties.StatusCode) expect(body.status).toBe(Number(properties.StatusCode));
    }
  });
});

describe("the configuration of a stage", () => {
  it("takes account and region from where it is deployed", () => {
    expect(stageConfig("dev", { account: "123456789012", region: "eu-central-1" })).toMatchObject({
      account: "123456789012",
      region: "eu-central-1",
    });
  });

  it("names the stages there are when another is asked for", () => {
    expect(() => stageConfig("production")).toThrow(/no stage "production".*dev, staging, prod/);
  });

  it("names every wrong setting", () => {
    const wrong = { ...stageConfig("dev"), logRetentionInDays: 8, name: "Dev", extra: 1 };
    expect(() => parseStageConfig(wrong)).toThrow(/name: .*\n.*logRetentionInDays: [\s\S]*extra/);
  });
});

/** Of the roles whose name has `part` in it. */
function policiesOfRoles(template: Template, part = ""): Statement[] {
  const inline = Object.values(template.findResources("AWS::IAM::Role"))
    .filter((role) => JSON.stringify(role.Properties.RoleName ?? "").includes(part))
    .flatMap((role) => role.Properties.Policies ?? []);
  const attached = Object.values(template.findResources("AWS::IAM::Policy")).map(
    (policy) => policy.Properties,
  );
  return [...inline, ...attached].flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}
