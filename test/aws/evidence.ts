/** What each role needs, and how that is known: evidence.json, with the resources of a stage filled in. */
import { readFileSync } from "node:fs";
import * as z from "zod";
import type { Call } from "./permissions.ts";
import type { ResolvedStage } from "./resolved-stage.ts";

const rowSchema = z.strictObject({
  action: z.string().regex(/^[a-z0-9-]+:[A-Za-z]+$/),
  /** An ARN, or `{TYPE NAME}` for the ARN of a stage's resource, and what follows it. */
  resource: z.string(),
  context: z.record(z.string(), z.string()).optional(),
  /** `recorded`: the function makes this call; `definition`: a state machine does; else the AWS document that tells of it. */
  source: z.union([z.literal(["recorded", "definition"]), z.url({ hostname: /^docs\.aws\.amazon\.com$/ })]),
  why: z.string().optional(),
});

const schema = z.record(z.string(), z.strictObject({ role: z.string(), calls: z.array(rowSchema) }));

export type EvidenceRow = z.infer<typeof rowSchema>;

export const evidence = schema.parse(
  JSON.parse(readFileSync(new URL("evidence.json", import.meta.url), "utf8")),
);

export function callOf(stage: ResolvedStage, { action, resource, context }: EvidenceRow): Call {
  const arn = resource.replace(/^\{(\S+) (\S+)\}/, (_, type, name) => stage.find(type, name).arn);
  return { action, resource: arn, ...(context && { context }) };
}
