/** The functions' own metrics as alarms and dashboard name them; lambdas/metrics.ts writes them. A test holds the two together. */
export const metrics = {
  score: "Score",
  leadsRejected: "LeadsRejected",
  failures: "Failures",
  predictionsCaptured: "PredictionsCaptured",
  predictionsQueued: "PredictionsQueued",
  predictionsLost: "PredictionsLost",
  registryStale: "RegistryStale",
  modelsRefused: "ModelsRefused",
  canaryWrong: "CanaryWrongAnswers",
  canaryFailed: "CanaryFailures",
  promotionsSuspected: "PromotionsSuspected",
  dropsScored: "DropsScored",
  dropsRefused: "DropsRefused",
  dropsFailed: "DropsFailed",
  rowsScored: "RowsScored",
  rowsRejected: "RowsRejected",
} as const;
