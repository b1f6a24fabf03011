/** Templates of a stage, synthesised in this process, without bundling. Runs under Node 24: it imports TypeScript. */
import { readFileSync } from "node:fs";
import { App } from "aws-cdk-lib";
import { parseStageConfig } from "../lib/config/stage-config.ts";
import { LeadgaugeStage } from "../lib/stages/leadgauge-stage.ts";

const { context } = JSON.parse(readFileSync(new URL("../cdk.json", import.meta.url), "utf8"));

/**
 * @typedef {{ stack: string, id: string, type: string, properties: any }} TemplateResource
 * @param {import("../lib/config/stage-config.ts").StageSettings} settings
 * @returns {TemplateResource[]} every resource of every stack, in the order of the templates
 */
export function resourcesOfStage(settings) {
  const config = parseStageConfig({ account: "123456789012", region: "us-east-1", ...settings });
  const app = new App({ context: { ...context, "aws:cdk:bundling-stacks": [] } });
  new LeadgaugeStage(app, config);
  return app.synth().stacks.flatMap(({ stackName, template }) =>
    Object.entries(template.Resources).map(([id, { Type, Properties }]) => ({
      stack: stackName.slice(`leadgauge-${config.name}-`.length),
      id,
      type: Type,
      properties: Properties ?? {},
    })),
  );
}
