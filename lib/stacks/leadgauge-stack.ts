import { Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { resourceNames, type StackPurpose } from "../config/names.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { stageTags } from "../config/tags.ts";

export interface LeadgaugeStackProps {
  readonly config: StageConfig;
  readonly purpose: StackPurpose;
  readonly description: string;
  /** True for a stack that holds what cannot be made again: a stage that retains data protects it against deletion. */
  readonly isLongLived: boolean;
}

/** A stack of one stage, named `leadgauge-{stage}-{purpose}`. */
export class LeadgaugeStack extends Stack {
  constructor(scope: Construct, { config, purpose, description, isLongLived }: LeadgaugeStackProps) {
    super(scope, purpose, {
      stackName: resourceNames(config.name).stack(purpose),
      description: `Leadgauge: ${description}`,
      terminationProtection: isLongLived && config.retainsData,
      tags: stageTags(config),
      env: {
        ...(config.account && { account: config.account }),
        ...(config.region && { region: config.region }),
      },
    });
  }
}
