import { type RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import { resourceNames } from "../config/names.ts";
import type { StageConfig } from "../config/stage-config.ts";

/**
 * The key of everything at rest: bucket, logs, queues, topics. Its policy is complete here and names services, never roles of
 * other stacks: those are let in by their own policies.
 */
export function dataKey(scope: Construct, config: StageConfig, removalPolicy: RemovalPolicy): IKey {
  const { existingKeyArn } = config.dataLake;
  if (existingKeyArn) return Key.fromKeyArn(scope, "Key", existingKeyArn);
  const key = new Key(scope, "Key", {
    description: `Leadgauge ${config.name}: encrypts data, logs, queues and topics`,
    alias: `alias/${resourceNames(config.name).resource("data")}`,
    enableKeyRotation: true,
    removalPolicy,
  });
  for (const statement of serviceStatements(scope, config)) key.addToResourcePolicy(statement);
  return key;
}

/** What services do with the key on their own account, without a role of ours. */
function serviceStatements(scope: Construct, { name }: StageConfig): PolicyStatement[] {
  const { partition, region, account, urlSuffix } = Stack.of(scope);
  const names = resourceNames(name);
  return [
    new PolicyStatement({
      sid: "LogsEncryptOurLogGroups",
      principals: [new ServicePrincipal(`logs.${region}.${urlSuffix}`)],
      actions: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
      resources: ["*"],
      conditions: {
        ArnLike: {
          "kms:EncryptionContext:aws:logs:arn": `arn:${partition}:logs:${region}:${account}:log-group:${names.logGroup("*")}`,
        },
      },
    }),
    // EventBridge puts what it could not deliver into encrypted queues; alarms are published to the encrypted topic.
    new PolicyStatement({
      sid: "EventsAndAlarmsReachQueuesAndTopics",
      principals: ["events", "cloudwatch"].map((service) => new ServicePrincipal(`${service}.amazonaws.com`)),
      actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
      resources: ["*"],
      conditions: { StringEquals: { "aws:SourceAccount": account } },
    }),
  ];
}
