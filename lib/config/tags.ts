import type { StageConfig } from "./stage-config.ts";

/** What every stack and every resource of a stage is tagged with. */
export function stageTags({ name, guardrails }: StageConfig): Record<string, string> {
  return { ...guardrails.tags, application: "leadgauge", stage: name };
}
