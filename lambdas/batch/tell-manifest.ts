import type { DropManifest } from "../../core/batch/manifest.ts";
import type { FunctionTelemetry } from "../adapters/function-telemetry.ts";
import { LogEvent } from "../log-events.ts";
import { Metric } from "../metrics.ts";

/** Logs and counts what became of a drop; nothing of what is in it. */
export function tellManifest(
  { key, drop }: { readonly key: string; readonly drop: string },
  { status, error, model, rows, durationInSeconds }: DropManifest,
  telemetry: FunctionTelemetry,
): void {
  telemetry.log({
    message: LogEvent.dropFinished,
    level: "info",
    key,
    drop,
    status,
    ...(error && { code: error.code }),
    model: model.name,
    version: model.version,
    rows,
    durationInSeconds,
  });
  telemetry.count(status === "succeeded" ? Metric.dropsScored : Metric.dropsRefused, 1);
  if (status !== "succeeded") return;
  telemetry.count(Metric.rowsScored, rows.scored);
  telemetry.count(Metric.rowsRejected, rows.rejected);
}
