import { addressRanges } from "./address-ranges.ts";
import { endpointServices } from "./endpoint-services.ts";
import { glueVersion } from "./glue-version.ts";
import { knownActions } from "./known-actions.ts";
import { noSecrets } from "./no-secrets.ts";
import { noWildcards } from "./no-wildcards.ts";
import type { Rule } from "./rule.ts";
import { securityGroups } from "./security-groups.ts";
import { stackBorders } from "./stack-borders.ts";
import { uniqueNames } from "./unique-names.ts";
import { warehouseCapacity } from "./warehouse-capacity.ts";

/** What other validators do not see, by name. */
export const rules: Readonly<Record<string, Rule>> = {
  "address ranges": addressRanges,
  "capacity of the warehouse": warehouseCapacity,
  "known actions": knownActions,
  "names of endpoints": endpointServices,
  "no secrets": noSecrets,
  "no wildcards": noWildcards,
  "security groups": securityGroups,
  "stack borders": stackBorders,
  "unique names": uniqueNames,
  "version of Glue": glueVersion,
};
