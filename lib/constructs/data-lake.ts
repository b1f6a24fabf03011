import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { prefixes } from "../config/prefixes.ts";

/** Services that use the key for a role that calls them. */
export type KeyUser = "s3" | "sqs" | "sns" | "firehose" | "secretsmanager";

/** What other stacks may know of the data lake. */
export interface DataLake {
  readonly bucket: Bucket;
  /** Encrypts the bucket, the logs of functions, queues and topics. */
  readonly key: IKey;
  /**
   * Public keys that manifests of models may be signed with, as base64 of SPKI DER, separated by commas: what
   * `LEADGAUGE_MANIFEST_PUBLIC_KEYS` of a function is set to.
   */
  readonly manifestPublicKeys: string;
  /** Lets a role use the key, but only through calls that a service makes for it, such as `s3` or `sqs`. */
  useOfKeyThrough(service: KeyUser, actions: readonly string[]): PolicyStatement;
}

/** Lets a role find the registry's models and read them; the key comes on top. */
export function toReadModels({ bucket }: DataLake): PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: "ReadModels",
      actions: ["s3:GetObject"],
      resources: [bucket.arnForObjects(`${prefixes.modelArtifacts}*`)],
    }),
    // Of the whole bucket: with a condition on the prefix, a missing object would answer 403 instead of 404.
    new PolicyStatement({ sid: "FindModels", actions: ["s3:ListBucket"], resources: [bucket.bucketArn] }),
  ];
}
