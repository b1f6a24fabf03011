import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { FunctionPurpose } from "../config/names.ts";
import { prefixes } from "../config/prefixes.ts";
import type { StageConfig } from "../config/stage-config.ts";
import type { DataLake } from "./data-lake.ts";
import { type FunctionPlatform, LeadgaugeFunction } from "./leadgauge-function.ts";

export interface BatchFunctionsProps {
  readonly platform: FunctionPlatform;
  readonly dataLake: DataLake;
  /** Takes the events of ended executions that could not be dealt with. */
  readonly deadLetters: IQueue;
}

/** Lambda's longest. What a step needs is bounded by the sizes in the configuration. */
const TIMEOUT_IN_SECONDS = 900;

/** The three steps of a drop: plan, score, finalise. */
export class BatchFunctions extends Construct {
  readonly plan: LeadgaugeFunction;
  readonly score: LeadgaugeFunction;
  readonly finalise: LeadgaugeFunction;

  constructor(scope: Construct, id: string, { platform, dataLake, deadLetters }: BatchFunctionsProps) {
    super(scope, id);
    const { bucket } = dataLake;
    const { config } = platform;
    const on = (sid: string, actions: string[], ...keys: string[]) =>
      new PolicyStatement({ sid, actions, resources: keys.map((key) => bucket.arnForObjects(key)) });
    const useKey = dataLake.useOfKeyThrough("s3", ["kms:Decrypt", "kms:GenerateDataKey"]);
    const manifests = `${prefixes.batchOut}*/manifest.json`;
    const step = (
      purpose: FunctionPurpose,
      description: string,
      environment: Record<string, string>,
      statements: PolicyStatement[],
      deadLetterQueue?: IQueue,
    ) =>
      new LeadgaugeFunction(this, purpose, {
        platform,
        purpose,
        description,
        entry: `lambdas/${purpose}/index.ts`,
        memoryInMegabytes: config.batch.memoryInMegabytes,
        timeoutInSeconds: TIMEOUT_IN_SECONDS,
        environment: { LEADGAUGE_BUCKET: bucket.bucketName, LEADGAUGE_STAGE: config.name, ...environment },
        statements: [
          ...statements,
          // Of the whole bucket: with a condition on the prefix, a missing object would answer 403 instead of 404.
          new PolicyStatement({
            sid: "FindObjects",
            actions: ["s3:ListBucket"],
            resources: [bucket.bucketArn],
          }),
          useKey,
        ],
        ...(deadLetterQueue && { deadLetterQueue }),
      });
    const models = { LEADGAUGE_MANIFEST_PUBLIC_KEYS: dataLake.manifestPublicKeys };
    const settings = { LEADGAUGE_BATCH: JSON.stringify(batchSettings(config)) };

    this.plan = step("batch-plan", "scores small files, cuts large ones", { ...models, ...settings }, [
      on("ReadDrops", ["s3:GetObject"], `${prefixes.batchIn}*`),
      on("ReadModels", ["s3:GetObject"], `${prefixes.modelArtifacts}*`),
      on("ReadManifestsAndPlans", ["s3:GetObject"], manifests, `${prefixes.batchWorking}*`),
      on("WriteResultsAndPlans", ["s3:PutObject"], `${prefixes.batchOut}*`, `${prefixes.batchWorking}*`),
      on("AbandonUploads", ["s3:AbortMultipartUpload"], `${prefixes.batchOut}*`, `${prefixes.batchWorking}*`),
      on("ReplaceResults", ["s3:DeleteObject"], `${prefixes.batchOut}*`),
    ]);
    this.score = step("batch-score", "scores a part of a file", models, [
      on("ReadDrops", ["s3:GetObject"], `${prefixes.batchIn}*`),
      on("ReadModels", ["s3:GetObject"], `${prefixes.modelArtifacts}*`),
      on("ReadPlansAndParts", ["s3:GetObject"], `${prefixes.batchWorking}*`),
      on("KeepParts", ["s3:PutObject"], `${prefixes.batchWorking}*/results/*`),
    ]);
    this.finalise = step(
      "batch-finalise",
      "puts scored parts together",
      settings,
      [
        on("ReadDrops", ["s3:GetObject"], `${prefixes.batchIn}*`),
        on("ReadManifestsAndParts", ["s3:GetObject"], manifests, `${prefixes.batchWorking}*`),
        on("WriteResults", ["s3:PutObject"], `${prefixes.batchOut}*`),
        on("AbandonUploads", ["s3:AbortMultipartUpload"], `${prefixes.batchOut}*`),
        on("ReplaceResults", ["s3:DeleteObject"], `${prefixes.batchOut}*`),
        dataLake.useOfKeyThrough("sqs", ["kms:Decrypt", "kms:GenerateDataKey"]),
      ],
      deadLetters,
    );
  }
}

/** What is written of a row has hundreds of bytes, however short the row: with so many of them a part's results stay below 100 MB. */
const PART_LINES = 50_000;

/** What lambdas/batch/settings.ts reads. */
function batchSettings({ batch }: StageConfig): Record<string, number> {
  return {
    wholeBytes: batch.wholeFileInMegabytes * 2 ** 20,
    partBytes: batch.partInMegabytes * 2 ** 20,
    partLines: PART_LINES,
    maximumBytes: batch.maximumFileInGigabytes * 2 ** 30,
    maximumLines: batch.maximumMillionLines * 1_000_000,
    reasons: batch.reasons,
    top: batch.top,
    toleratedShare: batch.toleratedShare,
  };
}
