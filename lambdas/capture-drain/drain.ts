import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import { recoverPredictions, UnreadablePredictions } from "../../core/capture/recovered-predictions.ts";
import type { ObjectStore } from "../../core/ports.ts";
import type { FunctionTelemetry } from "../adapters/function-telemetry.ts";
import { unpackLines } from "../adapters/sqs-prediction-queue.ts";
import { LogEvent } from "../log-events.ts";

export interface DrainDependencies {
  readonly store: ObjectStore;
  readonly log: FunctionTelemetry["log"];
}

/** Answers the messages that could not be written: they come again, and in the end go to the dead letters. */
export async function drain(
  messages: readonly Pick<SQSRecord, "messageId" | "body">[],
  { store, log }: DrainDependencies,
): Promise<SQSBatchResponse> {
  const failed: string[] = [];
  let written = 0;
  let writtenBefore = 0;
  for (const { messageId, body } of messages) {
    try {
      const result = await recoverPredictions(store, readMessage(body));
      if (result === "written") written++;
      else writtenBefore++;
    } catch (error) {
      failed.push(messageId);
      // The message of another error might quote what it was given.
      const problem = error instanceof UnreadablePredictions ? error.message : nameOf(error);
      log({ message: LogEvent.predictionsUnreadable, level: "error", messageId, problem });
    }
  }
  log({
    message: LogEvent.predictionsRecovered,
    level: "info",
    written,
    writtenBefore,
    failed: failed.length,
  });
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

function readMessage(body: string): readonly string[] {
  try {
    return unpackLines(body);
  } catch {
    throw new UnreadablePredictions("It is not gzip in base64, or it is too large.");
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}
