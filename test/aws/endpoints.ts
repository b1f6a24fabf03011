/** Which endpoint of the isolated network a function's call goes through, and what its policy says. */
import { callOf, type EvidenceRow, evidence, isOwnCall } from "./evidence.ts";
import type { Call, PolicyDocument } from "./permissions.ts";
import type { ResolvedStage, Resource } from "./resolved-stage.ts";

/** Endpoints that are not named as IAM names the service. */
const iamNames: Readonly<Record<string, string>> = {
  "kinesis-firehose": "firehose",
  monitoring: "cloudwatch",
};

/** Endpoint policies by the service as IAM names it. */
export function endpointPolicies(stage: ResolvedStage): ReadonlyMap<string, PolicyDocument> {
  const policies = stage.ofType("AWS::EC2::VPCEndpoint").map(({ properties }) => {
    const name = String(properties.ServiceName).split(".").at(-1) ?? "";
    return [iamNames[name] ?? name, withApiId(properties.PolicyDocument as PolicyDocument, stage)] as const;
  });
  return new Map(policies);
}

/** The network does not know the API that comes after it: its id is `*`, at a place where the evaluator takes no wildcard. */
function withApiId({ Statement, ...rest }: PolicyDocument, stage: ResolvedStage): PolicyDocument {
  const [api] = stage.ofType("AWS::ApiGateway::RestApi");
  const known = (arn: string) =>
    arn.replace(/^(arn:aws:execute-api:[^:]+:\d+:)\*\//, `$1${api?.physicalId}/`);
  return {
    ...rest,
    Statement: Statement.map((statement) => ({
      ...statement,
      Resource: [statement.Resource ?? []].flat().map(known),
    })),
  };
}

export interface CallFromInside {
  readonly purpose: string;
  readonly call: Call;
}

/** What the code of functions inside the VPC calls by itself: not what services do with the function's role. */
export function callsFromInside(stage: ResolvedStage, stageName: string): readonly CallFromInside[] {
  return Object.entries(evidence.roles)
    .filter(([purpose, { kind }]) => kind === "function" && isInside(stage, stageName, purpose))
    .flatMap(([purpose, { calls }]) =>
      calls
        .filter((row: EvidenceRow) => isOwnCall(row, stageName))
        .map((row) => ({ purpose, call: callOf(stage, stageName, purpose, row) })),
    );
}

function isInside(stage: ResolvedStage, stageName: string, purpose: string): boolean {
  const isHandler = ({ physicalId }: Resource) => physicalId === `leadgauge-${stageName}-${purpose}`;
  return stage.ofType("AWS::Lambda::Function").find(isHandler)?.properties.VpcConfig !== undefined;
}
