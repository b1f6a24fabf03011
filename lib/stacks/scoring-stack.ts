import { type Environment, Stack } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { StageConfig } from "../config/stage-config.ts";
import { ScoringApi } from "../constructs/scoring-api.ts";
import { ScoringFunction } from "../constructs/scoring-function.ts";

export interface ScoringStackProps {
  readonly env: Environment;
  readonly config: StageConfig;
  readonly dataLake: Bucket;
  readonly dataLakeKey: IKey;
}

/** The function that scores leads and the REST API in front of it. Holds no data. */
export class ScoringStack extends Stack {
  constructor(scope: Construct, id: string, { env, config, dataLake, dataLakeKey }: ScoringStackProps) {
    super(scope, id, {
      env,
      stackName: `leadgauge-${config.name}-${id}`,
      description: "Leadgauge: scoring API",
    });
    const handler = new ScoringFunction(this, "Function", { config, dataLake, dataLakeKey });
    new ScoringApi(this, "Api", { config, handler });
  }
}
