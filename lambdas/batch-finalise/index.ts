/** Last step of a drop: puts the scored parts together, or tells whoever waits that it could not be scored. */
import * as z from "zod";
import { finishDrop, giveUpDrop } from "../../core/batch/parts/finish-drop.ts";
import type { DropRequest } from "../../core/batch/parts/plan-drop.ts";
import { readDropRequest } from "../batch/drop-request.ts";
import { reporting } from "../batch/reporting.ts";
import { readBatchSettings } from "../batch/settings.ts";
import { tellManifest } from "../batch/tell-manifest.ts";
import { wireBatch } from "../batch/wire.ts";
import { requiredVariable } from "../environment.ts";
import { LogEvent } from "../log-events.ts";
import { Metric } from "../metrics.ts";

const settings = readBatchSettings(requiredVariable("LEADGAUGE_BATCH", "the settings of batch scoring"));
const wiring = wireBatch();
const { ports, telemetry } = wiring;

const inputSchema = z.union([
  z.discriminatedUnion("action", [
    z.object({ action: z.literal("finish"), drop: z.string().min(1), again: z.boolean() }),
    /** `input`: what the execution was started with. */
    z.object({ action: z.literal("give-up"), input: z.unknown() }),
  ]),
  /** Step Functions' event of an execution that did not succeed: it may not have come to giving up. `input`: the same, as JSON. */
  z.object({ status: z.enum(["ABORTED", "FAILED", "TIMED_OUT"]), input: z.string() }),
]);

/** Answers what the state machine goes on with. */
export const handler = reporting(wiring, async (input) => {
  const asked = inputSchema.parse(input);
  if ("status" in asked) return tellEnded(asked.status, readDropRequest(JSON.parse(asked.input)));
  return asked.action === "finish" ? finish(asked.drop, asked.again) : giveUp(readDropRequest(asked.input));
});

async function finish(drop: string, again: boolean): Promise<object> {
  const finished = await finishDrop(drop, ports, { again });
  if (finished.outcome === "finished") {
    tellManifest({ key: finished.key, drop }, finished.manifest, telemetry);
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

async function giveUp(request: DropRequest): Promise<object> {
  const given = await giveUpDrop(request, ports, settings);
  tellFailure({ key: request.key, told: given.outcome });
  return given;
}

/** An execution that ran out of time or was stopped leaves a manifest too, where it did not write one itself. */
async function tellEnded(status: string, request: DropRequest): Promise<object> {
  const given = await giveUpDrop(request, ports, settings, { outside: true });
  if (given.outcome !== "nothing-to-tell") tellFailure({ key: request.key, told: given.outcome, status });
  // Another file came while this was written, and may have had its results before: they are told to be missing as well.
  return given.outcome === "again" ? giveUpDrop({ key: given.key }, ports, settings) : given;
}

function tellFailure(what: Readonly<Record<string, unknown>>): void {
  telemetry.log({ message: LogEvent.dropFailed, level: "error", ...what });
  telemetry.count(Metric.dropsFailed, 1);
}
