import {
  AccountPrincipal,
  AnyPrincipal,
  ArnPrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
} from "aws-cdk-lib/aws-iam";
import type { StageConfig } from "../config/stage-config.ts";

const EVERYTHING_HERE = "execute-api:/*";
const PREFLIGHTS_HERE = "execute-api:/*/OPTIONS/*";

/**
 * Who may call the API beside what their own policies say: each consumer by a statement of its own, and a private API from its endpoints only.
 * Undefined where neither is configured: then roles of this account that are allowed to call may. A browser's preflight is nobody's: where
 * there is a policy, it has to let it in.
 */
export function resourcePolicy(
  { allowedOrigins, consumers, endpoint, vpcEndpointIds }: StageConfig["api"],
  account: string,
  ownEndpointId: string | undefined,
): PolicyDocument | undefined {
  if (endpoint === "regional" && consumers.length === 0) return undefined;
  const invoke = { actions: ["execute-api:Invoke"], resources: [EVERYTHING_HERE] };
  const statements = consumers.map(
    ({ name, principalArns }) =>
      new PolicyStatement({
        ...invoke,
        sid: `Consumer${pascalCase(name)}`,
        principals: principalArns.map((arn) => new ArnPrincipal(arn)),
      }),
  );
  if (allowedOrigins.length > 0) {
    statements.push(
      new PolicyStatement({
        ...invoke,
        sid: "Preflights",
        principals: [new AnyPrincipal()],
        resources: [PREFLIGHTS_HERE],
      }),
    );
  }
  if (endpoint === "private") {
    const endpoints = [...(ownEndpointId === undefined ? [] : [ownEndpointId]), ...vpcEndpointIds];
    statements.push(
      // The account, not everyone in it: who is not named above still needs a policy of their own that allows it.
      new PolicyStatement({ ...invoke, sid: "OwnAccount", principals: [new AccountPrincipal(account)] }),
      new PolicyStatement({
        ...invoke,
        sid: "FromEndpointsOnly",
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        conditions: { StringNotEquals: { "aws:SourceVpce": endpoints } },
      }),
    );
  }
  return new PolicyDocument({ statements });
}

function pascalCase(name: string): string {
  return name
    .split("-")
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join("");
}
