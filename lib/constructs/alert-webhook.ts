import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { CfnSubscription } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { type FunctionPlatform, LeadgaugeFunction } from "./leadgauge-function.ts";

export interface AlertWebhookProps {
  readonly platform: FunctionPlatform;
  readonly topic: ITopic;
  readonly secretArn: string;
}

/** Posts every alert to a webhook. It runs outside of the VPC, from which nothing reaches the internet; alerts hold no leads. */
export class AlertWebhook extends LeadgaugeFunction {
  constructor(scope: Construct, id: string, { platform, topic, secretArn }: AlertWebhookProps) {
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
      ],
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
  }
}
