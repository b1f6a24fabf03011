import { everyResource, type Rule } from "./rule.ts";

/** Names of services' endpoints as AWS publishes them, of those that Leadgauge may use. */
const SERVICES = [
  "s3",
  "athena",
  "events",
  "execute-api",
  "glue",
  "kinesis-firehose",
  "kms",
  "lambda",
  "logs",
  "monitoring",
  "redshift-data",
  "secretsmanager",
  "sns",
  "sqs",
  "states",
  "sts",
];

/** Endpoints of services that exist, in the region that is deployed to. */
export const endpointServices: Rule = (stacks) =>
  everyResource(stacks)
    .filter(({ Type }) => Type === "AWS::EC2::VPCEndpoint")
    .filter(({ Properties }) => !isKnown(Properties.ServiceName))
    .map(
      ({ place, Properties }) =>
        `${place}: no service has an endpoint ${JSON.stringify(Properties.ServiceName)}`,
    );

/** `com.amazonaws.eu-central-1.sqs`; in China some are `cn.com.amazonaws.cn-north-1.sqs`. Without a region it is joined. */
function isKnown(name: unknown): boolean {
  const text = typeof name === "string" ? name : joined(name);
  const match = /^(cn\.)?com\.amazonaws\.(\{region\}|[a-z]{2}(?:-[a-z]+)+-\d)\.([a-z0-9.-]+)$/.exec(text);
  return SERVICES.includes(match?.[3] ?? "");
}

function joined(value: unknown): string {
  const parts = (value as { "Fn::Join"?: [string, unknown[]] } | undefined)?.["Fn::Join"]?.[1] ?? [];
  return parts
    .map((part) => ((part as { Ref?: string }).Ref === "AWS::Region" ? "{region}" : String(part)))
    .join("");
}
