import { CfnQueryDefinition } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { logEvents } from "../config/log-events.ts";
import { type FunctionPurpose, resourceNames } from "../config/names.ts";

interface SavedQuery {
  readonly name: string;
  /** Whose logs are searched. */
  readonly of: readonly (FunctionPurpose | "api-access")[];
  readonly lines: readonly string[];
}

const is = (...messages: readonly string[]) =>
  `filter message in [${messages.map((text) => `"${text}"`).join(", ")}]`;

const batch = ["batch-plan", "batch-score", "batch-finalise"] as const;

const queries: readonly SavedQuery[] = [
  {
    name: "slowest requests",
    of: ["api"],
    lines: [
      is(logEvents.request),
      "fields @timestamp, requestId, method, path, status, durationInMs",
      "sort durationInMs desc",
      "limit 50",
    ],
  },
  {
    name: "requests by path and status",
    of: ["api"],
    lines: [
      is(logEvents.request),
      "stats count() as requests, pct(durationInMs, 50) as p50, pct(durationInMs, 99) as p99 by path, status",
    ],
  },
  {
    name: "everything of one request",
    of: ["api", "api-access"],
    lines: ['filter requestId = "PUT THE REQUEST ID HERE"', "fields @timestamp, @message", "sort @timestamp"],
  },
  {
    name: "faults of the service",
    of: ["api", "capture-drain", "canary", "promotion-guard", ...batch],
    lines: [
      is(
        logEvents.unexpectedError,
        logEvents.extensionFailed,
        logEvents.outcomesFailed,
        logEvents.predictionsUnreadable,
      ),
      "fields @timestamp, service, message, requestId, key, drop, part, error, problem, stack",
      "sort @timestamp desc",
      "limit 100",
    ],
  },
  {
    name: "models taken up and refused",
    of: ["api"],
    lines: [
      is(logEvents.model),
      "fields @timestamp, model, version, problem",
      "sort @timestamp desc",
      "limit 200",
    ],
  },
  {
    name: "canary",
    of: ["canary"],
    lines: [
      is(logEvents.canary),
      "fields @timestamp, models, wrong.0.problem, failed.0.problem",
      "sort @timestamp desc",
      "limit 100",
    ],
  },
  {
    name: "promotions watched and reverted",
    of: ["promotion-guard"],
    lines: [
      is(logEvents.promotionChecked, logEvents.promotionReverted),
      "fields @timestamp, message, model, version, problem, before.scored, after.scored, findings.0, findings.1, findings.2, findings.3, findings.4",
      "sort @timestamp desc",
      "limit 100",
    ],
  },
  {
    name: "predictions recovered from the queue",
    of: ["capture-drain"],
    lines: [
      is(logEvents.predictionsRecovered),
      "stats sum(written) as objects, sum(writtenBefore) as deliveredTwice, sum(failed) as failures by bin(5m)",
    ],
  },
  {
    name: "what became of drops",
    of: batch,
    lines: [
      is(logEvents.dropFinished, logEvents.dropFailed),
      "fields @timestamp, message, key, drop, status, code, model, version, rows.in, rows.scored, rows.rejected, durationInSeconds",
      "sort @timestamp desc",
      "limit 200",
    ],
  },
  {
    name: "everything of one drop",
    of: batch,
    lines: [
      'filter key = "PUT batch/in/MODEL/NAME HERE" or drop = "PUT THE DROP\'S ID HERE"',
      "fields @timestamp, message, key, drop, outcome, reason, parts, missing, part, rows, scored, status, code, error, problem",
      "sort @timestamp",
    ],
  },
];

/** Questions that are asked again and again, ready in CloudWatch Logs Insights. */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, stage: string) {
    super(scope, id);
    const names = resourceNames(stage);
    for (const { name, of, lines } of queries) {
      new CfnQueryDefinition(this, name.replaceAll(" ", "-"), {
        name: `${names.api}/${name}`,
        logGroupNames: of.map((purpose) => names.logGroup(purpose)),
        queryString: lines.join("\n| "),
      });
    }
  }
}
