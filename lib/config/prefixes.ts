/** The parts of the data lake: lifecycle, grants and events go by them; core and the handlers write and read the same keys. */
export const prefixes = {
  /** Files as they came from the source systems. */
  rawData: "raw-data/",
  /** The same, cleaned and typed (Parquet). */
  processedData: "processed-data/",
  /** The model registry: `{model}/versions/{version}/*` and `{model}/stages.json`. */
  modelArtifacts: "model-artifacts/",
  /** Drops: files to be scored. */
  batchIn: "batch/in/",
  /** Results of drops. */
  batchOut: "batch/out/",
  /** Parts of drops under way: they expire by themselves. */
  batchWorking: "batch/working/",
  /** Captured predictions (Parquet by hour). */
  predictions: "predictions/",
  /** Predictions that the delivery stream could not turn into Parquet, as they came. */
  predictionsFailed: "predictions-failed/",
  /** What became of leads. */
  outcomes: "outcomes/",
  /** Reports for people. */
  reports: "reports/",
} as const;
