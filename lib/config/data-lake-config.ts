import { z } from "zod";
import { keyArn, principalArn } from "./values.ts";

const days = (fallback: number) => z.int().min(1).max(36_500).default(fallback);

/** The bucket, its keys and who may publish models. */
export const dataLakeConfigSchema = z
  .strictObject({
    /**
     * A KMS key that exists already, instead of one of our own. Its policy must let the account's IAM policies decide and hold
     * the statements that docs/deploy.md lists. Default: a key is created.
     */
    existingKeyArn: keyArn.optional(),
    /** Days after which a file and its result are deleted: batch/in/ and batch/out/. Default: 90. */
    dropRetentionInDays: days(90),
    /** Days after which a captured prediction is deleted. Default: 730. */
    predictionRetentionInDays: days(730),
    /** Days after which a raw file is deleted. Default: 1,825. */
    rawRetentionInDays: days(1_825),
    /** Days for which an overwritten or deleted object can be brought back. Default: 90. */
    previousVersionRetentionInDays: days(90),
    /** Days for which the log of requests to the bucket is kept. Default: 365. */
    accessLogRetentionInDays: days(365),
    /**
     * Who may take the role that signs and registers models, as ARNs. Default: whoever in the account may call sts:AssumeRole
     * on it by its own policies.
     */
    modelPublishers: z.array(principalArn).max(20).default([]),
    /**
     * Further public keys that manifests may be signed with, as base64 of SPKI DER: of a signing key that was replaced, or of
     * the stage that models are trained in. Default: only the stage's own key.
     */
    trustedManifestKeys: z
      .array(z.base64().min(80, "must be a public key: base64 of SPKI DER"))
      .max(10)
      .default([]),
    /**
     * False: what the stage's own key signed does not serve any more, only what the further keys signed; docs/deploy.md (Another signing key) has the
     * order of steps. Default: true.
     */
    trustsOwnSigningKey: z.boolean().default(true),
  })
  .refine(
    ({ trustsOwnSigningKey, trustedManifestKeys }) => trustsOwnSigningKey || trustedManifestKeys.length > 0,
    {
      error: "may be false only where dataLake.trustedManifestKeys has a key: no model could serve otherwise",
      path: ["trustsOwnSigningKey"],
    },
  );
