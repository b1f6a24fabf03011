/** What the policies of keys, buckets, queues and topics say to services, which have no policies of their own, and to everyone. */
import { runSimulation } from "@cloud-copilot/iam-simulate";
import { accountOf, type Call, type PolicyDocument, resourcePolicyFor } from "./permissions.ts";
import { ACCOUNT, REGION, type ResolvedStage } from "./resolved-stage.ts";

export interface ResourcePolicy {
  readonly arn: string;
  readonly document: PolicyDocument;
}

export function policiesOfResources(stage: ResolvedStage): readonly ResourcePolicy[] {
  return stage.resources
    .filter(({ type }) => /^AWS::(?:KMS::Key|S3::Bucket|SQS::Queue|SNS::Topic)$/.test(type))
    .flatMap(({ arn }) => {
      const document = resourcePolicyFor(stage, arn);
      return document === undefined ? [] : [{ arn, document }];
    });
}

/** Somebody of the account who may do everything that the resources' policies leave to the account. */
export const administrator = `arn:aws:iam::${ACCOUNT}:role/administrator`;

/** Whether the policy lets a service, or the administrator, make a call. An action that does not go with the resource is refused. */
export async function isLetIn(document: PolicyDocument, principal: string, call: Call): Promise<boolean> {
  const everything = { Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
  const response = await runSimulation(
    {
      request: {
        principal,
        action: call.action,
        resource: { resource: call.resource, accountId: accountOf(call.resource) },
        contextVariables: {
          "aws:SecureTransport": "true",
          "aws:RequestedRegion": REGION,
          "s3:TlsVersion": "1.3",
          ...knownToEvaluator(call.context ?? {}),
        },
      },
      identityPolicies: principal === administrator ? [{ name: "everything", policy: everything }] : [],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: knownToEvaluator(document),
    },
    {},
  );
  if (response.resultType !== "error") return response.overallResult === "Allowed";
  if (response.errors.message === "policy.errors") throw new Error(JSON.stringify(response.errors));
  return false;
}

/** The evaluator drops encryption contexts with colons in their names: under another key that holds an ARN it compares them the same. */
function knownToEvaluator<T extends object>(policyOrContext: T): T {
  const text = JSON.stringify(policyOrContext);
  return JSON.parse(text.replaceAll('"kms:EncryptionContext:aws:logs:arn"', '"aws:SourceArn"'));
}

/** What nobody may do, whatever else they may: each call has one thing wrong with it. */
export function refusedCalls(stage: ResolvedStage): Call[] {
  const plain = { "aws:SecureTransport": "false" };
  const outdated = { "s3:TlsVersion": "1.1" };
  const models = `${stage.find("AWS::S3::Bucket", "Bucket").arn}/model-artifacts/0`;
  const unconditional = { "s3:ObjectCreationOperation": "true" };
  return [
    ...policiesOfResources(stage).flatMap(({ arn }): Call[] => {
      const service = arn.split(":")[2];
      if (service === "sqs") return [{ action: "sqs:SendMessage", resource: arn, context: plain }];
      if (service === "sns") return [{ action: "sns:Publish", resource: arn, context: plain }];
      if (service !== "s3") return [];
      return [plain, outdated].flatMap((context) => [
        { action: "s3:ListBucket", resource: arn, context },
        { action: "s3:GetObject", resource: `${arn}/0`, context },
      ]);
    }),
    ...[`${models}/stages.json`, `${models}/versions/0/manifest.json`].flatMap((resource) => [
      { action: "s3:PutObject", resource, context: unconditional },
      { action: "s3:DeleteObject", resource },
      { action: "s3:DeleteObjectVersion", resource },
    ]),
  ];
}
