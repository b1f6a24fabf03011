import { Duration } from "aws-cdk-lib";
import type { RestApi } from "aws-cdk-lib/aws-apigateway";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { type DataLake, toReadModels } from "./data-lake.ts";
import { type FunctionPlatform, LeadgaugeFunction } from "./leadgauge-function.ts";

export interface CanaryProps {
  readonly platform: FunctionPlatform;
  readonly dataLake: DataLake;
  readonly api: RestApi;
  /** Holds the API key to call with, where the API is metered by keys. */
  readonly apiKey: ISecret | undefined;
}

/**
 * Asks the real API about golden rows every few minutes, signed as every caller. It runs where callers are: outside of the VPC, unless the API
 * is private.
 */
export class Canary extends LeadgaugeFunction {
  constructor(scope: Construct, id: string, { platform, dataLake, api, apiKey }: CanaryProps) {
    const { config } = platform;
    const { bucket } = dataLake;
    const isPrivate = config.api.endpoint === "private";
    super(scope, id, {
      platform: isPrivate ? platform : { ...platform, network: undefined },
      purpose: "canary",
      description: "asks the API about golden rows",
      entry: "lambdas/canary/index.ts",
      memoryInMegabytes: 512,
      timeoutInSeconds: 60,
      environment: {
        LEADGAUGE_BUCKET: bucket.bucketName,
        LEADGAUGE_STAGE: config.name,
        LEADGAUGE_API_URL: api.url,
        ...(apiKey && { LEADGAUGE_API_KEY_SECRET: apiKey.secretArn }),
      },
      statements: [
        ...toReadModels(dataLake),
        dataLake.useOfKeyThrough("s3", ["kms:Decrypt"]),
        new PolicyStatement({
          sid: "Score",
          actions: ["execute-api:Invoke"],
          resources: [api.arnForExecuteApi("POST", "/v1/models/*", config.name)],
        }),
        ...(apiKey
          ? [
              new PolicyStatement({
                sid: "ReadApiKey",
                actions: ["secretsmanager:GetSecretValue"],
                resources: [apiKey.secretArn],
              }),
              dataLake.useOfKeyThrough("secretsmanager", ["kms:Decrypt"]),
            ]
          : []),
      ],
    });
    new Rule(this, "Schedule", {
      description: "Leadgauge: runs the canary",
      schedule: Schedule.rate(Duration.minutes(config.scoring.canaryEveryMinutes)),
      targets: [new LambdaFunction(this.handler, { retryAttempts: 0 })],
    });
  }
}
