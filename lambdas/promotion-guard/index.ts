/** Runs every few minutes: compares what the API answers since a promotion with what it answered before. */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { readTrustedKeys } from "../../core/package/signature.ts";
import { guardPromotions } from "../../core/registry/promotion-guard.ts";
import { CloudWatchTraffic } from "../adapters/cloudwatch-traffic.ts";
import { functionTelemetry } from "../adapters/function-telemetry.ts";
import { createS3Client } from "../adapters/s3-client.ts";
import { S3ObjectStore } from "../adapters/s3-object-store.ts";
import { requiredVariable } from "../environment.ts";
import { LogEvent } from "../log-events.ts";
import { Metric } from "../metrics.ts";

const bucket = requiredVariable("LEADGAUGE_BUCKET", "the bucket that holds the model packages");
const stage = requiredVariable("LEADGAUGE_STAGE", "the stage whose promotions are watched");
const number = (name: string, purpose: string) => Number(requiredVariable(name, purpose));
const limits = {
  watchedForHours: number("LEADGAUGE_WATCHED_FOR_HOURS", "the hours for which a promotion is watched"),
  minimumScores: number("LEADGAUGE_MINIMUM_SCORES", "the leads that it takes to tell anything"),
  scoreJump: number("LEADGAUGE_SCORE_JUMP", "the difference of mean scores that is a jump"),
  errorJump: number("LEADGAUGE_ERROR_JUMP", "the difference of the shares of errors that is a jump"),
};
const reverts = process.env.LEADGAUGE_REVERTS_BAD_PROMOTION === "true";
const trustedKeys = await readTrustedKeys(process.env.LEADGAUGE_MANIFEST_PUBLIC_KEYS ?? "");

const telemetry = functionTelemetry("promotion-guard", stage);
const store = new S3ObjectStore(createS3Client(), bucket);
const figures = new CloudWatchTraffic(new CloudWatchClient(), stage);

export async function handler(): Promise<void> {
  const verdicts = await guardPromotions({ store, figures, limits, reverts, trustedKeys, now: Date.now });
  for (const { isReverted, model, version, ...comparison } of verdicts) {
    const level = comparison.findings.length > 0 ? "error" : "info";
    telemetry.log({ message: LogEvent.promotionChecked, level, model, version, ...comparison });
    if (isReverted) telemetry.log({ message: LogEvent.promotionReverted, level: "error", model, version });
  }
  telemetry.count(Metric.promotionsSuspected, verdicts.filter(({ findings }) => findings.length > 0).length);
  telemetry.flush();
}
