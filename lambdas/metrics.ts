/** What the functions measure, in the namespace `Leadgauge`, by service and stage; lib/config/metrics.ts names the same to alarms and dashboard. */
export const METRIC_NAMESPACE = "Leadgauge";

export const Metric = {
  /** 0 to 100, of every lead; also by model and version. */
  score: "Score",
  /** Leads that a model could not score; also by model and version. */
  leadsRejected: "LeadsRejected",
  /** Answers with a status of 500 and above; also by model. */
  failures: "Failures",
  predictionsCaptured: "PredictionsCaptured",
  predictionsQueued: "PredictionsQueued",
  predictionsLost: "PredictionsLost",
  /** 1: the registry could not be read at a look at it; 0: it could. */
  registryStale: "RegistryStale",
  /** How many models have a version in production that must not serve. */
  modelsRefused: "ModelsRefused",
  /** Golden rows that the API answered wrongly, and those that it did not answer. */
  canaryWrong: "CanaryWrongAnswers",
  canaryFailed: "CanaryFailures",
  /** Promotions after which errors or scores jumped. */
  promotionsSuspected: "PromotionsSuspected",
  /** Drops with results, drops whose file could not be used, and drops that could not be scored for a reason that lies with us. */
  dropsScored: "DropsScored",
  dropsRefused: "DropsRefused",
  dropsFailed: "DropsFailed",
  /** Rows of drops that have results. */
  rowsScored: "RowsScored",
  rowsRejected: "RowsRejected",
} as const;
