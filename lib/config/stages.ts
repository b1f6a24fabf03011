import type { StageConfig } from "./stage-config.ts";
import { parseStageConfig } from "./stage-config.ts";

/** The stages that can be deployed: `cdk deploy --all -c stage=NAME`. Edit or add to them freely. */
const stages: readonly StageConfig[] = [
  {
    name: "dev",
    retainsData: false,
    logRetentionInDays: 14,
    api: { requestsPerSecond: 50, burst: 100, setsLogRoleOfAccount: true },
    scoring: { memoryInMegabytes: 1_024, timeoutInSeconds: 10 },
  },
  {
    name: "prod",
    retainsData: true,
    logRetentionInDays: 365,
    api: { requestsPerSecond: 500, burst: 1_000, setsLogRoleOfAccount: true },
    scoring: { memoryInMegabytes: 1_769, timeoutInSeconds: 10 },
  },
];

/**
 * The settings of one stage, with the account and region they are deployed to.
 * Throws if there is no such stage.
 */
export function stageConfig(
  name: string,
  environment: { readonly account: string | undefined; readonly region: string | undefined },
): StageConfig {
  const found = stages.find((stage) => stage.name === name);
  if (!found) {
    const names = stages.map((stage) => stage.name).join(", ");
    throw new Error(
      `There is no stage "${name}". Stages: ${names} (lib/config/stages.ts). Choose one with -c stage=NAME.`,
    );
  }
  const { account = found.account, region = found.region } = environment;
  return parseStageConfig({ ...found, ...(account && { account }), ...(region && { region }) });
}
