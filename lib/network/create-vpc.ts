import { RemovalPolicy, Stack } from "aws-cdk-lib";
import { CfnFlowLog, IpAddresses, type IVpc, SubnetType, Vpc } from "aws-cdk-lib/aws-ec2";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { resourceNames } from "../config/names.ts";
import { SUBNET_BITS, ZONE_COUNT } from "../config/network-config.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { LeadgaugeRole } from "../constructs/leadgauge-role.ts";

/** A VPC of isolated subnets: no internet gateway, no NAT, and a log of who connected to whom. */
export function createVpc(scope: Construct, config: StageConfig, key: IKey): IVpc {
  const { cidr } = config.network;
  const prefix = Number(cidr.split("/")[1]);
  const vpc = new Vpc(scope, "Vpc", {
    vpcName: resourceNames(config.name).resource("vpc"),
    ipAddresses: IpAddresses.cidr(cidr),
    maxAzs: ZONE_COUNT,
    subnetConfiguration: [
      { name: "isolated", subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: prefix + SUBNET_BITS },
    ],
    natGateways: 0,
    createInternetGateway: false,
    // CDK's way is a function of its own with more permissions than it needs: network-setup does it.
    restrictDefaultSecurityGroup: false,
  });
  logFlows(scope, config, vpc, key);
  return vpc as IVpc;
}

function logFlows(scope: Construct, config: StageConfig, vpc: Vpc, key: IKey): void {
  const logGroup = new LogGroup(scope, "FlowLog", {
    logGroupName: resourceNames(config.name).logGroup("flow-logs"),
    encryptionKey: key,
    retention: config.network.flowLogRetentionInDays,
    removalPolicy: config.retainsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  const role = new LeadgaugeRole(scope, "FlowLogRole", {
    config,
    purpose: "flow-logs",
    description: "Leadgauge: writes the log of the network's connections",
    assumedBy: new ServicePrincipal("vpc-flow-logs.amazonaws.com", {
      conditions: { StringEquals: { "aws:SourceAccount": Stack.of(scope).account } },
    }),
    statements: [
      new PolicyStatement({
        sid: "WriteFlowLog",
        actions: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        resources: [logGroup.logGroupArn],
      }),
    ],
  });
  new CfnFlowLog(scope, "VpcFlowLog", {
    resourceId: vpc.vpcId,
    resourceType: "VPC",
    trafficType: "ALL",
    logDestinationType: "cloud-watch-logs",
    logGroupName: logGroup.logGroupName,
    deliverLogsPermissionArn: role.roleArn,
    maxAggregationInterval: 600,
  });
}
