import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Stats } from "aws-cdk-lib/aws-cloudwatch";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { CfnSubscription } from "aws-cdk-lib/aws-sns";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { resourceNames } from "../config/names.ts";
import type { DataLake } from "./data-lake.ts";
import { type AlarmContext, FIVE_MINUTES, LeadgaugeAlarm } from "./leadgauge-alarm.ts";
import { type FunctionPlatform, LeadgaugeFunction } from "./leadgauge-function.ts";

export interface AlertWebhookProps {
  readonly platform: FunctionPlatform;
  readonly dataLake: DataLake;
  readonly alarms: AlarmContext;
  readonly topic: ITopic;
  readonly secretArn: string;
}

/**
 * Posts every alert to a webhook; what it does not take in three attempts is kept. It runs outside of the VPC, from which nothing reaches the
 * internet; alerts hold no leads.
 */
export class AlertWebhook extends LeadgaugeFunction {
  constructor(scope: Construct, id: string, props: AlertWebhookProps) {
    const { platform, dataLake, alarms, topic, secretArn } = props;
    const { config, key } = platform;
    const undelivered = new Queue(scope, `${id}Undelivered`, {
      queueName: resourceNames(config.name).resource("alerts-undelivered"),
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    super(scope, id, {
      platform: { ...platform, network: undefined },
      purpose: "alert-webhook",
      description: "posts alerts to a webhook",
      entry: "lambdas/alert-webhook/index.ts",
      memoryInMegabytes: 256,
      timeoutInSeconds: 30,
      environment: { LEADGAUGE_STAGE: platform.config.name, LEADGAUGE_WEBHOOK_SECRET: secretArn },
      statements: [
        new PolicyStatement({
          sid: "ReadWebhook",
          actions: ["secretsmanager:GetSecretValue"],
          resources: [secretArn],
        }),
        dataLake.useOfKeyThrough("sqs", ["kms:Decrypt", "kms:GenerateDataKey"]),
      ],
      deadLetterQueue: undelivered,
    });
    this.handler.addPermission("Alerts", {
      principal: new ServicePrincipal("sns.amazonaws.com"),
      sourceArn: topic.topicArn,
    });
    new CfnSubscription(this, "Subscription", {
      topicArn: topic.topicArn,
      protocol: "lambda",
      endpoint: this.handler.functionArn,
    });
    new LeadgaugeAlarm(this, {
      context: alarms,
      alarmId: "alerts-undelivered",
      meaning: "Alerts wait that the webhook did not take.",
      metric: undelivered.metricApproximateNumberOfMessagesVisible({
        period: FIVE_MINUTES,
        statistic: Stats.MAXIMUM,
      }),
      threshold: 1,
    });
  }
}
