/** The Lambda function behind the scoring API. */
import { S3Client } from "@aws-sdk/client-s3";
import { Champions } from "../../core/registry/champions.ts";
import { ObjectOutcomeStore } from "../adapters/object-outcome-store.ts";
import { S3ObjectStore } from "../adapters/s3-object-store.ts";
import { createHandler } from "./handler.ts";
import type { LogEntry } from "./operation.ts";

const { LEADGAUGE_BUCKET: bucket, LEADGAUGE_ALLOWED_ORIGINS: allowedOrigins = "" } = process.env;
if (!bucket) throw new Error("LEADGAUGE_BUCKET has to name the bucket that holds the model packages.");

// The function's own log is JSON: an object is one structured line of it.
const log = (entry: LogEntry) => console.log(entry);

// A call must not wait longer for S3 than it may take itself.
const client = new S3Client({ requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000 } });
const store = new S3ObjectStore(client, bucket);
const champions = new Champions({
  store,
  onChange: (change) =>
    log({ message: "model", level: change.problem === undefined ? "info" : "error", ...change }),
});

export const handler = createHandler({
  champions,
  store,
  outcomes: new ObjectOutcomeStore(store),
  log,
  allowedOrigins: allowedOrigins.split(",").flatMap((origin) => origin.trim() || []),
});

// While the function starts it has a full processor; the first caller should not wait for what can be done now.
await champions.start();
