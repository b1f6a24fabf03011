import type { Environment } from "aws-cdk-lib";
import { Stage, Tags } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { StageConfig } from "../config/stage-config.ts";
import { DataLakeStack } from "../stacks/data-lake-stack.ts";
import { ScoringStack } from "../stacks/scoring-stack.ts";

/** One whole deployment: what keeps data in stacks of its own, apart from what can be replaced at any time. */
export class LeadgaugeStage extends Stage {
  constructor(scope: Construct, config: StageConfig) {
    const env: Environment = {
      ...(config.account && { account: config.account }),
      ...(config.region && { region: config.region }),
    };
    super(scope, `leadgauge-${config.name}`, { env });

    const dataLake = new DataLakeStack(this, "data-lake", { config });
    new ScoringStack(this, "scoring", { config, dataLake: dataLake.bucket, dataLakeKey: dataLake.key });

    // Tags of an app do not cross into a stage.
    Tags.of(this).add("application", "leadgauge");
    Tags.of(this).add("stage", config.name);
  }
}
