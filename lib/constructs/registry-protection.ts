import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { prefixes } from "../config/prefixes.ts";

/**
 * What makes the model registry safe against everyone who may write to the bucket, whoever they are: a version is written once,
 * `stages.json` only by those who have read what they replace, and neither is deleted (deleting and writing again would be
 * overwriting).
 */
export function registryProtection(bucket: Bucket): PolicyStatement[] {
  const versions = bucket.arnForObjects(`${prefixes.modelArtifacts}*/versions/*`);
  const stages = bucket.arnForObjects(`${prefixes.modelArtifacts}*/stages.json`);
  const deny = (
    sid: string,
    actions: string[],
    resources: string[],
    conditions: Record<string, object> = {},
  ) =>
    new PolicyStatement({
      sid,
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions,
      resources,
      conditions,
    });
  // Of the requests of an upload in parts only the last makes an object, and only that one can carry a condition.
  const makesObject = { Bool: { "s3:ObjectCreationOperation": "true" } };
  return [
    deny("VersionsAreWrittenOnce", ["s3:PutObject"], [versions], {
      ...makesObject,
      Null: { "s3:if-none-match": "true" },
    }),
    deny("StagesAreChangedByThoseWhoReadThem", ["s3:PutObject"], [stages], {
      ...makesObject,
      Null: { "s3:if-match": "true", "s3:if-none-match": "true" },
    }),
    deny("RegistryIsNotDeleted", ["s3:DeleteObject", "s3:DeleteObjectVersion"], [versions, stages]),
  ];
}
