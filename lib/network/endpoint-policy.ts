import { Stack } from "aws-cdk-lib";
import { PolicyStatement, StarPrincipal } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { StageConfig } from "../config/stage-config.ts";
import { roleArn } from "../constructs/leadgauge-role.ts";
import type { EndpointRow } from "./endpoint-table.ts";

/**
 * The statements of an endpoint's policy: each caller's role may use what the table says. Endpoint policies know no
 * principals but "*": the role is a condition.
 */
export function endpointStatements(
  scope: Construct,
  config: StageConfig,
  { uses }: EndpointRow,
): PolicyStatement[] {
  return uses.map(
    ({ caller, actions, resources }) =>
      new PolicyStatement({
        principals: [new StarPrincipal()],
        actions: [...actions],
        resources: [...resources],
        conditions: { ArnEquals: { "aws:PrincipalArn": roleArn(scope, config, caller) } },
      }),
  );
}

/** What deployments put there and jobs read: scripts and other assets of the account's CDK bootstrap, of this account only. */
export function assetStatement(scope: Construct, { guardrails }: StageConfig): PolicyStatement {
  const { partition, account, region } = Stack.of(scope);
  const qualifier = guardrails.bootstrapQualifier ?? "hnb659fds";
  return new PolicyStatement({
    sid: "ReadAssets",
    principals: [new StarPrincipal()],
    actions: ["s3:GetObject"],
    resources: [`arn:${partition}:s3:::cdk-${qualifier}-assets-${account}-${region}/*`],
    conditions: { StringEquals: { "aws:PrincipalAccount": account } },
  });
}
