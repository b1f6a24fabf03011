import { createHash } from "node:crypto";
import { GetPublicKeyCommand, type KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { encodeBase64 } from "../../core/package/base64.ts";
import type { ManifestSignature, ManifestSigner } from "../../core/package/signature.ts";

/** Signs manifests with an asymmetric KMS key (ECC_NIST_P256, SIGN_VERIFY): the private key never leaves KMS. */
export class KmsManifestSigner implements ManifestSigner {
  readonly #client: KMSClient;
  readonly #keyId: string;

  /** `keyId` is a key's id, ARN or alias. */
  constructor(client: KMSClient, keyId: string) {
    this.#client = client;
    this.#keyId = keyId;
  }

  /** KMS takes 4 kB at most: it is given the digest, which this algorithm signs anyway. */
  async sign(manifest: Uint8Array): Promise<ManifestSignature> {
    const { KeyId, Signature } = await this.#client.send(
      new SignCommand({
        KeyId: this.#keyId,
        Message: createHash("sha256").update(manifest).digest(),
        MessageType: "DIGEST",
        SigningAlgorithm: "ECDSA_SHA_256",
      }),
    );
    if (KeyId === undefined || Signature === undefined) throw new Error("KMS answered without a signature.");
    return { keyId: KeyId, signature: Signature };
  }

  /** SPKI (DER) in base64: what verifiers are given. */
  async publicKey(): Promise<string> {
    const { PublicKey } = await this.#client.send(new GetPublicKeyCommand({ KeyId: this.#keyId }));
    if (PublicKey === undefined) throw new Error("KMS answered without a public key.");
    return encodeBase64(PublicKey);
  }
}
