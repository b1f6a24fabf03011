import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
} from "@aws-sdk/client-cloudwatch";
import {
  SCORE_QUANTILES,
  type ScoreQuantile,
  type ScoreQuantiles,
  type Traffic,
  type TrafficFigures,
} from "../../core/registry/promotion-guard.ts";
import { METRIC_NAMESPACE, Metric } from "../metrics.ts";

/** Metrics of the last day are kept by the minute; sums over five minutes are enough here. */
const PERIOD_IN_SECONDS = 300;
const DAY_IN_SECONDS = 86_400;

/** What the API's own metrics say. */
export class CloudWatchTraffic implements TrafficFigures {
  readonly #client: CloudWatchClient;
  readonly #stage: string;

  constructor(client: CloudWatchClient, stage: string) {
    this.#client = client;
    this.#stage = stage;
  }

  async read(model: string, version: string, from: Date, to: Date): Promise<Traffic> {
    const ofVersion = { model, version };
    const span = Math.min(Math.ceil((to.getTime() - from.getTime()) / 60_000) * 60, DAY_IN_SECONDS);
    const { MetricDataResults = [] } = await this.#client.send(
      new GetMetricDataCommand({
        StartTime: from,
        EndTime: to,
        MetricDataQueries: [
          this.#query("scored", Metric.score, "SampleCount", ofVersion),
          this.#query("points", Metric.score, "Sum", ofVersion),
          this.#query("rejected", Metric.leadsRejected, "Sum", ofVersion),
          this.#query("failed", Metric.failures, "Sum", { model }),
          this.#query("inSpan", Metric.score, "SampleCount", ofVersion, span),
          ...SCORE_QUANTILES.map((name) => this.#query(name, Metric.score, name, ofVersion, span)),
        ],
      }),
    );
    const valuesOf = (id: string) => MetricDataResults.find(({ Id }) => Id === id)?.Values ?? [];
    const total = (id: string) => valuesOf(id).reduce((sum, value) => sum + value, 0);
    const scored = total("scored");
    return {
      scored,
      meanScore: scored === 0 ? 0 : total("points") / scored,
      quantiles: quantilesOf(valuesOf),
      rejected: total("rejected"),
      failed: total("failed"),
    };
  }

  #query(
    id: string,
    name: string,
    statistic: "SampleCount" | "Sum" | ScoreQuantile,
    of: Readonly<Record<string, string>>,
    periodInSeconds = PERIOD_IN_SECONDS,
  ): MetricDataQuery {
    const dimensions = { service: "api", stage: this.#stage, ...of };
    return {
      Id: id,
      MetricStat: {
        Metric: {
          Namespace: METRIC_NAMESPACE,
          MetricName: name,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: periodInSeconds,
        Stat: statistic,
      },
    };
  }
}

/**
 * Percentiles are asked for in one period as long as the span. Where CloudWatch cuts it at a border of its own there are two: then the mean of
 * both, weighted by their leads. Undefined: nothing was scored, or CloudWatch has no single values to tell percentiles from.
 */
function quantilesOf(valuesOf: (id: string) => readonly number[]): ScoreQuantiles | undefined {
  const leads = valuesOf("inSpan");
  const all = leads.reduce((sum, count) => sum + count, 0);
  const isTold = all > 0 && SCORE_QUANTILES.every((name) => valuesOf(name).length === leads.length);
  if (!isTold) return undefined;
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value, index) => sum + value * (leads[index] as number), 0) / all;
  return Object.fromEntries(SCORE_QUANTILES.map((name) => [name, mean(valuesOf(name))])) as ScoreQuantiles;
}
