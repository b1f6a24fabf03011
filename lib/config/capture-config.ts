import { z } from "zod";

/** Predictions that are kept beside the answers. */
export const captureConfigSchema = z.strictObject({
  /** False: nothing is kept of what is scored; drift and retraining then have nothing to go by. Default: true. */
  isEnabled: z.boolean().default(true),
  /** How long predictions are collected before a file is written. Default: 300. */
  bufferInSeconds: z.int().min(60).max(900).default(300),
});
