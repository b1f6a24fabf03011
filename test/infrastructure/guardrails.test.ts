import { beforeAll, describe, expect, it } from "vitest";
import type { StageSettings } from "../../lib/config/stage-config.ts";
import { everyResource, objectsIn } from "./rules/rule.ts";
import { resourcesOf, type SynthesisedStack, synthesise } from "./synthesise.ts";

const place = { account: "123456789012", region: "eu-central-1" };
const boundary = "arn:aws:iam::123456789012:policy/company/boundary";
const keyArn = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555";

const settings: StageSettings = {
  ...place,
  name: "prod",
  guardrails: {
    permissionsBoundaryArn: boundary,
    rolePath: "/teams/marketing/",
    rolePrefix: "mk-",
    bootstrapQualifier: "ourown",
    tags: { "cost-center": "4711", owner: "marketing" },
  },
  dataLake: { existingKeyArn: keyArn },
};

describe("guardrails", () => {
  let stacks: readonly SynthesisedStack[];
  beforeAll(() => {
    stacks = synthesise(settings);
  });
  const ours = () => resourcesOf(stacks, "AWS::IAM::Role");

  it("every role has the boundary", () => {
    const roles = ours();
    expect(roles.length).toBeGreaterThan(5);
    expect(roles.map(({ Properties }) => Properties.PermissionsBoundary)).toEqual(roles.map(() => boundary));
  });

  it("every role has the path and the prefix, and a name that IAM takes", () => {
    for (const { Properties } of ours()) {
      expect(Properties.Path).toBe("/teams/marketing/");
      expect(Properties.RoleName).toMatch(/^mk-leadgauge-prod-[a-z-]+-eu-central-1$/);
      expect(Properties.RoleName.length).toBeLessThanOrEqual(64);
    }
  });

  it("endpoints know the roles by their whole name", () => {
    const named = resourcesOf(stacks, "AWS::EC2::VPCEndpoint")
      .flatMap(({ Properties }) => objectsIn(Properties.PolicyDocument))
      .flatMap((value) => value["aws:PrincipalArn"] ?? []);
    const names = ours().map(
      ({ Properties: { RoleName } }) => `arn:aws:iam::123456789012:role/teams/marketing/${RoleName}`,
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((arn) => !names.includes(String(arn)))).toEqual([]);
  });

  it("no policy is attached from elsewhere but to API Gateway's own role", () => {
    expect(ours().filter(({ Properties }) => Properties.ManagedPolicyArns !== undefined)).toEqual([]);
    expect(resourcesOf(stacks, "AWS::IAM::ManagedPolicy")).toEqual([]);
  });

  it("everything that can have tags has the mandatory ones", () => {
    const tagged = everyResource(stacks).filter(({ Properties: { Tags: tags } }) => Array.isArray(tags));
    expect(tagged.length).toBeGreaterThan(20);
    for (const { Properties } of tagged) {
      expect(Properties.Tags).toEqual(
        expect.arrayContaining([
          { Key: "application", Value: "leadgauge" },
          { Key: "cost-center", Value: "4711" },
          { Key: "stage", Value: "prod" },
        ]),
      );
    }
  });

  it("the existing key encrypts, and none is created", () => {
    expect(
      resourcesOf(stacks, "AWS::KMS::Key").filter(({ Properties }) => Properties.KeyUsage !== "SIGN_VERIFY"),
    ).toEqual([]);
    for (const { Properties } of resourcesOf(stacks, "AWS::Logs::LogGroup"))
      expect(Properties.KmsKeyId).toBe(keyArn);
    expect(JSON.stringify(resourcesOf(stacks, "AWS::S3::Bucket"))).toContain(keyArn);
  });

  it("the qualifier finds the account's bootstrap, and its assets pass the endpoint", () => {
    const [gateway] = resourcesOf(stacks, "AWS::EC2::VPCEndpoint").filter(
      ({ Properties }) => Properties.VpcEndpointType === "Gateway",
    );
    expect(JSON.stringify(gateway)).toContain("arn:aws:s3:::cdk-ourown-assets-123456789012-eu-central-1/*");
    expect(JSON.stringify(resourcesOf(stacks, "AWS::Lambda::Function")[0]?.Properties.Code)).toContain(
      "cdk-ourown-assets",
    );
  });
});

describe.each([
  ["aws-cn", "cn-north-1"],
  ["aws-us-gov", "us-gov-west-1"],
])("partition %s", (partition, region) => {
  let text: string;
  let stacks: readonly SynthesisedStack[];
  beforeAll(() => {
    stacks = synthesise({ name: "prod", account: "123456789012", region });
    text = JSON.stringify(stacks.map(({ template }) => template));
  });

  it("no ARN is of another partition", () => {
    expect(text).not.toMatch(/arn:aws:/);
    expect(text).toContain(`arn:${partition}:`);
  });

  it("endpoints have the names they have there", () => {
    const names = resourcesOf(stacks, "AWS::EC2::VPCEndpoint").map(({ Properties }) =>
      JSON.stringify(Properties.ServiceName),
    );
    expect(names).toContain(`"com.amazonaws.${region}.kinesis-firehose"`);
    expect(names).toContain(
      partition === "aws-cn" ? `"cn.com.amazonaws.${region}.sqs"` : `"com.amazonaws.${region}.sqs"`,
    );
  });

  it("services are called by the names they have there", () => {
    // CloudFormation knows the suffix of the partition: amazonaws.com.cn in China.
    for (const service of ["s3", "sqs", "logs"]) {
      expect(text).toContain(`"${service}.${region}.",{"Ref":"AWS::URLSuffix"}`);
    }
    expect(text).not.toMatch(/"kms:ViaService":"/);
  });
});
