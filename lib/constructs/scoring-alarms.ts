import { Duration } from "aws-cdk-lib";
import { type Alarm, type IMetric, Metric, Stats, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { metrics } from "../config/metrics.ts";
import { type FunctionPurpose, resourceNames } from "../config/names.ts";
import type { StageConfig } from "../config/stage-config.ts";
import type { Capture } from "./capture.ts";
import { type AlarmContext, LeadgaugeAlarm, type LeadgaugeAlarmProps } from "./leadgauge-alarm.ts";

export interface ScoringAlarmsProps {
  readonly context: AlarmContext;
  readonly capture: Capture | undefined;
}

/** Of everything in the scoring stack but the rollout of code, whose alarms stand with the function. */
export class ScoringAlarms extends Construct {
  readonly #context: AlarmContext;

  constructor(scope: Construct, id: string, { context, capture }: ScoringAlarmsProps) {
    super(scope, id);
    this.#context = context;
    const { config } = context;
    this.#api(config);
    this.#registry(config);
    if (capture) this.#capture(config, capture);
  }

  #alarm(props: Omit<LeadgaugeAlarmProps, "context">): Alarm {
    return new LeadgaugeAlarm(this, { context: this.#context, ...props }).alarm;
  }

  #api(config: StageConfig): void {
    const { canaryEveryMinutes } = config.scoring;
    this.#alarm({
      alarmId: "api-failures",
      meaning: "The API answered with faults of the service (status 500 and above).",
      metric: functionMetric(config, "api", metrics.failures),
      threshold: 5,
    });
    this.#alarm({
      alarmId: "api-throttled",
      meaning: "Lambda had no room for calls of the scoring function.",
      metric: lambdaMetric(config, "api", "Throttles"),
      threshold: 1,
    });
    this.#alarm({
      alarmId: "api-slow",
      meaning: "One answer in a hundred takes more than two seconds.",
      // Not Lambda's Duration: that goes on after the answer, while the function looks at the registry.
      metric: apiMetric(config, "Latency", Stats.p(99)),
      threshold: 2_000,
      periods: 3,
    });
    this.#alarm({
      alarmId: "canary-wrong",
      meaning: "The API answers golden rows with wrong values.",
      metric: functionMetric(config, "canary", metrics.canaryWrong, Duration.minutes(canaryEveryMinutes)),
      threshold: 1,
    });
    this.#alarm({
      alarmId: "canary-failed",
      meaning: "The canary gets no answers from the API, or does not run.",
      metric: functionMetric(config, "canary", metrics.canaryFailed, Duration.minutes(canaryEveryMinutes)),
      threshold: 1,
      periods: 3,
      ofPeriods: 2,
      missingData: TreatMissingData.BREACHING,
    });
  }

  #registry(config: StageConfig): void {
    this.#alarm({
      alarmId: "registry-stale",
      meaning: "The scoring function cannot read the model registry, and goes on with the models it has.",
      metric: functionMetric(config, "api", metrics.registryStale),
      threshold: 1,
      periods: 3,
      ofPeriods: 2,
    });
    this.#alarm({
      alarmId: "model-refused",
      meaning:
        "A model version in production is damaged or not signed as it has to be; the one before it serves on.",
      metric: functionMetric(config, "api", metrics.modelsRefused, undefined, Stats.MAXIMUM),
      threshold: 1,
    });
    this.#alarm({
      alarmId: "promotion-suspected",
      meaning: "Errors or scores jumped after a model's promotion.",
      metric: functionMetric(config, "promotion-guard", metrics.promotionsSuspected),
      threshold: 1,
    });
    this.#alarm({
      alarmId: "promotion-guard-failed",
      meaning: "The function that watches promotions failed.",
      metric: lambdaMetric(config, "promotion-guard", "Errors"),
      threshold: 1,
      periods: 3,
      ofPeriods: 2,
    });
  }

  #capture(config: StageConfig, { queue, deadLetters }: Capture): void {
    this.#alarm({
      alarmId: "predictions-lost",
      meaning: "Predictions were neither delivered nor queued.",
      metric: functionMetric(config, "api", metrics.predictionsLost),
      threshold: 1,
    });
    this.#alarm({
      alarmId: "predictions-queued",
      meaning: "The delivery stream does not take predictions: they go to the queue.",
      metric: functionMetric(config, "api", metrics.predictionsQueued),
      threshold: 100,
      periods: 3,
    });
    this.#alarm({
      alarmId: "capture-queue-old",
      meaning: "Predictions wait in the queue for more than half an hour.",
      metric: queueMetric(queue, "ApproximateAgeOfOldestMessage"),
      threshold: 1_800,
    });
    this.#alarm({
      alarmId: "capture-dead-letters",
      meaning: "Messages with predictions could not be written.",
      metric: queueMetric(deadLetters, "ApproximateNumberOfMessagesVisible"),
      threshold: 1,
    });
    this.#alarm({
      alarmId: "capture-undelivered",
      meaning: "The delivery stream cannot write to the data lake.",
      metric: new Metric({
        namespace: "AWS/Firehose",
        metricName: "DeliveryToS3.DataFreshness",
        dimensionsMap: { DeliveryStreamName: resourceNames(config.name).deliveryStream },
        statistic: Stats.MAXIMUM,
        period: Duration.minutes(5),
      }),
      threshold: 2 * config.capture.bufferInSeconds + 900,
      periods: 2,
    });
  }
}

/** One of the metrics that our functions write. */
export function functionMetric(
  { name }: StageConfig,
  purpose: FunctionPurpose,
  metricName: string,
  period = Duration.minutes(5),
  statistic: string = Stats.SUM,
): Metric {
  return new Metric({
    namespace: resourceNames(name).metricNamespace,
    metricName,
    dimensionsMap: { service: purpose, stage: name },
    statistic,
    period,
  });
}

/** One of API Gateway's own metrics of the scoring API. */
export function apiMetric(
  { name }: StageConfig,
  metricName: "Count" | "4XXError" | "5XXError" | "Latency",
  statistic: string = Stats.SUM,
): Metric {
  return new Metric({
    namespace: "AWS/ApiGateway",
    metricName,
    dimensionsMap: { ApiName: resourceNames(name).api },
    statistic,
    period: Duration.minutes(5),
  });
}

/** One of Lambda's own metrics of a function. */
export function lambdaMetric(
  { name }: StageConfig,
  purpose: FunctionPurpose,
  metricName: "Errors" | "Throttles" | "Invocations" | "ConcurrentExecutions",
  statistic: string = Stats.SUM,
): Metric {
  return new Metric({
    namespace: "AWS/Lambda",
    metricName,
    dimensionsMap: { FunctionName: resourceNames(name).function(purpose) },
    statistic,
    period: Duration.minutes(5),
  });
}

function queueMetric(queue: Queue, metricName: string): IMetric {
  return new Metric({
    namespace: "AWS/SQS",
    metricName,
    dimensionsMap: { QueueName: queue.queueName },
    statistic: Stats.MAXIMUM,
    period: Duration.minutes(5),
  });
}
