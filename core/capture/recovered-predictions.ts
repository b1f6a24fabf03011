/** Predictions that came by the queue: written as the delivery stream would have, under a name that their ids make. */
import { type BasicType, type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import * as z from "zod";
import { ConditionFailed, type ObjectStore } from "../ports.ts";
import { type PredictionRow, predictionColumns } from "./prediction.ts";

const PREFIX = "predictions/";
const MAXIMUM_LINES = 10_000;

const columnTypes = { string: "STRING", double: "DOUBLE", int: "INT32" } as const satisfies Record<
  string,
  BasicType
>;
const columns = Object.entries(predictionColumns) as [keyof PredictionRow, keyof typeof columnTypes][];
const cells = { string: z.string().nullable(), double: z.number(), int: z.int() };
const rowSchema = z.strictObject({
  ...(Object.fromEntries(columns.map(([name, type]) => [name, cells[type]])) as Record<string, z.ZodType>),
  prediction_id: z.string().min(1),
  scored_at: z.iso.datetime(),
});

/** A message that holds no predictions; it cannot be drained by trying again. Its message quotes nothing of it. */
export class UnreadablePredictions extends Error {
  override readonly name = "UnreadablePredictions";
}

/**
 * Writes the predictions of one message as one Parquet object below `predictions/`, by the hour they were made in. The object's name is the
 * hash of the predictions' ids and it is only ever added: a message that comes twice is written once. Throws UnreadablePredictions.
 */
export async function recoverPredictions(
  store: ObjectStore,
  lines: readonly string[],
): Promise<"written" | "written before"> {
  const rows = lines.slice(0, MAXIMUM_LINES + 1).map(readRow);
  const [first] = rows;
  if (first === undefined || rows.length > MAXIMUM_LINES) {
    throw new UnreadablePredictions(
      `It has ${lines.length} predictions; 1 to ${MAXIMUM_LINES} are expected.`,
    );
  }
  const columnData = columns.map(
    ([name, type]): ColumnSource => ({ name, data: rows.map((row) => row[name]), type: columnTypes[type] }),
  );
  const body = new Uint8Array(parquetWriteBuffer({ columnData }));
  const [day, hour] = new Date(first.scored_at as string).toISOString().split(/[T:]/);
  const folder = `delivered_hour=${day}-${hour}/`;
  const name = `recovered-${await hashOf(rows.map(({ prediction_id }) => prediction_id))}.parquet`;
  try {
    await store.put(PREFIX + folder + name, body, { ifNoneMatch: "*" });
    return "written";
  } catch (error) {
    if (error instanceof ConditionFailed) return "written before";
    throw error;
  }
}

function readRow(line: string, index: number): PredictionRow {
  try {
    return rowSchema.parse(JSON.parse(line)) as PredictionRow;
  } catch {
    throw new UnreadablePredictions(`Line ${index + 1} is no row of the table of predictions.`);
  }
}

async function hashOf(ids: readonly (string | null)[]): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(ids.join("\n")));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
