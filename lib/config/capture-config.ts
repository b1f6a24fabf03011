import { z } from "zod";

/** Predictions that are kept beside the answers. */
export const captureConfigSchema = z.strictObject({
  /** False: nothing is kept of what is scored; drift and retraining then have nothing to go by. */
  isEnabled: z.boolean().default(true),
  /** How long predictions are collected before a file is written. */
  bufferInSeconds: z.int().min(60).max(900).default(300),
});
