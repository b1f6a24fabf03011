/** Scores one part of a drop. */
import * as z from "zod";
import { scoreDropPart } from "../../core/batch/parts/finish-drop.ts";
import { reporting } from "../batch/reporting.ts";
import { wireBatch, wireModels } from "../batch/wire.ts";
import { LogEvent } from "../log-events.ts";

const wiring = wireBatch();
const ports = { ...wiring.ports, models: await wireModels(wiring) };

const inputSchema = z.object({ drop: z.string().min(1), part: z.int().min(0) });

/** Answers nothing of the part: what thousands of parts answer has to fit into one state. */
export const handler = reporting(wiring, async (input): Promise<Record<string, never>> => {
  const { drop, part } = inputSchema.parse(input);
  const scored = await scoreDropPart(drop, part, ports);
  wiring.telemetry.log({ message: LogEvent.partScored, level: "info", drop, part, ...scored });
  return {};
});
