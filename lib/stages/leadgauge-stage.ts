import { Aspects, Tags } from "aws-cdk-lib";
import { ManagedPolicy, PermissionsBoundary } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { StageConfig } from "../config/stage-config.ts";
import { stageTags } from "../config/tags.ts";
import { RemoveGaps } from "../emulator/remove-gaps.ts";
import { AlertsStack } from "../stacks/alerts-stack.ts";
import { BatchStack } from "../stacks/batch-stack.ts";
import { DataLakeStack } from "../stacks/data-lake-stack.ts";
import { MonitoringStack } from "../stacks/monitoring-stack.ts";
import { NetworkStack } from "../stacks/network-stack.ts";
import { ScoringStack } from "../stacks/scoring-stack.ts";

/**
 * One whole deployment. The borders of its stacks follow life cycles: `data-lake`, `network` and `alerts` live as long as the stage, and
 * the others import from them; the others hold nothing that cannot be made again, export nothing, and can each be deleted
 * alone. Not a CDK Stage: `cdk deploy --all` finds only stacks of the app itself.
 */
export class LeadgaugeStage extends Construct {
  constructor(scope: Construct, config: StageConfig) {
    super(scope, `leadgauge-${config.name}`);
    const { bootstrapQualifier, permissionsBoundaryArn } = config.guardrails;
    if (bootstrapQualifier) this.node.setContext("@aws-cdk/core:bootstrapQualifier", bootstrapQualifier);

    const dataLake = new DataLakeStack(this, { config });
    const network = new NetworkStack(this, { config, dataLake });
    const platform = { config, key: dataLake.key, network: network.ofFunctions };
    const { alarms } = new AlertsStack(this, { platform, dataLake });
    const scoring = new ScoringStack(this, { platform, dataLake, alarms, apiEndpoint: network.apiEndpoint });
    // API Gateway takes no log of an API before the account has a role for it.
    scoring.addStackDependency(network);
    new BatchStack(this, { platform, dataLake, alarms });

    new MonitoringStack(this, { config });

    for (const [key, value] of Object.entries(stageTags(config))) Tags.of(this).add(key, value);
    if (config.target === "emulator") Aspects.of(this).add(new RemoveGaps());
    if (permissionsBoundaryArn) {
      const boundary = ManagedPolicy.fromManagedPolicyArn(this, "Boundary", permissionsBoundaryArn);
      PermissionsBoundary.of(this).apply(boundary);
    }
  }
}
