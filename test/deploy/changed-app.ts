/** The stage `dev` as it is deployed in the tests, moved into a network of its own and trusting one more key. */
import { App } from "aws-cdk-lib";
import { stageConfig } from "../../lib/config/stages.ts";
import { LeadgaugeStage } from "../../lib/stages/leadgauge-stage.ts";

const app = new App();
const dev = stageConfig("dev", {
  account: process.env.CDK_DEFAULT_ACCOUNT,
  region: process.env.CDK_DEFAULT_REGION,
  target: "emulator",
});
new LeadgaugeStage(app, {
  ...dev,
  network: { ...dev.network, mode: "isolated" },
  dataLake: {
    ...dev.dataLake,
    trustedManifestKeys: [process.env.TRUSTED_MANIFEST_KEY ?? ""],
    trustsOwnSigningKey: process.env.TRUSTS_OWN_SIGNING_KEY !== "false",
  },
});
app.synth();
