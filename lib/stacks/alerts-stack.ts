import { CfnOutput, Stack } from "aws-cdk-lib";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";
import { resourceNames } from "../config/names.ts";
import { AlertChat } from "../constructs/alert-chat.ts";
import { AlertWebhook } from "../constructs/alert-webhook.ts";
import type { DataLake } from "../constructs/data-lake.ts";
import type { AlarmContext } from "../constructs/leadgauge-alarm.ts";
import type { FunctionPlatform } from "../constructs/leadgauge-function.ts";
import { LeadgaugeStack } from "./leadgauge-stack.ts";

export interface AlertsStackProps {
  readonly platform: FunctionPlatform;
  readonly dataLake: DataLake;
}

/** Who is told when an alarm goes off. Long-lived: people have confirmed their subscriptions. */
export class AlertsStack extends LeadgaugeStack {
  readonly topic: Topic;
  /** What alarms of other stacks need. */
  readonly alarms: AlarmContext;

  constructor(scope: Construct, { platform, dataLake }: AlertsStackProps) {
    const { config, key } = platform;
    super(scope, { config, purpose: "alerts", description: "alerts", isLongLived: true });
    this.topic = new Topic(this, "Topic", {
      topicName: resourceNames(config.name).resource("alerts"),
      displayName: `Leadgauge ${config.name}`,
      masterKey: key,
      enforceSSL: true,
    });
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: "AlarmsPublish",
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    );
    this.alarms = { config, action: new SnsAction(this.topic) };
    for (const address of config.alerts.emails) this.topic.addSubscription(new EmailSubscription(address));
    const { webhookSecretArn } = config.alerts;
    if (webhookSecretArn) {
      new AlertWebhook(this, "Webhook", {
        platform,
        dataLake,
        alarms: this.alarms,
        topic: this.topic,
        secretArn: webhookSecretArn,
      });
    }
    if (config.alerts.slack ?? config.alerts.teams)
      new AlertChat(this, "Chat", { config, topic: this.topic });
    new CfnOutput(this, "TopicArn", { value: this.topic.topicArn });
  }
}
