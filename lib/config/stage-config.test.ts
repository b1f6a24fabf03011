import { describe, expect, it } from "vitest";
import { parseStageConfig, type StageSettings } from "./stage-config.ts";
import { stageConfig, stageNames } from "./stages.ts";

const subnets = ["a", "b", "c"].map((letter, index) => ({
  id: `subnet-0000000${index}`,
  zone: `eu-central-1${letter}`,
  routeTableId: "rtb-00000000",
}));
const existing = { vpcId: "vpc-00000000", cidr: "10.0.0.0/16", subnets };

describe("the configuration of a stage", () => {
  it("has a default for everything but its name, and the defaults isolate and keep", () => {
    expect(parseStageConfig({ name: "x" })).toMatchObject({
      target: "aws",
      retainsData: true,
      network: { mode: "isolated", cidr: "10.20.0.0/20" },
      guardrails: { rolePath: "/", rolePrefix: "", tags: {} },
    });
  });

  it.each(stageNames)("of stage %s is right", (name) => {
    expect(stageConfig(name).name).toBe(name);
  });

  it("takes account, region and target from the deployment", () => {
    const deployment = { account: "123456789012", region: "eu-central-1", target: "emulator" };
    expect(stageConfig("dev", deployment)).toMatchObject(deployment);
    expect(stageConfig("dev", { account: undefined, region: "" }).region).toBeUndefined();
  });

  it("names every wrong setting at once", () => {
    const wrong = { name: "Dev", logRetentionInDays: 8, network: { mode: "open" }, extra: 1 };
    expect(() => parseStageConfig(wrong)).toThrow(
      /name: must be[\s\S]*logRetentionInDays: [\s\S]*network\.mode: [\s\S]*extra/,
    );
  });

  it.each<[string, Partial<StageSettings>, RegExp]>([
    [
      "a range that is none",
      { network: { cidr: "10.20.0.0" } },
      /network\.cidr: must be an address range such as/,
    ],
    [
      "a number beyond 255",
      { network: { cidr: "10.256.0.0/20" } },
      /network\.cidr: .*each of the four numbers is 0 to 255/,
    ],
    ["a prefix too long", { network: { cidr: "10.20.0.0/29" } }, /network\.cidr: .*\/16 to \/28/],
    ["a prefix too short", { network: { cidr: "10.0.0.0/8" } }, /network\.cidr: .*\/16 to \/28/],
    [
      "a range that is not aligned",
      { network: { cidr: "10.20.1.0/20" } },
      /must begin where a \/20 begins: 10\.20\.0\.0\/20 does/,
    ],
    ["a public range", { network: { cidr: "8.8.0.0/16" } }, /network\.cidr: must be within 10\.0\.0\.0\/8/],
    ["a range half private", { network: { cidr: "172.32.0.0/16" } }, /must be within/],
    ["too few addresses", { network: { cidr: "10.20.0.0/25" } }, /network\.cidr: must leave a free address/],
    [
      "too few addresses for the warehouse",
      { network: { cidr: "10.20.0.0/22" }, warehouse: { maximumCapacityInRpu: 512 } },
      /network\.cidr: must leave a free address/,
    ],
    [
      "no signing key to trust",
      { dataLake: { trustsOwnSigningKey: false } },
      /dataLake\.trustsOwnSigningKey: may be false only where dataLake\.trustedManifestKeys has a key/,
    ],
    [
      "two zones",
      { network: { zones: ["eu-central-1a", "eu-central-1b"] } },
      /network\.zones: must be 3 zones/,
    ],
    [
      "the same zone",
      { network: { zones: ["eu-central-1a", "eu-central-1a", "eu-central-1b"] } },
      /network\.zones: must be different/,
    ],
    [
      "zones of another region",
      { region: "eu-west-1", network: { zones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"] } },
      /network\.zones: must be zones of the stage's region/,
    ],
    [
      "two subnets",
      { network: { existing: { ...existing, subnets: subnets.slice(1) } } },
      /network\.existing\.subnets: must be 3 subnets/,
    ],
    [
      "a range that no VPC has",
      { network: { existing: { ...existing, cidr: "127.0.0.0/16" } } },
      /network\.existing\.cidr: must not be within/,
    ],
    [
      "an endpoint by the name that IAM has for the service",
      { network: { existing: { ...existing, endpoints: { firehose: "vpce-00000000" } } } },
      /endpoints\.firehose: is no service .* did you mean "kinesis-firehose"\? Those are execute-api, /,
    ],
    [
      "an endpoint by its whole name",
      {
        network: {
          existing: { ...existing, endpoints: { "com.amazonaws.eu-central-1.sqs": "vpce-00000000" } },
        },
      },
      /did you mean "sqs"\?/,
    ],
    [
      "an endpoint of a service that is not called",
      { network: { existing: { ...existing, endpoints: { constructor: "vpce-00000000" } } } },
      /endpoints\.constructor: is no service that functions reach by an endpoint\. Those are/,
    ],
    [
      "subnets in one zone",
      {
        network: {
          existing: { ...existing, subnets: subnets.map((subnet) => ({ ...subnet, zone: "eu-central-1a" })) },
        },
      },
      /network\.existing\.subnets: must be in different zones/,
    ],
    [
      "an id that is none",
      { network: { existing: { ...existing, vpcId: "vpc" } } },
      /network\.existing\.vpcId: must be an id such as vpc-/,
    ],
    [
      "5 RPU",
      { warehouse: { baseCapacityInRpu: 5 } },
      /warehouse\.baseCapacityInRpu: must be 4, or 8 to 512 in steps of 8/,
    ],
    [
      "520 RPU",
      { warehouse: { maximumCapacityInRpu: 520 } },
      /warehouse\.maximumCapacityInRpu: must be 4, or/,
    ],
    [
      "a maximum below the base",
      { warehouse: { baseCapacityInRpu: 64, maximumCapacityInRpu: 8 } },
      /maximumCapacityInRpu: must not be less/,
    ],
    ["a retention", { logRetentionInDays: 8 }, /logRetentionInDays: .*1, 3, 5, 7, 14/],
    ["a schedule", { scoring: { canaryEveryMinutes: 0 } }, /scoring\.canaryEveryMinutes: /],
    ["an account", { account: "1234" }, /account: must be an account number: 12 digits/],
    ["a region", { region: "Frankfurt" }, /region: must be a region such as/],
    [
      "an alias for a key",
      { dataLake: { existingKeyArn: "arn:aws:kms:eu-central-1:123456789012:alias/a" } },
      /dataLake\.existingKeyArn: .*an alias can be moved/,
    ],
    [
      "a channel's name for its id",
      { alerts: { slack: { workspaceId: "T0123ABCD", channelId: "#alerts" } } },
      /alerts\.slack\.channelId: must be a channel's id, the end of its link/,
    ],
    [
      "a link of Teams that is not encoded",
      {
        alerts: {
          teams: {
            tenantId: "11111111-2222-3333-4444-555555555555",
            teamId: "my team",
            channelId: "19:a@thread.tacv2",
          },
        },
      },
      /alerts\.teams\.teamId: must be the team's id: a GUID\n.*alerts\.teams\.channelId: must be a channel's id/,
    ],
    [
      "a publisher with a wildcard",
      { dataLake: { modelPublishers: ["arn:aws:iam::123456789012:role/*"] } },
      /dataLake\.modelPublishers\.0: .*without wildcards/,
    ],
    [
      "a role path",
      { guardrails: { rolePath: "team" } },
      /guardrails\.rolePath: must begin and end with "\/"/,
    ],
    [
      "a boundary",
      { guardrails: { permissionsBoundaryArn: "boundary" } },
      /guardrails\.permissionsBoundaryArn: must be the ARN of an IAM policy/,
    ],
    [
      "a tag of AWS",
      { guardrails: { tags: { "aws:x": "1" } } },
      /guardrails\.tags: may not begin with "aws:"/,
    ],
    [
      "a qualifier",
      { guardrails: { bootstrapQualifier: "Our-Own" } },
      /guardrails\.bootstrapQualifier: must be up to 10/,
    ],
    [
      "a prefix that makes names too long",
      { guardrails: { rolePrefix: "a".repeat(40) } },
      /name: and guardrails\.rolePrefix may have \d+ characters/,
    ],
  ])("refuses %s, by its path and with what is allowed", (_, settings, message) => {
    expect(() => parseStageConfig({ name: "x", ...settings })).toThrow(message);
  });

  it.each([4, 8, 16, 512, 1_024])("takes %s RPU", (rpu) => {
    const warehouse = { baseCapacityInRpu: rpu, maximumCapacityInRpu: 1_024 };
    const network = { cidr: "10.0.0.0/16" };
    expect(parseStageConfig({ name: "x", network, warehouse }).warehouse.baseCapacityInRpu).toBe(rpu);
  });

  it.each(["10.0.0.0/16", "172.31.240.0/20", "192.168.4.0/22"])("takes the range %s", (cidr) => {
    expect(parseStageConfig({ name: "x", network: { cidr } }).network.cidr).toBe(cidr);
  });

  it.each(["10.0.0.0/16", "100.64.0.0/16", "52.10.16.0/20"])(
    "takes a VPC that exists with the range %s",
    (cidr) => {
      const network = { existing: { ...existing, cidr } };
      expect(parseStageConfig({ name: "x", network }).network.existing?.cidr).toBe(cidr);
    },
  );
});
