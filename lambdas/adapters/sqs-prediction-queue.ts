import { gunzipSync, gzipSync } from "node:zlib";
import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { PredictionQueue } from "../../core/capture/capture.ts";

/** Of a message of SQS. */
const MAXIMUM_MESSAGE_BYTES = 1024 * 1024;
/** Of what a message holds, unpacked: no caller can send more in one request. */
const MAXIMUM_TEXT_BYTES = 32 * 1024 * 1024;

/** One message a request: its lines, gzipped, in base64. */
export class SqsPredictionQueue implements PredictionQueue {
  readonly #client: SQSClient;
  readonly #url: string;

  /** The client should neither retry (`maxAttempts: 1`) nor wait for long: the time is not there. */
  constructor(client: SQSClient, url: string) {
    this.#client = client;
    this.#url = url;
  }

  async send(lines: readonly string[]): Promise<readonly number[]> {
    let count = lines.length;
    let body = packLines(lines);
    // Leads compress well: what a request can hold nearly always fits. If not, half of it is better than nothing.
    while (body.length > MAXIMUM_MESSAGE_BYTES && count > 1) {
      count = Math.floor(count / 2);
      body = packLines(lines.slice(0, count));
    }
    if (body.length > MAXIMUM_MESSAGE_BYTES) return lines.map((_, index) => index);
    await this.#client.send(new SendMessageCommand({ QueueUrl: this.#url, MessageBody: body }));
    return lines.slice(count).map((_, index) => count + index);
  }
}

export function packLines(lines: readonly string[]): string {
  return gzipSync(lines.join(""), { level: 1 }).toString("base64");
}

/** Throws for what is no message of this queue. */
export function unpackLines(body: string): readonly string[] {
  const text = gunzipSync(Buffer.from(body, "base64"), { maxOutputLength: MAXIMUM_TEXT_BYTES }).toString();
  return text.split("\n").filter((line) => line !== "");
}
