/** What the functions log, by the `message` of the line: saved queries and alarms look for these texts. */
export const LogEvent = {
  /** A request to the API was answered: method, path, status, durationInMs. */
  request: "request",
  /** A model version serves, or is refused: model, version or problem. */
  model: "model",
  /** A fault of the service itself: error, stack, requestId; of batch scoring also key, drop or part, and problem where its words may be told. */
  unexpectedError: "unexpected error",
  /** Lambda grants no time after answers, so that one in half a minute lends the registry a moment: problem. */
  extensionRefused: "extension refused",
  /** Lambda can't be asked for the next call any more, and the environment ended itself: error. */
  extensionFailed: "extension failed",
  outcomesFailed: "outcomes could not be recorded",
  /** Predictions that came by the queue were written: how many objects. */
  predictionsRecovered: "predictions recovered",
  /** A message of the queue holds no predictions. */
  predictionsUnreadable: "predictions unreadable",
  /** The canary called the API: models, problems. */
  canary: "canary",
  /** A promotion was compared with what was before it: model, version, figures of both, findings. */
  promotionChecked: "promotion checked",
  /** A promotion was taken back. */
  promotionReverted: "promotion reverted",
  /** An alarm was handed to the webhook, or could not be. */
  alertSent: "alert sent",
  alertFailed: "alert failed",
  /** A drop was planned: outcome, and drop, parts and missing, or reason. */
  dropPlanned: "drop planned",
  /** A part of a drop was scored: drop, part, rows, scored. */
  partScored: "part scored",
  /** A drop has its manifest: key, drop, status, code, version, rows. */
  dropFinished: "drop finished",
  /** A drop could not be scored, for a reason that lies with us: drop, missing or cause. */
  dropFailed: "drop failed",
} as const;
