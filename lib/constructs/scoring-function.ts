import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { prefixes } from "../config/prefixes.ts";
import type { DataLake } from "./data-lake.ts";
import { type FunctionPlatform, LeadgaugeFunction } from "./leadgauge-function.ts";

export interface ScoringFunctionProps {
  readonly platform: FunctionPlatform;
  readonly dataLake: DataLake;
}

/** Answers the scoring API. It may read model packages and record outcomes, and nothing else. */
export class ScoringFunction extends LeadgaugeFunction {
  constructor(scope: Construct, id: string, { platform, dataLake }: ScoringFunctionProps) {
    const { bucket } = dataLake;
    super(scope, id, {
      platform,
      purpose: "api",
      description: "scores leads and records outcomes",
      entry: "lambdas/api/index.ts",
      memoryInMegabytes: platform.config.scoring.memoryInMegabytes,
      timeoutInSeconds: platform.config.scoring.timeoutInSeconds,
      environment: { LEADGAUGE_BUCKET: bucket.bucketName },
      statements: [
        new PolicyStatement({
          sid: "ReadModels",
          actions: ["s3:GetObject"],
          resources: [bucket.arnForObjects(`${prefixes.modelArtifacts}*`)],
        }),
        // Of the whole bucket: with a condition on the prefix, a missing object would answer 403 instead of 404.
        new PolicyStatement({ sid: "FindModels", actions: ["s3:ListBucket"], resources: [bucket.bucketArn] }),
        new PolicyStatement({
          sid: "RecordOutcomes",
          actions: ["s3:PutObject"],
          resources: [bucket.arnForObjects(`${prefixes.outcomes}*`)],
        }),
        dataLake.useOfKeyThrough("s3", ["kms:Decrypt", "kms:GenerateDataKey"]),
      ],
    });
  }
}
