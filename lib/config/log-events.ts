/** Texts by which the functions' log lines are found; lambdas/log-events.ts writes them. A test holds the two together. */
export const logEvents = {
  request: "request",
  model: "model",
  unexpectedError: "unexpected error",
  outcomesFailed: "outcomes could not be recorded",
  predictionsRecovered: "predictions recovered",
  predictionsUnreadable: "predictions unreadable",
  canary: "canary",
  promotionChecked: "promotion checked",
  promotionReverted: "promotion reverted",
  alertSent: "alert sent",
  alertFailed: "alert failed",
  dropPlanned: "drop planned",
  partScored: "part scored",
  dropFinished: "drop finished",
  dropFailed: "drop failed",
} as const;
