/** What `--store` names: the local store, or the bucket of a deployed Leadgauge. */

import type { ObjectStore } from "../../core/ports.ts";
import type { Signing } from "../../core/registry/register.ts";
import { openBucket } from "./aws/open-bucket.ts";
import type { Arguments, Option } from "./command.ts";
import { localStore } from "./model-reference.ts";
import { UsageError } from "./usage-error.ts";

export const storeOption: Option = {
  value: "STORE",
  help: "s3://BUCKET: the data lake of a deployed Leadgauge; default: the local store",
};

export const signingKeyOption: Option = {
  value: "KEY",
  help: "the KMS key (id, ARN or alias) that signs manifests; with it, signatures are verified too",
};

export interface OpenStore extends Signing {
  readonly store: ObjectStore;
  readonly isLocal: boolean;
}

/** Throws UsageError for what is no store. */
export async function openStore({ values }: Pick<Arguments, "values">): Promise<OpenStore> {
  const reference = values.get("store");
  const signingKey = values.get("signing-key");
  if (reference === undefined) {
    if (signingKey !== undefined) throw new UsageError("--signing-key is for --store s3://BUCKET.");
    return { store: await localStore(), isLocal: true };
  }
  return { ...(await openBucket(bucketOf(reference), signingKey)), isLocal: false };
}

/** Throws UsageError for what names no bucket. */
export function bucketOf(reference: string): string {
  const bucket = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/?$/.exec(reference)?.[1];
  if (bucket === undefined) {
    throw new UsageError(`--store is "${reference}"; s3://BUCKET is allowed, without a folder behind it.`);
  }
  return bucket;
}
