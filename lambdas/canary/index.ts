/** Runs every few minutes. It never fails for what it finds: that is what its metrics tell. */
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { functionTelemetry } from "../adapters/function-telemetry.ts";
import { createS3Client } from "../adapters/s3-client.ts";
import { S3ObjectStore } from "../adapters/s3-object-store.ts";
import { credentialsOfFunction, signedFetch } from "../adapters/signed-fetch.ts";
import { requiredVariable } from "../environment.ts";
import { LogEvent } from "../log-events.ts";
import { Metric } from "../metrics.ts";
import { runCanary } from "./canary.ts";

const bucket = requiredVariable("LEADGAUGE_BUCKET", "the bucket that holds the model packages");
const apiUrl = requiredVariable("LEADGAUGE_API_URL", "the address of the API, ending in /");
const { LEADGAUGE_API_KEY_SECRET: apiKeySecret, LEADGAUGE_STAGE: stage = "" } = process.env;

const telemetry = functionTelemetry("canary", stage);
const store = new S3ObjectStore(createS3Client(), bucket);
const fetch = signedFetch({
  service: "execute-api",
  region: requiredVariable("AWS_REGION", "the region, as Lambda sets it"),
  credentials: credentialsOfFunction,
  timeoutInMilliseconds: 10_000,
  // As the SDK tells it with every call of its own.
  userAgent: `app/${requiredVariable("AWS_LAMBDA_FUNCTION_NAME", "the name of the function, as Lambda sets it")}`,
});
const secrets = new SecretsManagerClient();

export async function handler(): Promise<void> {
  const apiKey = apiKeySecret && (await secretText(apiKeySecret));
  const { models, wrong, failed } = await runCanary({ store, fetch, apiUrl, apiKey, now: Date.now });
  telemetry.log({
    message: LogEvent.canary,
    level: wrong.length + failed.length > 0 ? "error" : "info",
    models,
    wrong,
    failed,
  });
  telemetry.count(Metric.canaryWrong, wrong.length);
  telemetry.count(Metric.canaryFailed, failed.length);
  telemetry.flush();
}

async function secretText(id: string): Promise<string> {
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: id }));
  if (!SecretString) throw new Error("The secret with the API key of the canary is empty.");
  return SecretString;
}
