/** The bucket of a deployed Leadgauge, with the credentials and the region of the environment, as every AWS tool takes them. */
import { KMSClient } from "@aws-sdk/client-kms";
import { readTrustedKeys } from "../../../core/package/signature.ts";
import type { ObjectStore } from "../../../core/ports.ts";
import type { Signing } from "../../../core/registry/register.ts";
import { KmsManifestSigner } from "../../../lambdas/adapters/kms-manifest-signer.ts";
import { createS3Client } from "../../../lambdas/adapters/s3-client.ts";
import { S3ObjectStore } from "../../../lambdas/adapters/s3-object-store.ts";
import { explained } from "./explain-aws-error.ts";

export async function openBucket(
  bucket: string,
  signingKey: string | undefined,
): Promise<Signing & { store: ObjectStore }> {
  const store = explained(new S3ObjectStore(createS3Client(), bucket));
  if (signingKey === undefined) return { store };
  const signer = explained(new KmsManifestSigner(new KMSClient(), signingKey));
  return { store, signer, trustedKeys: await readTrustedKeys(await signer.publicKey()) };
}
