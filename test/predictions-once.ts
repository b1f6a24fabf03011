/** The view of predictions as an SQL engine runs it: here Postgres, in this process. */
import { PGlite } from "@electric-sql/pglite";
import { type PredictionRow, predictionColumns } from "../core/capture/prediction.ts";

export interface Delivery {
  /** Of the folder it lies in, such as `2026-11-21-13`. */
  readonly hour: string;
  readonly rows: readonly PredictionRow[];
}

const postgresTypes = { string: "text", double: "double precision", int: "integer" } as const;

/** The rows that the view's statement shows of these deliveries. */
export async function predictionsOnce(
  sql: string,
  deliveries: readonly Delivery[],
): Promise<PredictionRow[]> {
  const database = await PGlite.create();
  try {
    const columns = Object.entries(predictionColumns).map(([name, type]) => `${name} ${postgresTypes[type]}`);
    await database.exec(`CREATE TABLE predictions (${columns.join(", ")}, delivered_hour text)`);
    for (const { hour, rows } of deliveries) {
      const delivered = JSON.stringify(rows.map((row) => ({ ...row, delivered_hour: hour })));
      await database.query(
        "INSERT INTO predictions SELECT * FROM json_populate_recordset(null::predictions, $1)",
        [delivered],
      );
    }
    return (await database.query<PredictionRow>(sql)).rows;
  } finally {
    await database.close();
  }
}
