import type { StageConfig, StageSettings } from "./stage-config.ts";
import { parseStageConfig } from "./stage-config.ts";

/** The stages that can be deployed: `cdk deploy --all -c stage=NAME`. Edit or add to them freely. */
const stages: readonly StageSettings[] = [
  {
    name: "dev",
    retainsData: false,
    logRetentionInDays: 14,
    network: { mode: "standard", flowLogRetentionInDays: 14 },
    api: { requestsPerSecond: 50, burst: 100 },
    scoring: { memoryInMegabytes: 1_024, rollout: "all-at-once" },
    capture: { bufferInSeconds: 60 },
    // Small enough that files of a few megabytes go through all steps.
    batch: { wholeFileInMegabytes: 1, partInMegabytes: 1, concurrentParts: 5 },
  },
  { name: "staging", retainsData: false, logRetentionInDays: 30 },
  { name: "prod" },
];

/** What bin reads from context and environment, and may differ from one deployment of a stage to the next. */
export interface DeploymentSettings {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly target?: string | undefined;
}

/**
 * The settings of one stage, with the account and region they are deployed to.
 * Throws if there is no such stage, or if a setting is wrong.
 */
export function stageConfig(name: string, deployment: DeploymentSettings = {}): StageConfig {
  const found = stages.find((stage) => stage.name === name);
  if (!found) {
    const names = stages.map((stage) => stage.name).join(", ");
    throw new Error(
      `There is no stage "${name}". Stages: ${names} (lib/config/stages.ts). Choose one with -c stage=NAME.`,
    );
  }
  const given = Object.entries(deployment).filter(([, value]) => value !== undefined && value !== "");
  return parseStageConfig({ ...found, ...Object.fromEntries(given) });
}

export const stageNames: readonly string[] = stages.map(({ name }) => name);
