/** What a role may do, evaluated as IAM does: identity, resource, boundary and endpoint policies with their conditions. */
import { runSimulation, runUnsafeSimulation } from "@cloud-copilot/iam-simulate";
import { ACCOUNT, REGION, type ResolvedStage, type Resource } from "./resolved-stage.ts";

export interface Call {
  readonly action: string;
  readonly resource: string;
  /** The ARN, or the pattern of ARNs of objects, that `resource` stands for. */
  readonly needed?: string;
  /** The request's own condition keys; the global ones of a call within the account are added. */
  readonly context?: Readonly<Record<string, string>>;
}

export interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

export interface PolicyDocument {
  readonly Statement: readonly Statement[];
}

export interface Verdict {
  readonly isAllowed: boolean;
  /** The role's own statements that allow the call, by `Sid`. */
  readonly allowedBy: readonly string[];
  readonly explanation: string;
}

/** The policies of one role, changeable for the sake of mutation tests. */
export interface RolePolicies {
  readonly role: Resource;
  readonly documents: readonly PolicyDocument[];
}

export function policiesOf(stage: ResolvedStage, role: Resource): RolePolicies {
  const inline = (role.properties.Policies ?? []) as readonly { PolicyDocument: PolicyDocument }[];
  const attached = stage
    .ofType("AWS::IAM::Policy")
    .filter(({ properties }) =>
      (properties.Roles as readonly string[] | undefined)?.includes(role.physicalId),
    )
    .map(({ properties }) => properties.PolicyDocument as PolicyDocument);
  return { role, documents: [...inline.map(({ PolicyDocument }) => PolicyDocument), ...attached] };
}

/** @param endpoint the policy of the endpoint that the call goes through, if it does */
export async function simulate(
  stage: ResolvedStage,
  { role, documents }: RolePolicies,
  call: Call,
  endpoint?: PolicyDocument,
): Promise<Verdict> {
  const resourcePolicy = resourcePolicyFor(stage, call.resource);
  const boundary = role.properties.PermissionsBoundary;
  const response = await runSimulation(
    {
      request: {
        principal: role.arn,
        action: call.action,
        resource: { resource: call.resource, accountId: accountOf(call.resource) },
        contextVariables: {
          "aws:SecureTransport": "true",
          "aws:PrincipalArn": role.arn,
          "aws:PrincipalAccount": ACCOUNT,
          "aws:ResourceAccount": accountOf(call.resource),
          "aws:RequestedRegion": REGION,
          "s3:TlsVersion": "1.3",
          ...call.context,
        },
      },
      identityPolicies: documents.map((policy, index) => ({ name: `policy-${index}`, policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(resourcePolicy !== undefined && { resourcePolicy }),
      ...(boundary !== undefined && { permissionBoundaryPolicies: [] }),
      ...(endpoint !== undefined && { vpcEndpointPolicies: [{ name: "endpoint", policy: endpoint }] }),
    },
    {},
  );
  if (response.resultType === "error") {
    throw new Error(`${call.action} on ${call.resource}: ${JSON.stringify(response.errors)}`);
  }
  const analyses = response.resultType === "single" ? [response.result] : response.results;
  const allowedBy = analyses.flatMap(
    ({ analysis }) =>
      analysis?.identityAnalysis?.allowStatements.map(({ explain }) => String(explain.identifier)) ?? [],
  );
  return {
    // Asked about everything, the evaluator tells which pattern of resources is allowed.
    isAllowed:
      response.overallResult === "Allowed" &&
      (response.resultType === "single" ||
        call.resource !== "*" ||
        response.results.some(({ resourcePattern }) => resourcePattern === "*")),
    allowedBy,
    explanation: `${role.logicalId}: ${call.action} on ${call.resource} is ${response.overallResult}`,
  };
}

/** As `simulate`, where an action that does not go with the kind of resource counts as refused. */
export async function isAllowed(
  ...[stage, policies, call, endpoint]: Parameters<typeof simulate>
): Promise<boolean> {
  try {
    return (await simulate(stage, policies, call, endpoint)).isAllowed;
  } catch (error) {
    if (String(error).includes("policy.errors")) throw error;
    return false;
  }
}

/**
 * Whether the role's own policies let the function's code make a call, which Lambda marks with `lambda:SourceFunctionArn`. The
 * evaluator's checked way in drops this key, as the services called do not list it.
 */
export function isAllowedToCode({ role, documents }: RolePolicies, call: Call): boolean {
  const simulation = {
    request: {
      principal: role.arn,
      action: call.action,
      resource: { resource: call.resource, accountId: ACCOUNT },
      contextVariables: { ...call.context },
    },
    identityPolicies: documents.map((policy, index) => ({ name: `policy-${index}`, policy })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  };
  return runUnsafeSimulation(simulation, {}) === "Allowed";
}

/** Every policy that stands with a resource of the stage. */
export function resourcePolicies(stage: ResolvedStage): readonly PolicyDocument[] {
  return stage.resources.flatMap(({ type, properties }) => {
    if (type === "AWS::KMS::Key") return properties.KeyPolicy as PolicyDocument;
    if (/^AWS::(S3::Bucket|SQS::Queue|SNS::Topic)Policy$/.test(type))
      return properties.PolicyDocument as PolicyDocument;
    return [];
  });
}

/** Foreign resources carry another account in their ARN; a bucket's ARN has none and counts as foreign by its name. */
export function accountOf(arn: string): string {
  const account = arn.split(":")[4];
  if (account) return account;
  return arn.includes("foreign") ? "999999999999" : ACCOUNT;
}

/** The policy that stands with a resource, all of its documents as one. */
export function resourcePolicyFor(stage: ResolvedStage, arn: string): PolicyDocument | undefined {
  const service = arn.split(":")[2];
  if (service === "s3") {
    const bucket = stage
      .ofType("AWS::S3::Bucket")
      .find((each) => arn === each.arn || arn.startsWith(`${each.arn}/`));
    return policyWhere(stage, "AWS::S3::BucketPolicy", ({ Bucket }) => Bucket === bucket?.physicalId);
  }
  if (service === "kms") {
    const key = stage.ofType("AWS::KMS::Key").find((each) => each.arn === arn);
    return key?.properties.KeyPolicy as PolicyDocument | undefined;
  }
  if (service === "sqs") {
    const queue = stage.ofType("AWS::SQS::Queue").find((each) => each.arn === arn);
    return policyWhere(stage, "AWS::SQS::QueuePolicy", ({ Queues }) => has(Queues, queue?.physicalId));
  }
  if (service === "sns") {
    return policyWhere(stage, "AWS::SNS::TopicPolicy", ({ Topics }) => has(Topics, arn));
  }
  return undefined;
}

function has(list: unknown, value: string | undefined): boolean {
  return value !== undefined && Array.isArray(list) && list.includes(value);
}

/** Several policies of one resource count as one. */
function policyWhere(
  stage: ResolvedStage,
  type: string,
  isOfResource: (properties: Readonly<Record<string, unknown>>) => boolean,
): PolicyDocument | undefined {
  const documents = stage
    .ofType(type)
    .filter(({ properties }) => isOfResource(properties))
    .map(({ properties }) => properties.PolicyDocument as PolicyDocument);
  if (documents.length === 0) return undefined;
  return {
    Version: "2012-10-17",
    Statement: documents.flatMap(({ Statement }) => Statement),
  } as PolicyDocument;
}
