/** The Lambda function behind the scoring API. */
import { FirehoseClient } from "@aws-sdk/client-firehose";
import { SQSClient } from "@aws-sdk/client-sqs";
import { Capture } from "../../core/capture/capture.ts";
import { readTrustedKeys } from "../../core/package/signature.ts";
import { Champions } from "../../core/registry/champions.ts";
import { FirehosePredictionStream } from "../adapters/firehose-prediction-stream.ts";
import { functionTelemetry } from "../adapters/function-telemetry.ts";
import { InternalExtension } from "../adapters/internal-extension.ts";
import { ObjectOutcomeStore } from "../adapters/object-outcome-store.ts";
import { createS3Client } from "../adapters/s3-client.ts";
import { S3ObjectStore } from "../adapters/s3-object-store.ts";
import { SqsPredictionQueue } from "../adapters/sqs-prediction-queue.ts";
import { requiredVariable } from "../environment.ts";
import { LogEvent } from "../log-events.ts";
import { Metric } from "../metrics.ts";
import { followAfterAnswers, followBeforeAnswers } from "./follow-registry.ts";
import { createHandler, type Handler } from "./handler.ts";

const bucket = requiredVariable("LEADGAUGE_BUCKET", "the bucket that holds the model packages");
const {
  LEADGAUGE_ALLOWED_ORIGINS: allowedOrigins = "",
  LEADGAUGE_MANIFEST_PUBLIC_KEYS: publicKeys = "",
  LEADGAUGE_PREDICTIONS_STREAM: stream,
  LEADGAUGE_PREDICTIONS_QUEUE_URL: queueUrl,
  LEADGAUGE_STAGE: stage = "",
} = process.env;

const telemetry = functionTelemetry("api", stage);
// A call must not wait longer for S3 than it may take itself.
const s3 = createS3Client({ requestHandler: timeouts(5_000) });
const store = new S3ObjectStore(s3, bucket);

// Has to be done before the function has started.
const extension = await InternalExtension.register("leadgauge-registry").catch((error: Error) => {
  telemetry.log({ message: LogEvent.extensionRefused, level: "info", problem: error.message });
  return undefined;
});

const champions = new Champions({
  store,
  looksOnRequest: extension === undefined,
  trustedKeys: await readTrustedKeys(publicKeys),
  onChange: (change) =>
    telemetry.log({
      message: LogEvent.model,
      level: change.problem === undefined ? "info" : "error",
      ...change,
    }),
  onCheck({ isStale, refused }) {
    telemetry.count(Metric.registryStale, Number(isStale));
    telemetry.count(Metric.modelsRefused, refused.length);
  },
});

const answer = createHandler({
  champions,
  store,
  outcomes: new ObjectOutcomeStore(store),
  predictions: stream && queueUrl ? capture(stream, queueUrl) : undefined,
  telemetry: {
    scored({ name, version }, scores, rejected) {
      telemetry.alsoBy({ model: name, version });
      for (const score of scores) telemetry.count(Metric.score, score);
      telemetry.count(Metric.leadsRejected, rejected);
    },
    failed(model) {
      // Whoever calls may name any model: only known ones get figures of their own.
      if (champions.statuses().some((status) => status.model === model)) telemetry.alsoBy({ model });
      telemetry.count(Metric.failures, 1);
    },
  },
  log: telemetry.log,
  allowedOrigins: allowedOrigins.split(",").flatMap((origin) => origin.trim() || []),
});

function capture(streamName: string, url: string): Capture {
  // Once, and on connections that stay open: the time that an answer lends is short.
  const once = { maxAttempts: 1, requestHandler: timeouts(1_000) };
  return new Capture({
    stream: new FirehosePredictionStream(new FirehoseClient(once), streamName),
    // The service of the region (or of AWS_ENDPOINT_URL) is called, not whatever host a queue's address names.
    queue: new SqsPredictionQueue(new SQSClient({ ...once, useQueueUrlAsEndpoint: false }), url),
    onTally({ captured, queued, lost }) {
      telemetry.count(Metric.predictionsCaptured, captured);
      telemetry.count(Metric.predictionsQueued, queued);
      telemetry.count(Metric.predictionsLost, lost);
    },
  });
}

/** The SDK by itself only warns of an answer that does not come. */
function timeouts(milliseconds: number) {
  return {
    connectionTimeout: 1_000,
    requestTimeout: milliseconds,
    socketTimeout: milliseconds,
    throwOnRequestTimeout: true,
  };
}

const answerInTime = extension ? answer : followBeforeAnswers(champions, answer);

export const handler: Handler = async (event) => {
  try {
    return await answerInTime(event);
  } finally {
    telemetry.flush();
    extension?.answered();
  }
};

// While the function starts it has a full processor; the first caller should not wait for what can be done now.
await champions.start();
telemetry.flush();

const follow = followAfterAnswers(champions);
extension
  ?.run(async (deadline) => {
    await follow(deadline);
    telemetry.flush();
  })
  .catch((error: Error) => {
    telemetry.log({ message: LogEvent.extensionFailed, level: "error", error: error.message });
    // Lambda would wait for it until the call's time is over; an environment that ends is replaced at once. `process.exit` would not end it:
    // it waits for the runtime's thread, which waits for the next call.
    process.kill(process.pid, "SIGKILL");
  });
