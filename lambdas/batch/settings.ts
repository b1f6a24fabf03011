import * as z from "zod";
import type { BatchSettings } from "../../core/batch/parts/batch-ports.ts";
import { maximumReasons, maximumTop } from "../../core/batch/score-drop.ts";

/** What `LEADGAUGE_BATCH` holds, as JSON. */
const settingsSchema = z.strictObject({
  wholeBytes: z.int().min(0),
  partBytes: z.int().min(1),
  partLines: z.int().min(1),
  maximumBytes: z.int().min(1),
  maximumLines: z.int().min(1),
  reasons: z.int().min(0).max(maximumReasons),
  top: z.int().min(0).max(maximumTop),
  toleratedShare: z.number().min(0).max(1),
});

/** Throws for a text that is not what the stack writes. */
export function readBatchSettings(text: string): BatchSettings {
  const { reasons, top, toleratedShare, ...sizes } = settingsSchema.parse(JSON.parse(text));
  return { ...sizes, options: { reasons, top, tolerance: { share: toleratedShare } } };
}
