/** Every endpoint lets through the calls that the functions inside make, on their resources, and nothing else. */
import { beforeAll, describe, expect, it } from "vitest";
import { type CallFromInside, callsFromInside, endpointPolicies } from "./endpoints.ts";
import { roleOf } from "./evidence.ts";
import { isAllowed, type PolicyDocument, policiesOf, simulate } from "./permissions.ts";
import type { ResolvedStage } from "./resolved-stage.ts";
import { covers, reductions, targetsOf } from "./sweep.ts";
import { resolveStage } from "./synthesised-stage.ts";

const isolatedStages = ["prod", "full"];

/** What deployments put there is read by what deploys, not by functions. */
const ofDeployments = "ReadAssets";

describe.each(isolatedStages)("the endpoints of %s", (stageName) => {
  let stage: ResolvedStage;
  let policies: ReadonlyMap<string, PolicyDocument>;
  let calls: readonly CallFromInside[];
  beforeAll(() => {
    stage = resolveStage(stageName);
    policies = endpointPolicies(stage);
    calls = callsFromInside(stage, stageName);
  });

  it("let through every call of every function inside", async () => {
    expect(calls.length).toBeGreaterThan(20);
    expect(await stopped(calls, (service) => policies.get(service))).toEqual([]);
  });

  it("need every action and every resource of every statement", async () => {
    const superfluous: string[] = [];
    for (const [service, policy] of policies) {
      const through = calls.filter(({ call }) => serviceOf(call.action) === service);
      for (const { document, removed } of reductions(policy)) {
        if (removed.startsWith(`${ofDeployments}:`)) continue;
        if ((await stopped(through, () => document)).length === 0) superfluous.push(`${service}: ${removed}`);
      }
    }
    expect(superfluous).toEqual([]);
  });

  it("let nothing else through, whatever a role may do", async () => {
    expect(await unexplained(policies)).toEqual([]);
  });

  it("would be found out if one let an action through on more, or another caller", async () => {
    for (const [service, policy] of policies) {
      const widened = (change: (statement: PolicyDocument["Statement"][number]) => object) => {
        const [first, ...others] = policy.Statement.filter(({ Sid }) => Sid !== ofDeployments);
        const Statement = [{ ...first, ...change(first as PolicyDocument["Statement"][number]) }, ...others];
        return new Map([[service, { ...policy, Statement } as PolicyDocument]]);
      };
      if (service !== "cloudwatch")
        expect(await unexplained(widened(() => ({ Resource: "*" })))).not.toEqual([]);
      if (service === "s3") expect(await unexplained(widened(() => ({ Condition: {} })))).not.toEqual([]);
    }
  });

  /** Calls that do not get through, though the role may make them. */
  async function stopped(
    made: readonly CallFromInside[],
    endpointOf: (service: string) => PolicyDocument | undefined,
  ): Promise<string[]> {
    const found: string[] = [];
    for (const { purpose, call } of made) {
      const endpoint = endpointOf(serviceOf(call.action));
      const role = policiesOf(stage, roleOf(stage, stageName, purpose));
      const verdict = endpoint && (await simulate(stage, role, call, endpoint));
      if (!verdict?.isAllowed)
        found.push(`${purpose}: ${verdict?.explanation ?? `${call.action}: no endpoint`}`);
    }
    return found;
  }

  /** What would get through for a caller who may do everything, and is not in the evidence. */
  async function unexplained(given: ReadonlyMap<string, PolicyDocument>): Promise<string[]> {
    const found: string[] = [];
    for (const [service, endpoint] of given) {
      const ofService = calls.filter(({ call }) => serviceOf(call.action) === service);
      const actions = new Set(endpoint.Statement.flatMap(({ Action = [] }) => Action));
      for (const purpose of new Set(calls.map((each) => each.purpose))) {
        const role = roleOf(stage, stageName, purpose);
        const everything = [
          { Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] } as PolicyDocument,
        ];
        for (const action of actions) {
          for (const resource of targetsOf(
            ofService.map(({ call }) => call),
            service,
          )) {
            const isExplained = ofService.some(
              (each) =>
                each.purpose === purpose && each.call.action === action && covers(each.call, resource),
            );
            if (isExplained) continue;
            const call = { action, resource, context: contextOf(action) };
            if (await isAllowed(stage, { role, documents: everything }, call, endpoint))
              found.push(`${purpose}: ${action} on ${resource}`);
          }
        }
      }
    }
    return found;
  }
});

function serviceOf(action: string): string {
  return action.split(":")[0] ?? "";
}

/** The bucket's own policy lets models and stages be written under a condition only: it is not what is asked about here. */
function contextOf(action: string): Record<string, string> {
  return action === "s3:PutObject" ? { "s3:if-match": "0", "s3:if-none-match": "*" } : {};
}
