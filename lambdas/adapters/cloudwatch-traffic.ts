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
    // Percentiles of several periods cannot be put together: one period has to hold the whole span.
    const span = (Math.ceil((to.getTime() - from.getTime()) / 60_000) + 1) * 60;
    const { MetricDataResults = [] } = await this.#client.send(
      new GetMetricDataCommand({
        StartTime: from,
        EndTime: to,
        MetricDataQueries: [
          this.#query("scored", Metric.score, "SampleCount", ofVersion),
          this.#query("points", Metric.score, "Sum", ofVersion),
          this.#query("rejected", Metric.leadsRejected, "Sum", ofVersion),
          this.#query("failed", Metric.failures, "Sum", { model }),
          ...SCORE_QUANTILES.map((name) => this.#query(name, Metric.score, name, ofVersion, span)),
        ],
      }),
    );
    const values = (id: string) => MetricDataResults.find(({ Id }) => Id === id)?.Values ?? [];
    const total = (id: string) => values(id).reduce((sum, value) => sum + value, 0);
    // CloudWatch may cut the span in two at a border of its own: then there are two, and none of the whole.
    const isWhole = SCORE_QUANTILES.every((name) => values(name).length === 1);
    const scored = total("scored");
    return {
      scored,
      meanScore: scored === 0 ? 0 : total("points") / scored,
      quantiles: isWhole
        ? (Object.fromEntries(SCORE_QUANTILES.map((name) => [name, total(name)])) as ScoreQuantiles)
        : undefined,
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
