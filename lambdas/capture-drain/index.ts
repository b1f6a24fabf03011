/** Writes the predictions that capture put into the queue: every message once, however often it is delivered. */
import type { SQSHandler } from "aws-lambda";
import { functionTelemetry } from "../adapters/function-telemetry.ts";
import { createS3Client } from "../adapters/s3-client.ts";
import { S3ObjectStore } from "../adapters/s3-object-store.ts";
import { requiredVariable } from "../environment.ts";
import { drain } from "./drain.ts";

const store = new S3ObjectStore(
  createS3Client(),
  requiredVariable("LEADGAUGE_BUCKET", "the bucket that predictions are written to"),
);
const { log } = functionTelemetry("capture-drain", process.env.LEADGAUGE_STAGE ?? "");

export const handler: SQSHandler = (event) => drain(event.Records, { store, log });
