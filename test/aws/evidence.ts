/** What each role needs, and how that is known: evidence.json, with the resources of a stage filled in. */
import { readFileSync } from "node:fs";
import * as z from "zod";
import type { Call } from "./permissions.ts";
import type { ResolvedStage, Resource } from "./resolved-stage.ts";

const rowSchema = z.strictObject({
  action: z.string().regex(/^[a-z0-9-]+:[A-Za-z]+$/),
  /**
   * An ARN, in which `{TYPE NAME}` stands for the ARN of a stage's resource, `{ref TYPE NAME}` for its id, `{own log}` for
   * the role's log group and `{stage}` for the stage.
   */
  resource: z.string(),
  context: z.record(z.string(), z.string()).optional(),
  /**
   * `recorded`: the function, or the command line with the role, makes this call in the test of a deployment, failures among it;
   * `definition`: the state machine makes it; else the AWS document that tells of the call that a service makes.
   */
  source: z.union([z.literal(["recorded", "definition"]), z.url({ hostname: /^docs\.aws\.amazon\.com$/ })]),
  why: z.string().optional(),
  /** Where the call is made. Absent: wherever the role exists. */
  stages: z.array(z.string()).optional(),
});

const schema = z.strictObject({
  everyFunction: z.array(rowSchema),
  everyFunctionInVpc: z.array(rowSchema),
  /** By the purpose of a role, which is also the function's. */
  roles: z.record(
    z.string(),
    z.strictObject({
      kind: z.enum(["function", "service"]),
      /** Where the role exists. Absent: in every stage. */
      stages: z.array(z.string()).optional(),
      calls: z.array(rowSchema),
    }),
  ),
});

export type EvidenceRow = z.infer<typeof rowSchema>;

export const evidence = schema.parse(
  JSON.parse(readFileSync(new URL("evidence.json", import.meta.url), "utf8")),
);

/** All that the role of a purpose needs in a stage. */
export function callsOf(stage: ResolvedStage, stageName: string, purpose: string): Call[] {
  const { kind, calls } = evidence.roles[purpose] as (typeof evidence.roles)[string];
  const rows = calls.filter((row) => isMadeIn(row, stageName));
  if (kind === "function") {
    rows.push(...evidence.everyFunction);
    const handler = stage.find("AWS::Lambda::Function", `leadgauge-${stageName}-${purpose}`);
    if (handler.properties.VpcConfig !== undefined) rows.push(...evidence.everyFunctionInVpc);
  }
  return rows.map((row) => callOf(stage, stageName, purpose, row));
}

function isMadeIn({ stages }: EvidenceRow, stageName: string): boolean {
  return stages === undefined || stages.includes(stageName);
}

/**
 * Whether the function's code makes the call: it is seen to, or the document of the API that it calls asks for the permission as well. What
 * other documents tell of is done by services with the function's role.
 */
export function isOwnCall(row: EvidenceRow, stageName: string): boolean {
  return isMadeIn(row, stageName) && (!row.source.startsWith("https:") || row.source.includes("/API/"));
}

export function callOf(stage: ResolvedStage, stageName: string, purpose: string, row: EvidenceRow): Call {
  const resource = row.resource
    .replaceAll("{stage}", stageName)
    .replace("{own log}", () => stage.find("AWS::Logs::LogGroup", `/leadgauge/${stageName}/${purpose}`).arn)
    .replace(/\{ref (\S+) (\S+)\}/, (_, type, name) => stage.find(type, name).physicalId)
    .replace(/\{(\S+) (\S+)\}/, (_, type, name) => stage.find(type, name).arn);
  return { action: row.action, resource, ...(row.context && { context: row.context }) };
}

export function roleOf(stage: ResolvedStage, stageName: string, purpose: string): Resource {
  return stage.find("AWS::IAM::Role", `leadgauge-${stageName}-${purpose}-`);
}
