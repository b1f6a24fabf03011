/** Hands alerts of the topic to a webhook. Lambda tries what fails here twice more, some minutes later, and then keeps it in a queue. */
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SNSHandler } from "aws-lambda";
import { functionTelemetry } from "../adapters/function-telemetry.ts";
import { requiredVariable } from "../environment.ts";
import { LogEvent } from "../log-events.ts";
import { postAlert, readWebhook } from "./webhook.ts";

const secretId = requiredVariable("LEADGAUGE_WEBHOOK_SECRET", "the secret with the address of the webhook");
const { log } = functionTelemetry("alert-webhook", process.env.LEADGAUGE_STAGE ?? "");
const secrets = new SecretsManagerClient();

export const handler: SNSHandler = async ({ Records: records }) => {
  // Read every time: an address that was changed counts from the next alert on.
  const { SecretString: secret = "" } = await secrets.send(new GetSecretValueCommand({ SecretId: secretId }));
  const webhook = readWebhook(secret);
  for (const { Sns: message } of records) {
    try {
      await postAlert(webhook, message);
      log({ message: LogEvent.alertSent, level: "info", messageId: message.MessageId });
    } catch (error) {
      const problem = error instanceof Error ? error.message : "unknown";
      log({ message: LogEvent.alertFailed, level: "error", messageId: message.MessageId, problem });
      throw new Error("The webhook did not take an alert.");
    }
  }
};
