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
  /** Folders by the hour of delivery: year=2026/month=11/day=21/hour=13/ */
  partitionKeys: [
    { name: "year", type: "string" },
    { name: "month", type: "string" },
    { name: "day", type: "string" },
    { name: "hour", type: "string" },
  ],
} as const;
