import { CfnOutput } from "aws-cdk-lib";
import type { IInterfaceVpcEndpoint } from "aws-cdk-lib/aws-ec2";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { ApiFirewall } from "../constructs/api-firewall.ts";
import { ApiMetering } from "../constructs/api-metering.ts";
import { Canary } from "../constructs/canary.ts";
import { Capture } from "../constructs/capture.ts";
import type { DataLake } from "../constructs/data-lake.ts";
import type { AlarmContext } from "../constructs/leadgauge-alarm.ts";
import type { FunctionPlatform } from "../constructs/leadgauge-function.ts";
import { PromotionGuard } from "../constructs/promotion-guard.ts";
import { ScoringAlarms } from "../constructs/scoring-alarms.ts";
import { ScoringApi } from "../constructs/scoring-api.ts";
import { ScoringFunction } from "../constructs/scoring-function.ts";
import { LeadgaugeStack } from "./leadgauge-stack.ts";

export interface ScoringStackProps {
  readonly platform: FunctionPlatform;
  readonly dataLake: DataLake;
  readonly alarms: AlarmContext;
  /** Of a private API: the endpoint in the stage's own network. */
  readonly apiEndpoint: IInterfaceVpcEndpoint | undefined;
}

/** The function that scores leads, the REST API in front of it, what keeps its predictions, and what watches all of it. Holds no data. */
export class ScoringStack extends LeadgaugeStack {
  constructor(scope: Construct, { platform, dataLake, alarms, apiEndpoint }: ScoringStackProps) {
    const { config, key } = platform;
    super(scope, { config, purpose: "scoring", description: "scoring API", isLongLived: false });
    const capture = config.capture.isEnabled
      ? new Capture(this, "Capture", { platform, dataLake })
      : undefined;
    const scoring = new ScoringFunction(this, "Function", { platform, dataLake, alarms, capture });
    const { api } = new ScoringApi(this, "Api", {
      platform,
      handler: scoring.live as IFunction,
      endpoint: apiEndpoint,
    });
    const metering = config.api.metersConsumers
      ? new ApiMetering(this, "Metering", { config, key, api })
      : undefined;
    if (config.api.firewall) {
      new ApiFirewall(this, "Firewall", { config, stage: api.deploymentStage, ...config.api.firewall });
    }
    new Canary(this, "Canary", {
      platform,
      dataLake,
      api,
      apiKey: metering?.canarySecret as ISecret | undefined,
    });
    new PromotionGuard(this, "PromotionGuard", { platform, dataLake });
    new ScoringAlarms(this, "Alarms", { context: alarms, capture });
    new CfnOutput(this, "NextCommand", {
      description: "Lists the models that are served, signed with the credentials of the environment",
      value: `curl -s --aws-sigv4 aws:amz:${this.region}:execute-api --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H "x-amz-security-token: $AWS_SESSION_TOKEN" ${api.url}v1/models`,
    });
  }
}
