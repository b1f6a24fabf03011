/** Signs manifests as KMS does, with a key of its own: for tests of what verifies them. */
import { createHash, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import type { ManifestSigner } from "../core/package/signature.ts";

export interface TestSigner extends ManifestSigner {
  /** SPKI (DER) in base64. */
  readonly publicKey: string;
}

export function createSigner(namedCurve = "P-256"): TestSigner {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve });
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  return {
    publicKey: publicKey.toString("base64"),
    sign: async (manifest) => ({
      keyId: `test-key-${createHash("sha256").update(publicKey).digest("hex").slice(0, 8)}`,
      signature: sign("sha256", manifest, { key: privateKey, dsaEncoding: "der" }),
    }),
  };
}
