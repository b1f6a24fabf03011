/** The table of predictions as Glue and Athena see it; core/capture/prediction.ts writes its rows. A test holds the two together. */
export const predictionsTable = {
  name: "predictions",
  columns: [
    { name: "prediction_id", type: "string" },
    { name: "request_id", type: "string" },
    { name: "lead_id", type: "string" },
    { name: "model", type: "string" },
    { name: "model_version", type: "string" },
    { name: "scored_at", type: "string" },
    { name: "fields", type: "string" },
    { name: "probability", type: "double" },
    { name: "score", type: "int" },
    { name: "percentile", type: "int" },
    { name: "prediction", type: "string" },
    { name: "tier", type: "string" },
    { name: "action", type: "string" },
    { name: "completeness", type: "double" },
    { name: "probabilities", type: "string" },
    { name: "warnings", type: "string" },
  ],
  /** Folders by the hour of delivery, such as delivered_hour=2026-11-21-13/. */
  partitionKey: { name: "delivered_hour", type: "string" },
} as const;

/** How Firehose and Athena write the hour of a folder, in UTC. */
export const DELIVERED_HOUR_FORMAT = "yyyy-MM-dd-HH";

/**
 * The statement, for Athena, of one row a prediction. A delivery that was slow was sent by the queue as well, and Firehose may deliver twice. Copies
 * may lie in folders of neighbouring hours: none may be left out before they are compared. What copies have in common stands beside the id, so that
 * conditions on it reach the files.
 */
export function predictionsOnceSql(table: string): string {
  const columns = predictionsTable.columns.map(({ name }) => `"${name}"`).join(", ");
  return [
    `SELECT ${columns}`,
    "FROM (",
    `  SELECT ${columns},`,
    `    row_number() OVER (PARTITION BY prediction_id, model, scored_at ORDER BY ${predictionsTable.partitionKey.name}) AS copy`,
    `  FROM ${table}`,
    ") AS delivered",
    "WHERE copy = 1",
  ].join("\n");
}
