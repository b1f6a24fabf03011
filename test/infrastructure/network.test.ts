import { beforeAll, describe, expect, it } from "vitest";
import { endpointServices } from "../../lib/config/network-config.ts";
import type { StageSettings } from "../../lib/config/stage-config.ts";
import { interfaceServices } from "../../lib/network/interface-services.ts";
import { everyResource, everyStatement, textOf } from "./rules/rule.ts";
import {
  everythingSwitchedOn,
  resourcesOf,
  type SynthesisedStack,
  stacksOf,
  synthesise,
} from "./synthesise.ts";

const place = { account: "123456789012", region: "eu-central-1" };

/** IAM's name of a service, by the name of its endpoint where that differs. */
const iamNames: Readonly<Record<string, string>> = {
  "kinesis-firehose": "firehose",
  monitoring: "cloudwatch",
};

interface Use {
  readonly service: string;
  readonly caller: string;
  readonly actions: readonly string[];
}

describe.each<[string, () => readonly SynthesisedStack[]]>([
  ["prod", () => stacksOf("prod")],
  ["with everything switched on", () => stacksOf(everythingSwitchedOn.name)],
])("isolated network of stage %s", (_, synthesised) => {
  let stacks: readonly SynthesisedStack[];
  beforeAll(() => {
    stacks = synthesised();
  });

  it("has an endpoint for every call of every function inside, and none that nobody calls", () => {
    const needed = usesOf(stacks).map(describeUse);
    const given = endpointUses(stacks).map(describeUse);
    expect(needed.length).toBeGreaterThan(0);
    expect([...new Set(given)].sort()).toEqual([...new Set(needed)].sort());
  });

  it("names the services exactly", () => {
    const names = resourcesOf(stacks, "AWS::EC2::VPCEndpoint").map(
      ({ Properties }) => Properties.ServiceName,
    );
    expect(names).toEqual(
      expect.arrayContaining(["kinesis-firehose", "sqs"].map((name) => `com.amazonaws.eu-central-1.${name}`)),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it("lets nobody but roles of the stage through, apart from the account reading its assets", () => {
    for (const { PolicyDocument } of resourcesOf(stacks, "AWS::EC2::VPCEndpoint").map(
      ({ Properties }) => Properties,
    )) {
      for (const { Effect, Principal, Condition, Sid } of PolicyDocument.Statement) {
        expect([Effect, Principal]).toEqual(["Allow", "*"]);
        if (Sid === "ReadAssets")
          expect(Condition).toEqual({ StringEquals: { "aws:PrincipalAccount": place.account } });
        else expect(Object.keys(Condition.ArnEquals)).toEqual(["aws:PrincipalArn"]);
      }
    }
  });

  it("has three zones, and no way to the internet", () => {
    expect(resourcesOf(stacks, "AWS::EC2::Subnet")).toHaveLength(3);
    const zones = resourcesOf(stacks, "AWS::EC2::Subnet").map(({ Properties }) =>
      JSON.stringify(Properties.AvailabilityZone),
    );
    expect(new Set(zones).size).toBe(3);
    for (const type of ["InternetGateway", "NatGateway", "Route", "EgressOnlyInternetGateway", "EIP"]) {
      expect(resourcesOf(stacks, `AWS::EC2::${type}`)).toEqual([]);
    }
  });

  it("logs who connected to whom", () => {
    expect(resourcesOf(stacks, "AWS::EC2::FlowLog").map(({ Properties }) => Properties.TrafficType)).toEqual([
      "ALL",
    ]);
  });

  it("keeps every group and every rule of it in the network stack", () => {
    for (const type of ["SecurityGroup", "SecurityGroupIngress", "SecurityGroupEgress"]) {
      for (const { stack } of resourcesOf(stacks, `AWS::EC2::${type}`)) expect(stack).toBe("network");
    }
  });

  it("lets functions reach endpoints and S3, by port 443, and nothing reach functions", () => {
    const groups = resourcesOf(stacks, "AWS::EC2::SecurityGroup");
    const functions = groups.find(({ Properties }) => Properties.GroupDescription === "Leadgauge: functions");
    expect(functions?.Properties.SecurityGroupIngress).toBeUndefined();
    const egress = [
      ...(functions?.Properties.SecurityGroupEgress ?? []),
      ...resourcesOf(stacks, "AWS::EC2::SecurityGroupEgress").map(({ Properties }) => Properties),
    ];
    expect(egress.map(({ FromPort, ToPort }) => [FromPort, ToPort])).toEqual(egress.map(() => [443, 443]));
    expect(egress.map(({ Description }) => Description).sort()).toEqual([
      "to S3",
      "to endpoints of AWS services",
    ]);
    expect(egress.some(({ DestinationPrefixListId }) => DestinationPrefixListId !== undefined)).toBe(true);
  });

  it("closes the group that a VPC begins with", () => {
    const [setup] = resourcesOf(stacks, "Custom::NetworkSetup");
    expect(setup?.Properties.DefaultSecurityGroupId["Fn::GetAtt"][1]).toBe("DefaultSecurityGroup");
  });

  it("leaves outside only what must answer or reach what is outside", () => {
    const outside = resourcesOf(stacks, "AWS::Lambda::Function")
      .filter(({ Properties }) => Properties.VpcConfig === undefined)
      .map(({ Properties }) => Properties.FunctionName.replace(/^leadgauge-[a-z]+-/, ""));
    const mayBe = ["alert-webhook", "canary", "manifest-public-key", "network-setup"];
    expect(outside.filter((name) => !mayBe.includes(name))).toEqual([]);
  });
});

describe("the test of endpoints", () => {
  it("would find a call without an endpoint, and an endpoint without a caller", () => {
    const stacks = stacksOf("prod");
    const [use] = endpointUses(stacks);
    const missing = usesOf(stacks.filter(({ purpose }) => purpose !== "batch")).map(describeUse);
    expect(use).toBeDefined();
    expect(new Set(missing)).not.toEqual(new Set(endpointUses(stacks).map(describeUse)));
  });
});

describe("the standard network", () => {
  it("runs functions outside, without the cost of endpoints", () => {
    const stacks = stacksOf("dev");
    expect(resourcesOf(stacks, "AWS::EC2::VPCEndpoint")).toEqual([]);
    const inside = resourcesOf(stacks, "AWS::Lambda::Function").filter(
      ({ Properties }) => Properties.VpcConfig,
    );
    expect(inside).toEqual([]);
    expect(resourcesOf(stacks, "AWS::EC2::Subnet")).toHaveLength(3);
  });
});

describe("a network that exists", () => {
  const subnets = ["a", "b", "c"].map((letter, index) => ({
    id: `subnet-0000000${index}`,
    zone: `eu-central-1${letter}`,
    routeTableId: `rtb-0000000${index}`,
  }));
  const settings = (endpoints: Record<string, string>): StageSettings => ({
    ...place,
    name: "prod",
    network: { existing: { vpcId: "vpc-00000000", cidr: "10.0.0.0/16", subnets, endpoints } },
  });

  it("is used as it is: no VPC, no subnet, no flow log, and its default group stays", () => {
    const stacks = synthesise(settings({}));
    for (const type of ["VPC", "Subnet", "RouteTable", "FlowLog"]) {
      expect(resourcesOf(stacks, `AWS::EC2::${type}`)).toEqual([]);
    }
    expect(resourcesOf(stacks, "Custom::NetworkSetup")[0]?.Properties.DefaultSecurityGroupId).toBeUndefined();
    expect(everyStatement(stacks).flatMap(({ actions }) => actions)).not.toContain(
      "ec2:RevokeSecurityGroupEgress",
    );
    const [gateway] = resourcesOf(stacks, "AWS::EC2::VPCEndpoint").filter(
      ({ Properties }) => Properties.VpcEndpointType === "Gateway",
    );
    expect(gateway?.Properties.RouteTableIds).toEqual(subnets.map(({ routeTableId }) => routeTableId));
    const inside = resourcesOf(stacks, "AWS::Lambda::Function").filter(
      ({ Properties }) => Properties.VpcConfig,
    );
    expect(inside.length).toBeGreaterThan(0);
    for (const { Properties } of inside)
      expect(Properties.VpcConfig.SubnetIds).toEqual(subnets.map(({ id }) => id));
  });

  it("keeps the endpoints it has, and gets those it lacks", () => {
    const names = (stacks: readonly SynthesisedStack[]) =>
      resourcesOf(stacks, "AWS::EC2::VPCEndpoint").map(({ Properties }) => serviceOf(Properties));
    const all = names(synthesise(settings({})));
    const some = names(synthesise(settings({ s3: "vpce-00000000", "kinesis-firehose": "vpce-00000001" })));
    expect(some).toEqual(all.filter((name) => name !== "s3" && name !== "kinesis-firehose"));
  });

  it("may name an endpoint for each service that somebody inside calls, and for no other", () => {
    const names = Object.values(interfaceServices).map(({ shortName }) => shortName);
    expect([...endpointServices].sort()).toEqual(["s3", ...names].sort());
    const called = resourcesOf(stacksOf(everythingSwitchedOn.name), "AWS::EC2::VPCEndpoint");
    expect(called.map(({ Properties }) => serviceOf(Properties)).sort()).toEqual(
      [...endpointServices].sort(),
    );
  });

  it("is reached at the endpoints it has, within its range", () => {
    const stacks = synthesise(settings({ sqs: "vpce-00000000" }));
    const groups = resourcesOf(stacks, "AWS::EC2::SecurityGroup").flatMap(
      ({ Properties }) => Properties.SecurityGroupEgress ?? [],
    );
    expect(groups).toContainEqual(
      expect.objectContaining({ CidrIp: "10.0.0.0/16", FromPort: 443, ToPort: 443 }),
    );
  });
});

/**
 * What functions inside the VPC call over the network, by their roles: not what Lambda does for them (logs, traces, placement,
 * dead letters), nor what a service does with a key for them.
 */
function usesOf(stacks: readonly SynthesisedStack[]): readonly Use[] {
  const resources = everyResource(stacks);
  return resources
    .filter(({ Type, Properties }) => Type === "AWS::Lambda::Function" && Properties.VpcConfig !== undefined)
    .flatMap(({ Properties: { FunctionName, Role } }) => {
      const role = resources.find(({ place: at }) => at.endsWith(`/${Role["Fn::GetAtt"][0]}`));
      const statements: { Effect: string; Sid: string; Action: string | string[]; Condition?: object }[] =
        role?.Properties.Policies.flatMap(
          ({ PolicyDocument }: { PolicyDocument: { Statement: [] } }) => PolicyDocument.Statement,
        ) ?? [];
      return statements
        .filter(
          ({ Effect, Sid, Condition }) =>
            Effect === "Allow" &&
            !ofLambda.includes(Sid) &&
            !JSON.stringify(Condition ?? {}).includes("kms:ViaService"),
        )
        .flatMap(({ Action }) => [Action].flat())
        .map((action) => ({ service: action.split(":")[0] ?? "", caller: FunctionName, actions: [action] }));
    });
}

/** Sids of what Lambda does with the role, from outside of the VPC. */
const ofLambda = ["WriteOwnLog", "WriteTraces", "BePlacedInVpc", "SendDeadLetters", "DrainQueue"];

/** What the endpoints let through, by the roles that they name. */
function endpointUses(stacks: readonly SynthesisedStack[]): readonly Use[] {
  return resourcesOf(stacks, "AWS::EC2::VPCEndpoint").flatMap(({ Properties }) => {
    const endpoint = serviceOf(Properties);
    return Properties.PolicyDocument.Statement.filter(
      ({ Sid }: { Sid?: string }) => Sid !== "ReadAssets",
    ).flatMap(
      ({
        Action,
        Condition,
      }: {
        Action: string | string[];
        Condition: { ArnEquals: Record<string, string> };
      }) =>
        [Action].flat().map((action) => ({
          service: iamNames[endpoint] ?? endpoint,
          caller: Condition.ArnEquals["aws:PrincipalArn"]?.replace(/^.*\/(.*)-eu-central-1$/, "$1") ?? "",
          actions: [action],
        })),
    );
  });
}

/** `sqs` of `com.amazonaws.eu-central-1.sqs`. */
function serviceOf({ ServiceName }: { ServiceName: unknown }): string {
  return textOf(ServiceName).split(".").at(-1) ?? "";
}

function describeUse({ service, caller, actions }: Use): string {
  return `${caller} calls ${service}: ${actions.join(", ")}`;
}
