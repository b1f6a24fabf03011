import { everyStatement, type PlacedStatement, type Rule } from "./rule.ts";

/** Actions for which the service has no resources to name, or checks a call on all of them; each with the AWS document. */
export const actionsWithoutResource: Readonly<Record<string, string>> = {
  "ec2:AssignPrivateIpAddresses": "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
  "ec2:CreateNetworkInterface": "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
  "ec2:DeleteNetworkInterface": "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
  "ec2:DescribeNetworkInterfaces": "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
  "ec2:DescribeSubnets": "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
  "ec2:UnassignPrivateIpAddresses": "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
  "ec2:DescribePrefixLists":
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html",
  "logs:CreateLogDelivery": "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
  "logs:DeleteLogDelivery": "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
  "logs:DescribeLogGroups": "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
  "logs:DescribeResourcePolicies": "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
  "logs:GetLogDelivery": "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
  "logs:ListLogDeliveries": "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
  "logs:PutResourcePolicy": "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
  "logs:UpdateLogDelivery": "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
  "xray:GetSamplingRules": "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html",
  "xray:GetSamplingTargets":
    "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html",
  "xray:PutTelemetryRecords":
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html",
  "xray:PutTraceSegments":
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html",
  "cloudwatch:GetMetricData":
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html",
  "cloudwatch:DescribeAlarms":
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html",
};

/** Nobody is allowed every action of a service, nor an action on everything that could be narrowed. */
export const noWildcards: Rule = (stacks) =>
  everyStatement(stacks)
    .filter(({ effect }) => effect === "Allow")
    .flatMap((statement) => [
      ...(isOfKey(statement) ? [] : wildActions(statement)),
      ...(isOfRole(statement) ? wildResources(statement) : []),
    ]);

/** In a key's own policy `kms:*` for the account hands the key to the account's policies, and `*` is that key. */
const isOfKey = ({ type }: PlacedStatement) => type === "AWS::KMS::Key";
const isOfRole = ({ type }: PlacedStatement) => type.startsWith("AWS::IAM::");

function wildActions({ place, actions }: PlacedStatement): string[] {
  return actions.filter((action) => action.includes("*")).map((action) => `${place}: allows ${action}`);
}

function wildResources({ place, actions, resources }: PlacedStatement): string[] {
  if (!resources.includes("*")) return [];
  return actions
    .filter((action) => !(action in actionsWithoutResource))
    .map((action) => `${place}: allows ${action} on every resource`);
}
