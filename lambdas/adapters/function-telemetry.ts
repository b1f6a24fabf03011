/** Powertools, set up as every function here uses it: log lines as JSON, metrics in lines of the same log (EMF). */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { METRIC_NAMESPACE } from "../metrics.ts";

export type LogLine = { readonly message: string; readonly level: "info" | "error" } & Readonly<
  Record<string, unknown>
>;

export interface FunctionTelemetry {
  log(line: LogLine): void;
  /** Adds to a metric; the values of a name are kept apart, as a distribution. */
  count(name: string, value: number): void;
  /** The metrics added since are told by these names too, beside service and stage. */
  alsoBy(dimensions: Readonly<Record<string, string>>): void;
  /** Writes what was counted. Has to be called before the function answers. */
  flush(): void;
}

/** A line of metrics holds so many values of one name; one more makes Powertools write it without its dimensions. */
const MAXIMUM_VALUES = 99;

/** `service` is the function's name without stage, such as `api`. */
export function functionTelemetry(service: string, stage: string): FunctionTelemetry {
  keepApplicationId();
  const logger = new Logger({ serviceName: service, persistentKeys: { stage } });
  const metrics = new Metrics({
    namespace: METRIC_NAMESPACE,
    serviceName: service,
    defaultDimensions: { stage },
  });
  let dimensions: Readonly<Record<string, string>> | undefined;
  const counts = new Map<string, number>();
  const flush = () => {
    counts.clear();
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    else metrics.clearDimensions();
  };
  const apply = () => {
    if (dimensions === undefined) return;
    metrics.addDimensions({});
    metrics.addDimensions({ ...dimensions });
  };
  return {
    log({ message, level, ...attributes }) {
      logger[level](message, attributes);
    },
    count(name, value) {
      const values = (counts.get(name) ?? 0) + 1;
      if (values > MAXIMUM_VALUES) {
        flush();
        apply();
      }
      counts.set(name, values > MAXIMUM_VALUES ? 1 : values);
      metrics.addMetric(name, MetricUnit.Count, value);
    },
    alsoBy(given) {
      flush();
      dimensions = given;
      apply();
    },
    flush() {
      flush();
      dimensions = undefined;
    },
  };
}

/**
 * Powertools adds itself to the id that every call of the SDK carries. With a function's name it is longer than the 50 characters that the SDK
 * takes: each client would warn of it in the log at every start.
 */
function keepApplicationId(): void {
  const [id] = (process.env.AWS_SDK_UA_APP_ID ?? "").split("/PT/");
  if (id) process.env.AWS_SDK_UA_APP_ID = id;
}
