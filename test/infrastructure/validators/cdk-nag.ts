import { AwsSolutionsChecks } from "cdk-nag";
import { LeadgaugeStage } from "../../../lib/stages/leadgauge-stage.ts";
import { configOf, newApp } from "../synthesise.ts";
import type { Finding } from "./finding.ts";

/** What the AWS Solutions checks say of a stage's constructs. */
export function cdkNag(stage: string): readonly Finding[] {
  const app = newApp();
  new LeadgaugeStage(app, configOf(stage));
  app.synth();
  const { violations } = new AwsSolutionsChecks(app).validateScope(app);
  return violations.flatMap(({ ruleName, description, violatingResources }) =>
    violatingResources.map(({ constructPath = "" }) => ({
      rule: ruleName,
      place: constructPath.replace(/^([^/]+)\/([^/]+)/, "$1-$2").replace(/\/Resource$/, ""),
      text: description,
    })),
  );
}
