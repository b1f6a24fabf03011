import { type FirehoseClient, PutRecordBatchCommand } from "@aws-sdk/client-firehose";
import type { PredictionStream } from "../../core/capture/capture.ts";

/** Limits of one PutRecordBatch. */
const MAXIMUM_RECORDS = 500;
const MAXIMUM_RECORD_BYTES = 1_000 * 1024;
const MAXIMUM_BATCH_BYTES = 4 * 1024 * 1024;

/** One call a request. What does not fit into it is not taken. */
export class FirehosePredictionStream implements PredictionStream {
  readonly #client: FirehoseClient;
  readonly #name: string;

  /** The client should neither retry (`maxAttempts: 1`) nor wait for long: the time is not there. */
  constructor(client: FirehoseClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  async put(lines: readonly string[]): Promise<readonly number[]> {
    const left: number[] = [];
    const sent: number[] = [];
    const records: { Data: Uint8Array }[] = [];
    let bytes = 0;
    for (const [index, line] of lines.entries()) {
      const data = Buffer.from(line);
      const fits =
        records.length < MAXIMUM_RECORDS &&
        data.length <= MAXIMUM_RECORD_BYTES &&
        bytes + data.length <= MAXIMUM_BATCH_BYTES;
      if (!fits) {
        left.push(index);
        continue;
      }
      records.push({ Data: data });
      sent.push(index);
      bytes += data.length;
    }
    if (records.length === 0) return left;
    const command = new PutRecordBatchCommand({ DeliveryStreamName: this.#name, Records: records });
    const { RequestResponses = [] } = await this.#client.send(command);
    for (const [at, index] of sent.entries()) {
      if (RequestResponses[at]?.RecordId === undefined) left.push(index);
    }
    return left;
  }
}
