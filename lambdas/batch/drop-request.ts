import * as z from "zod";
import type { DropRequest } from "../../core/batch/parts/plan-drop.ts";

/** S3's event of an object that was created, as EventBridge passes it on; or what a redrive asks for in the same form. */
const inputSchema = z.object({
  detail: z.object({
    object: z.object({ key: z.string().min(1).max(1_024), etag: z.string().min(1).optional() }),
  }),
  rescore: z.boolean().optional(),
  /** Set by the state machine itself. */
  again: z.boolean().optional(),
});

/** What an execution of the state machine was started with. Throws if it is neither. */
export function readDropRequest(input: unknown): DropRequest {
  const { detail, rescore = false, again = false } = inputSchema.parse(input);
  const { key, etag } = detail.object;
  return { key, ...(etag !== undefined && { etag }), rescore, again };
}
