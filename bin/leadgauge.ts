/** CDK entry: the only place that reads context and environment. */
import { App } from "aws-cdk-lib";
import { stageConfig } from "../lib/config/stages.ts";
import { LeadgaugeStage } from "../lib/stages/leadgauge-stage.ts";

const app = new App();
const config = stageConfig(String(app.node.tryGetContext("stage") ?? "dev"), {
  account: process.env.CDK_DEFAULT_ACCOUNT,
  region: process.env.CDK_DEFAULT_REGION,
  target: app.node.tryGetContext("target"),
});
new LeadgaugeStage(app, config);
app.synth();
