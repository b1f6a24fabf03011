import { LeadgaugeStage } from "../../lib/stages/leadgauge-stage.ts";
import { configOf, everythingSwitchedOn, newApp } from "../infrastructure/synthesise.ts";
import { ACCOUNT, REGION, ResolvedStage } from "./resolved-stage.ts";

/** The stages whose permissions are proven: those without and with a network of their own, and one with every option. */
export const provenStages = ["dev", "prod", everythingSwitchedOn.name] as const;

const resolved = new Map<string, ResolvedStage>();

/** Synthesised once a process, without bundling. */
export function resolveStage(name: string): ResolvedStage {
  const known = resolved.get(name);
  if (known !== undefined) return known;
  const app = newApp();
  new LeadgaugeStage(app, { ...configOf(name), account: ACCOUNT, region: REGION });
  const { stacks } = app.synth();
  const stage = new ResolvedStage(new Map(stacks.map(({ stackName, template }) => [stackName, template])));
  resolved.set(name, stage);
  return stage;
}
