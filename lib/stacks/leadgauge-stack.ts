import { Fn, Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { resourceNames, type StackPurpose } from "../config/names.ts";
import { ZONE_COUNT } from "../config/network-config.ts";
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
  readonly #zones: readonly string[] | undefined;

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
    this.#zones = config.network.zones;
  }

  /** Those of the configuration, or the first three of whichever region is deployed to: CDK would look them up. */
  override get availabilityZones(): string[] {
    return Array.from(
      { length: ZONE_COUNT },
      (_, index) => this.#zones?.[index] ?? Fn.select(index, Fn.getAzs()),
    );
  }
}
