import { Duration } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { prefixes } from "../config/prefixes.ts";
import { type DataLake, toReadModels } from "./data-lake.ts";
import { type FunctionPlatform, LeadgaugeFunction } from "./leadgauge-function.ts";

export interface PromotionGuardProps {
  readonly platform: FunctionPlatform;
  readonly dataLake: DataLake;
}

/** Compares what the API answers since a promotion with what it answered before; takes a bad promotion back where the stage wants that. */
export class PromotionGuard extends LeadgaugeFunction {
  constructor(scope: Construct, id: string, { platform, dataLake }: PromotionGuardProps) {
    const { name, scoring } = platform.config;
    const { bucket, manifestPublicKeys } = dataLake;
    const { revertsBadPromotion, watchedForHours, minimumScores, scoreJump, errorJump } =
      scoring.promotionGuard;
    super(scope, id, {
      platform,
      purpose: "promotion-guard",
      description: "watches what follows a promotion",
      entry: "lambdas/promotion-guard/index.ts",
      memoryInMegabytes: 512,
      timeoutInSeconds: 120,
      environment: {
        LEADGAUGE_BUCKET: bucket.bucketName,
        LEADGAUGE_STAGE: name,
        LEADGAUGE_MANIFEST_PUBLIC_KEYS: manifestPublicKeys,
        LEADGAUGE_REVERTS_BAD_PROMOTION: String(revertsBadPromotion),
        LEADGAUGE_WATCHED_FOR_HOURS: String(watchedForHours),
        LEADGAUGE_MINIMUM_SCORES: String(minimumScores),
        LEADGAUGE_SCORE_JUMP: String(scoreJump),
        LEADGAUGE_ERROR_JUMP: String(errorJump),
      },
      statements: [
        ...toReadModels(dataLake),
        dataLake.useOfKeyThrough("s3", [
          "kms:Decrypt",
          ...(revertsBadPromotion ? ["kms:GenerateDataKey"] : []),
        ]),
        // CloudWatch has no resources for figures.
        new PolicyStatement({ sid: "ReadFigures", actions: ["cloudwatch:GetMetricData"], resources: ["*"] }),
        ...(revertsBadPromotion
          ? [
              new PolicyStatement({
                sid: "RollBack",
                actions: ["s3:PutObject"],
                resources: [bucket.arnForObjects(`${prefixes.modelArtifacts}*/stages.json`)],
              }),
            ]
          : []),
      ],
    });
    new Rule(this, "Schedule", {
      description: "Leadgauge: watches what follows a promotion",
      schedule: Schedule.rate(Duration.minutes(5)),
      targets: [new LambdaFunction(this.handler, { retryAttempts: 0 })],
    });
  }
}
