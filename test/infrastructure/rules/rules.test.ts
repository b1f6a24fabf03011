import { describe, expect, it } from "vitest";
import { checkedStages, type Resource, type SynthesisedStack, stacksOf } from "../synthesise.ts";
import { rules } from "./index.ts";

describe.each(checkedStages)("templates of stage %s", (stage) => {
  it.each(Object.entries(rules))("%s", async (_, rule) => {
    expect(await rule(stacksOf(stage))).toEqual([]);
  });
});

const statement = (extra: object) => ({ Statement: [{ Effect: "Allow", Action: "s3:GetObject", ...extra }] });
const role = (extra: object) => ({
  Type: "AWS::IAM::Role",
  Properties: { Policies: [{ PolicyDocument: statement(extra) }] },
});
const group = (rule: object) => ({
  Type: "AWS::EC2::SecurityGroup",
  Properties: { SecurityGroupIngress: [{ IpProtocol: "tcp", FromPort: 443, ToPort: 443, ...rule }] },
});
const vpc = (CidrBlock: string) => ({ Type: "AWS::EC2::VPC", Properties: { CidrBlock } });
const subnet = (CidrBlock: string) => ({ Type: "AWS::EC2::Subnet", Properties: { CidrBlock } });
const workgroup = (properties: object) => ({
  Type: "AWS::RedshiftServerless::Workgroup",
  Properties: properties,
});
const endpoint = (ServiceName: unknown) => ({ Type: "AWS::EC2::VPCEndpoint", Properties: { ServiceName } });
const queue = (QueueName: string) => ({ Type: "AWS::SQS::Queue", Properties: { QueueName } });
const variables = (Variables: object) => ({
  Type: "AWS::Lambda::Function",
  Properties: { Environment: { Variables } },
});

/** For each rule: resources with a fault, and what is said of it. */
const faults: readonly (readonly [keyof typeof rules, RegExp, ...Resource[]])[] = [
  ["capacity of the warehouse", /BaseCapacity 5 /, workgroup({ BaseCapacity: 5 })],
  ["capacity of the warehouse", /MaxCapacity 520 /, workgroup({ BaseCapacity: 8, MaxCapacity: 520 })],
  ["version of Glue", /9\.9 is not one of/, { Type: "AWS::Glue::Job", Properties: { GlueVersion: "9.9" } }],
  ["version of Glue", /undefined is not/, { Type: "AWS::Glue::Job", Properties: {} }],
  ["known actions", /no action s3:GetObjekt/, role({ Action: "s3:GetObjekt", Resource: "arn:aws:s3:::b/*" })],
  [
    "known actions",
    /no action s4:GetObject/,
    role({ Action: ["s3:GetObject", "s4:GetObject"], Resource: "arn:aws:s3:::b/*" }),
  ],
  ["no wildcards", /allows \*/, role({ Action: "*", Resource: "*" })],
  ["no wildcards", /allows \*:\*/, role({ Action: "*:*", Resource: "*" })],
  ["no wildcards", /allows s3:Get\*/, role({ Action: "s3:Get*", Resource: "arn:aws:s3:::b/*" })],
  ["no wildcards", /allows s3:GetObject on every resource/, role({ Resource: "*" })],
  [
    "no wildcards",
    /allows sqs:\*/,
    {
      Type: "AWS::SQS::QueuePolicy",
      Properties: { PolicyDocument: statement({ Action: "sqs:*", Principal: "*" }) },
    },
  ],
  ["security groups", /FromPort 70000 is no port/, group({ FromPort: 70_000, ToPort: 70_000 })],
  ["security groups", /wrong order/, group({ FromPort: 444 })],
  ["security groups", /open to 0\.0\.0\.0\/0/, group({ CidrIp: "0.0.0.0/0" })],
  [
    "security groups",
    /open to ::\/0/,
    {
      Type: "AWS::EC2::SecurityGroupEgress",
      Properties: { IpProtocol: "tcp", FromPort: 443, ToPort: 443, CidrIpv6: "::/0" },
    },
  ],
  ["security groups", /every protocol/, group({ IpProtocol: "-1" })],
  ["address ranges", /10\.20\.1\.0\/20 must begin where/, vpc("10.20.1.0/20")],
  ["address ranges", /300\.20\.0\.0\/20 must be/, vpc("300.20.0.0/20")],
  ["address ranges", /lies in no VPC/, vpc("10.20.0.0/20"), subnet("10.30.0.0/22")],
  ["address ranges", /overlaps/, vpc("10.20.0.0/20"), subnet("10.20.0.0/22"), subnet("10.20.2.0/23")],
  [
    "names of endpoints",
    /no service has an endpoint "com\.amazonaws\.eu-central-1\.firehose"/,
    endpoint("com.amazonaws.eu-central-1.firehose"),
  ],
  [
    "names of endpoints",
    /\.cloudwatch/,
    endpoint({ "Fn::Join": ["", ["com.amazonaws.", { Ref: "AWS::Region" }, ".cloudwatch"]] }),
  ],
  ["no secrets", /DB_PASSWORD holds a secret/, variables({ DB_PASSWORD: "correct horse battery" })],
  ["no secrets", /URL holds a secret/, variables({ URL: "https://hooks.slack.com/services/T0/B0/xyz" })],
  ["no secrets", /ANYTHING holds a secret/, variables({ ANYTHING: `AKIA${"ABCDEFGHIJKLMNOP"}` })],
  ["unique names", /has the same QueueName as scoring\/Fault0/, queue("leads"), queue("leads")],
];

describe("a rule finds its fault", () => {
  it.each(faults.map(([rule, finding, ...resources]) => ({ rule, finding, resources })))(
    "$rule: $finding",
    async ({ rule, finding, resources }) => {
      const Resources = Object.fromEntries(resources.map((resource, index) => [`Fault${index}`, resource]));
      const found = (await rules[rule]?.([stack("scoring", { Resources })])) ?? [];
      expect(found).toEqual(expect.arrayContaining([expect.stringMatching(finding)]));
      expect(found.filter((text) => !/^scoring\/Fault\d: /.test(text))).toEqual([]);
    },
  );

  const exported = (Value: unknown) => ({
    Resources: {},
    Outputs: { Out: { Value, Export: { Name: "x" } } },
  });

  it("stack borders: what stays behind of a stack without data", async () => {
    const Resources = { Kept: { Type: "AWS::SQS::Queue", Properties: {}, DeletionPolicy: "Retain" } };
    expect(await rules["stack borders"]?.([stack("batch", { Resources })])).toEqual([
      expect.stringContaining("batch/Kept: stays behind"),
    ]);
    expect(await rules["stack borders"]?.([stack("network", { Resources })])).toEqual([]);
  });

  it("stack borders: an export of a stack without data", async () => {
    expect(await rules["stack borders"]?.([stack("scoring", exported({ Ref: "Function" }))])).toEqual([
      expect.stringContaining("scoring: exports"),
    ]);
    expect(await rules["stack borders"]?.([stack("data-lake", exported({ Ref: "Bucket" }))])).toEqual([]);
  });

  it("stack borders: an exported version of a function", async () => {
    const Resources = { Version1: { Type: "AWS::Lambda::Version", Properties: {} } };
    const template = { ...exported({ Ref: "Version1" }), Resources };
    expect(await rules["stack borders"]?.([stack("data-lake", template)])).toEqual([
      expect.stringContaining("exports a version of a function"),
    ]);
  });

  it("stack borders: a weak reference", async () => {
    const Resources = { Weak: queue({ "Fn::GetStackOutput": { StackName: "other" } } as unknown as string) };
    expect(await rules["stack borders"]?.([stack("scoring", { Resources })])).toEqual([
      "scoring/Weak: refers to another stack weakly",
    ]);
  });

  it("stack borders: a circle", async () => {
    const circle = [
      stack("a", { Resources: {} }, ["b"]),
      stack("b", { Resources: {} }, ["a"]),
      stack("c", { Resources: {} }),
    ];
    expect(await rules["stack borders"]?.(circle)).toEqual(["stacks depend on each other: a, b"]);
  });
});

function stack(
  purpose: string,
  template: SynthesisedStack["template"],
  dependencies: string[] = [],
): SynthesisedStack {
  return { name: purpose, purpose, template, dependencies, terminationProtection: false };
}
