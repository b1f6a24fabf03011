import type { Environment } from "aws-cdk-lib";
import { Tags } from "aws-cdk-lib";
import { Construct } from "constructs";
import type { StageConfig } from "../config/stage-config.ts";
import { DataLakeStack } from "../stacks/data-lake-stack.ts";
import { ScoringStack } from "../stacks/scoring-stack.ts";

/**
 * One whole deployment: what keeps data in stacks of its own, apart from what can be replaced at any time. Not a CDK Stage:
 * `cdk deploy --all` finds only stacks of the app itself.
 */
export class LeadgaugeStage extends Construct {
  constructor(scope: Construct, config: StageConfig) {
    super(scope, `leadgauge-${config.name}`);
    const env: Environment = {
      ...(config.account && { account: config.account }),
      ...(config.region && { region: config.region }),
    };

    const dataLake = new DataLakeStack(this, "data-lake", { env, config });
    new ScoringStack(this, "scoring", {
      env,
      config,
      dataLake: dataLake.bucket,
      dataLakeKey: dataLake.key,
    });

    Tags.of(this).add("application", "leadgauge");
    Tags.of(this).add("stage", config.name);
  }
}
