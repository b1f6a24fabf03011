/** Last step of a drop: puts the scored parts together, or tells whoever waits that it could not be scored. */
import * as z from "zod";
import { finishDrop, giveUpDrop } from "../../core/batch/parts/finish-drop.ts";
import { readDropRequest } from "../batch/drop-request.ts";
import { readBatchSettings } from "../batch/settings.ts";
import { tellManifest } from "../batch/tell-manifest.ts";
import { reporting, wireBatch } from "../batch/wire.ts";
import { requiredVariable } from "../environment.ts";
import { LogEvent } from "../log-events.ts";
import { Metric } from "../metrics.ts";

const settings = readBatchSettings(requiredVariable("LEADGAUGE_BATCH", "the settings of batch scoring"));
const wiring = wireBatch();
const { ports, telemetry } = wiring;

const inputSchema = z.discriminatedUnion("action", [
  z.object({ action: z.literal("finish"), drop: z.string().min(1), again: z.boolean() }),
  /** `input`: what the execution was started with. */
  z.object({ action: z.literal("give-up"), input: z.unknown() }),
]);

/** Answers what the state machine goes on with. */
export const handler = reporting(wiring, async (input) => {
  const asked = inputSchema.parse(input);
  return asked.action === "finish" ? finish(asked.drop, asked.again) : giveUp(asked.input);
});

async function finish(drop: string, again: boolean): Promise<object> {
  const finished = await finishDrop(drop, ports, { again });
  if (finished.outcome === "finished") {
    tellManifest(finished.key, finished.manifest, telemetry);
    return { outcome: finished.outcome, status: finished.manifest.status };
  }
  if (finished.outcome === "failed") {
    telemetry.log({ message: LogEvent.dropFailed, level: "error", drop, missing: finished.missing });
    telemetry.count(Metric.dropsFailed, 1);
    return { outcome: finished.outcome, missing: finished.missing.length };
  }
  telemetry.log({ message: LogEvent.dropPlanned, level: "info", drop, ...finished });
  return finished;
}

async function giveUp(input: unknown): Promise<object> {
  const request = readDropRequest(input);
  const given = await giveUpDrop(request, ports, settings);
  telemetry.log({ message: LogEvent.dropFailed, level: "error", key: request.key, told: given.outcome });
  telemetry.count(Metric.dropsFailed, 1);
  return given;
}
