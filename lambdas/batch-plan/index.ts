/** First step of a drop: scores a small file, cuts a large one into parts. */
import { planDrop } from "../../core/batch/parts/plan-drop.ts";
import { readDropRequest } from "../batch/drop-request.ts";
import { reporting } from "../batch/reporting.ts";
import { readBatchSettings } from "../batch/settings.ts";
import { tellManifest } from "../batch/tell-manifest.ts";
import { wireBatch, wireModels } from "../batch/wire.ts";
import { requiredVariable } from "../environment.ts";
import { LogEvent } from "../log-events.ts";

const settings = readBatchSettings(requiredVariable("LEADGAUGE_BATCH", "the settings of batch scoring"));
const wiring = wireBatch();
const { telemetry } = wiring;
const ports = { ...wiring.ports, models: await wireModels(wiring) };

/** Takes what the execution was started with, answers what the state machine goes on with. */
export const handler = reporting(wiring, async (input): Promise<object> => {
  const request = readDropRequest(input);
  const planned = await planDrop(request, ports, settings);
  if (planned.outcome === "finished") {
    tellManifest({ key: request.key, drop: planned.drop }, planned.manifest, telemetry);
    return { outcome: planned.outcome, status: planned.manifest.status };
  }
  telemetry.log({ message: LogEvent.dropPlanned, level: "info", key: request.key, ...planned });
  return planned;
});
