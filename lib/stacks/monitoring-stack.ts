import { ArnFormat, Duration } from "aws-cdk-lib";
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  Metric,
  Row,
  Stats,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import { metrics } from "../config/metrics.ts";
import { type FunctionPurpose, resourceNames } from "../config/names.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { SavedQueries } from "../constructs/saved-queries.ts";
import { apiMetric, functionMetric, lambdaMetric } from "../constructs/scoring-alarms.ts";
import { LeadgaugeStack } from "./leadgauge-stack.ts";

export interface MonitoringStackProps {
  readonly config: StageConfig;
}

/** One dashboard and the saved queries. It refers to what it shows by name only, and can be deleted and made again at any time. */
export class MonitoringStack extends LeadgaugeStack {
  constructor(scope: Construct, { config }: MonitoringStackProps) {
    super(scope, {
      config,
      purpose: "monitoring",
      description: "dashboard and saved queries",
      isLongLived: false,
    });
    const names = resourceNames(config.name);
    const stateMachine = this.formatArn({
      service: "states",
      resource: "stateMachine",
      resourceName: names.stateMachine,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const dashboard = new Dashboard(this, "Dashboard", {
      dashboardName: names.api,
      defaultInterval: Duration.days(1),
    });
    dashboard.addWidgets(
      new TextWidget({
        width: 24,
        height: 2,
        markdown: `# Leadgauge ${config.name}\nWhat alarms mean and what to do: docs/runbook.md`,
      }),
    );
    dashboard.addWidgets(
      new Row(
        graph("Requests", [apiMetric(config, "Count")]),
        graph("Refused and failed", [apiMetric(config, "4XXError"), apiMetric(config, "5XXError")]),
        graph(
          "Latency, ms",
          [50, 90, 99].map((percentile) =>
            apiMetric(config, "Latency", Stats.p(percentile)).with({ label: `p${percentile}` }),
          ),
        ),
      ),
      new Row(
        graph(
          "Scores",
          [10, 50, 90].map((percentile) => ofScores(config, percentile)),
        ),
        graph("Leads rejected, faults", [
          functionMetric(config, "api", metrics.leadsRejected),
          functionMetric(config, "api", metrics.failures),
        ]),
        graph("Predictions", [
          functionMetric(config, "api", metrics.predictionsCaptured),
          functionMetric(config, "api", metrics.predictionsQueued),
          functionMetric(config, "api", metrics.predictionsLost),
        ]),
      ),
      new Row(
        graph("Registry and promotions", [
          functionMetric(config, "api", metrics.registryStale),
          functionMetric(config, "api", metrics.modelsRefused, undefined, Stats.MAXIMUM),
          functionMetric(config, "promotion-guard", metrics.promotionsSuspected),
        ]),
        graph("Canary", [
          functionMetric(config, "canary", metrics.canaryWrong),
          functionMetric(config, "canary", metrics.canaryFailed),
        ]),
        graph("Scoring function", [
          lambdaMetric(config, "api", "ConcurrentExecutions", Stats.MAXIMUM),
          lambdaMetric(config, "api", "Throttles"),
        ]),
      ),
      new Row(
        graph(
          "Errors of functions",
          functions.map((purpose) => lambdaMetric(config, purpose, "Errors").with({ label: purpose })),
        ),
        graph("Drops", [
          machineMetric(stateMachine, "ExecutionsStarted"),
          machineMetric(stateMachine, "ExecutionsSucceeded"),
          machineMetric(stateMachine, "ExecutionsFailed"),
        ]),
      ),
    );
    new SavedQueries(this, "Queries", config.name);
  }
}

const functions: readonly FunctionPurpose[] = [
  "api",
  "capture-drain",
  "canary",
  "promotion-guard",
  "batch-plan",
  "batch-score",
  "batch-finalise",
];

function graph(title: string, left: readonly IMetric[]): GraphWidget {
  return new GraphWidget({ title, left: [...left], width: 8, height: 6 });
}

function ofScores(config: StageConfig, percentile: number): Metric {
  return functionMetric(config, "api", metrics.score, undefined, Stats.p(percentile)).with({
    label: `p${percentile}`,
  });
}

function machineMetric(stateMachineArn: string, metricName: string): Metric {
  return new Metric({
    namespace: "AWS/States",
    metricName,
    dimensionsMap: { StateMachineArn: stateMachineArn },
    statistic: Stats.SUM,
    period: Duration.minutes(5),
  });
}
