import { Duration } from "aws-cdk-lib";
import { type Alarm, Metric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import {
  type ILambdaDeploymentConfig,
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
} from "aws-cdk-lib/aws-codedeploy";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Alias, type IVersion } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { resourceNames } from "../config/names.ts";
import { prefixes } from "../config/prefixes.ts";
import type { Capture } from "./capture.ts";
import { type DataLake, toReadModels } from "./data-lake.ts";
import { type AlarmContext, LeadgaugeAlarm } from "./leadgauge-alarm.ts";
import { type FunctionPlatform, LeadgaugeFunction } from "./leadgauge-function.ts";
import { LeadgaugeRole } from "./leadgauge-role.ts";

export interface ScoringFunctionProps {
  readonly platform: FunctionPlatform;
  readonly dataLake: DataLake;
  readonly alarms: AlarmContext;
  /** Undefined: predictions are not kept. */
  readonly capture: Capture | undefined;
}

const LIVE = "live";
const rollouts: Readonly<Record<"canary" | "linear", ILambdaDeploymentConfig>> = {
  canary: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
  linear: LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_1MINUTE,
};

/**
 * Answers the scoring API: it may read model packages, record outcomes, hand on predictions, and nothing else. Callers use the alias `live`,
 * which moves to a new version step by step, and back if that one fails.
 */
export class ScoringFunction extends LeadgaugeFunction {
  readonly live: Alias;
  readonly #context: AlarmContext;

  constructor(scope: Construct, id: string, { platform, dataLake, alarms, capture }: ScoringFunctionProps) {
    const { bucket, manifestPublicKeys } = dataLake;
    const { config } = platform;
    super(scope, id, {
      platform,
      purpose: "api",
      description: "scores leads and records outcomes",
      entry: "lambdas/api/index.ts",
      memoryInMegabytes: config.scoring.memoryInMegabytes,
      timeoutInSeconds: config.scoring.timeoutInSeconds,
      environment: {
        LEADGAUGE_BUCKET: bucket.bucketName,
        LEADGAUGE_STAGE: config.name,
        LEADGAUGE_MANIFEST_PUBLIC_KEYS: manifestPublicKeys,
        ...(config.api.allowedOrigins.length > 0 && {
          LEADGAUGE_ALLOWED_ORIGINS: config.api.allowedOrigins.join(","),
        }),
        ...capture?.environment,
      },
      statements: [
        ...toReadModels(dataLake),
        new PolicyStatement({
          sid: "RecordOutcomes",
          actions: ["s3:PutObject"],
          resources: [bucket.arnForObjects(`${prefixes.outcomes}*`)],
        }),
        dataLake.useOfKeyThrough("s3", ["kms:Decrypt", "kms:GenerateDataKey"]),
        ...(capture?.statements ?? []),
      ],
    });
    this.#context = alarms;
    this.live = new Alias(this, "Live", {
      aliasName: LIVE,
      version: this.handler.currentVersion as IVersion,
    });
    const watched = this.#alarms();
    const { rollout } = config.scoring;
    if (rollout !== "all-at-once") this.#deployWith(rollouts[rollout], watched);
  }

  /** Those that bring the old version back while a new one is tried. */
  #alarms(): Alarm[] {
    const { functionName, currentVersion } = this.handler;
    const errors = (dimensions: Record<string, string>) =>
      new Metric({
        namespace: "AWS/Lambda",
        metricName: "Errors",
        dimensionsMap: { FunctionName: functionName, Resource: `${functionName}:${LIVE}`, ...dimensions },
        statistic: Stats.SUM,
        period: Duration.minutes(1),
      });
    return [
      new LeadgaugeAlarm(this, {
        context: this.#context,
        alarmId: "api-errors",
        meaning: "The scoring function failed, ran out of time or could not start.",
        metric: errors({}),
        threshold: 3,
      }).alarm,
      new LeadgaugeAlarm(this, {
        context: this.#context,
        alarmId: "api-new-version-errors",
        meaning: "The newest version of the scoring function failed.",
        metric: errors({ ExecutedVersion: currentVersion.version }),
        threshold: 1,
      }).alarm,
    ];
  }

  #deployWith(deploymentConfig: ILambdaDeploymentConfig, alarms: Alarm[]): void {
    const { config } = this.#context;
    const name = resourceNames(config.name).function("api");
    const role = new LeadgaugeRole(this, "DeploymentRole", {
      config,
      purpose: "deployment",
      description: "Leadgauge: moves the scoring function's alias to a new version, and back",
      assumedBy: new ServicePrincipal("codedeploy.amazonaws.com"),
      statements: [
        new PolicyStatement({
          sid: "MoveAlias",
          actions: ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
          resources: [this.handler.functionArn, `${this.handler.functionArn}:${LIVE}`],
        }),
        // CloudWatch describes alarms of the whole account only.
        new PolicyStatement({ sid: "WatchAlarms", actions: ["cloudwatch:DescribeAlarms"], resources: ["*"] }),
      ],
    });
    new LambdaDeploymentGroup(this, "Deployment", {
      application: new LambdaApplication(this, "Application", { applicationName: name }),
      deploymentGroupName: name,
      alias: this.live,
      deploymentConfig,
      alarms,
      role: role.withoutPolicyUpdates(),
      autoRollback: { deploymentInAlarm: true, failedDeployment: true, stoppedDeployment: true },
    });
  }
}
