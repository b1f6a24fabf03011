import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
} from "@aws-sdk/client-cloudwatch";
import type { Traffic, TrafficFigures } from "../../core/registry/promotion-guard.ts";
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
    const { MetricDataResults = [] } = await this.#client.send(
      new GetMetricDataCommand({
        StartTime: from,
        EndTime: to,
        MetricDataQueries: [
          this.#query("scored", Metric.score, "SampleCount", ofVersion),
          this.#query("points", Metric.score, "Sum", ofVersion),
          this.#query("rejected", Metric.leadsRejected, "Sum", ofVersion),
          this.#query("failed", Metric.failures, "Sum", { model }),
        ],
      }),
    );
    const total = (id: string) =>
      (MetricDataResults.find(({ Id }) => Id === id)?.Values ?? []).reduce((sum, value) => sum + value, 0);
    const scored = total("scored");
    return {
      scored,
      meanScore: scored === 0 ? 0 : total("points") / scored,
      rejected: total("rejected"),
      failed: total("failed"),
    };
  }

  #query(
    id: string,
    name: string,
    statistic: "SampleCount" | "Sum",
    of: Readonly<Record<string, string>>,
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
        Period: PERIOD_IN_SECONDS,
        Stat: statistic,
      },
    };
  }
}
