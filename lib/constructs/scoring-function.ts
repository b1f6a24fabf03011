import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Architecture, LoggingFormat, Runtime } from "aws-cdk-lib/aws-lambda";
import { NodejsFunction, OutputFormat, SourceMapMode } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { prefixes } from "../config/prefixes.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { fromProjectRoot } from "../project-root.ts";

export interface ScoringFunctionProps {
  readonly config: StageConfig;
  readonly dataLake: Bucket;
  readonly dataLakeKey: IKey;
}

/** Answers the scoring API. It may read model packages and record outcomes, and nothing else. */
export class ScoringFunction extends NodejsFunction {
  constructor(scope: Construct, id: string, { config, dataLake, dataLakeKey }: ScoringFunctionProps) {
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: config.logRetentionInDays,
      removalPolicy: config.retainsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const role = new Role(scope, `${id}Role`, {
      description: "Leadgauge: scoring function",
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      inlinePolicies: { scoring: permissions(scope, dataLake, dataLakeKey, logGroup) },
    });

    super(scope, id, {
      description: "Leadgauge: scores leads and records outcomes",
      entry: fromProjectRoot("lambdas/api/index.ts"),
      depsLockFilePath: fromProjectRoot("package-lock.json"),
      projectRoot: fromProjectRoot("."),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: config.scoring.memoryInMegabytes,
      timeout: Duration.seconds(config.scoring.timeoutInSeconds),
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      environment: {
        LEADGAUGE_BUCKET: dataLake.bucketName,
        NODE_OPTIONS: "--enable-source-maps",
      },
      // Connections are reused by default since version 3 of the SDK: its old switch is not needed.
      awsSdkConnectionReuse: false,
      bundling: {
        format: OutputFormat.ESM,
        target: "node24",
        mainFields: ["module", "main"],
        minify: true,
        sourceMap: true,
        sourceMapMode: SourceMapMode.DEFAULT,
        sourcesContent: false,
        bundleAwsSDK: true,
      },
    });
  }
}

function permissions(scope: Construct, dataLake: Bucket, key: IKey, logGroup: LogGroup): PolicyDocument {
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: "ReadModels",
        actions: ["s3:GetObject"],
        resources: [dataLake.arnForObjects(`${prefixes.modelArtifacts}*`)],
      }),
      new PolicyStatement({
        sid: "FindModels",
        actions: ["s3:ListBucket"],
        resources: [dataLake.bucketArn],
        conditions: { StringLike: { "s3:prefix": `${prefixes.modelArtifacts}*` } },
      }),
      new PolicyStatement({
        sid: "RecordOutcomes",
        actions: ["s3:PutObject"],
        resources: [dataLake.arnForObjects(`${prefixes.outcomes}*`)],
      }),
      new PolicyStatement({
        sid: "UseKeyThroughS3",
        actions: ["kms:Decrypt", "kms:GenerateDataKey"],
        resources: [key.keyArn],
        conditions: { StringEquals: { "kms:ViaService": `s3.${Stack.of(scope).region}.amazonaws.com` } },
      }),
      new PolicyStatement({
        sid: "WriteOwnLog",
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [logGroup.logGroupArn],
      }),
    ],
  });
}
