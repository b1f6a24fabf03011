import { Stack, Token } from "aws-cdk-lib";
import type { IPrincipal, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { PolicyDocument, Role } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { type RolePurpose, resourceNames } from "../config/names.ts";
import type { StageConfig } from "../config/stage-config.ts";

export interface LeadgaugeRoleProps {
  readonly config: StageConfig;
  readonly purpose: RolePurpose;
  readonly description: string;
  readonly assumedBy: IPrincipal;
  /** All that the role may do, each statement with a sid: proofs and evidence refer to it. */
  readonly statements: readonly PolicyStatement[];
}

/** A role with one inline policy of explicit statements, named and placed as the stage's guardrails demand. */
export class LeadgaugeRole extends Role {
  constructor(scope: Construct, id: string, props: LeadgaugeRoleProps) {
    const unnamed = props.statements.filter(({ sid }) => !sid);
    if (unnamed.length > 0) {
      throw new Error(`${scope.node.path}/${id}: every statement of a role needs a sid.`);
    }
    super(scope, id, {
      roleName: roleName(scope, props.config, props.purpose),
      path: props.config.guardrails.rolePath,
      description: props.description,
      assumedBy: props.assumedBy,
      inlinePolicies: {
        [props.purpose]: new PolicyDocument({ statements: [...props.statements] }),
      },
    });
  }
}

/** Roles belong to an account, not to a region: the region in the name lets one stage be deployed to two of them. */
function roleName(scope: Construct, { name, guardrails }: StageConfig, purpose: RolePurpose): string {
  const region = Stack.of(scope).region;
  const fixed = `${guardrails.rolePrefix}${resourceNames(name).resource(purpose)}-`;
  const longestRegion = Token.isUnresolved(region) ? "ap-southeast-1" : region;
  if (fixed.length + longestRegion.length > 64) {
    throw new Error(`The role ${fixed}${longestRegion} has a longer name than IAM's 64 characters.`);
  }
  return `${fixed}${region}`;
}

/** The ARN of a role wherever it is created: policies of long-lived stacks name roles of stacks that come after them. */
export function roleArn(scope: Construct, config: StageConfig, purpose: RolePurpose): string {
  const { partition, account } = Stack.of(scope);
  const path = config.guardrails.rolePath;
  return `arn:${partition}:iam::${account}:role${path}${roleName(scope, config, purpose)}`;
}
