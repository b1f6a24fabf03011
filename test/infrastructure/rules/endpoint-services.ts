import { everyResource, type Rule, textOf } from "./rule.ts";

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
  const match = /^(cn\.)?com\.amazonaws\.(\{region\}|[a-z]{2}(?:-[a-z]+)+-\d)\.([a-z0-9.-]+)$/.exec(
    textOf(name),
  );
  return SERVICES.includes(match?.[3] ?? "");
}
