/** Custom resource: reads the public half of the key that signs manifests, once a deployment; serving then verifies without a call. */
import { KMSClient } from "@aws-sdk/client-kms";
import { KmsManifestSigner } from "../adapters/kms-manifest-signer.ts";
import { customResource, textProperty } from "../custom-resource/custom-resource.ts";

const client = new KMSClient();

/** Property `KeyId`; attribute `PublicKey`: SPKI (DER) in base64. */
export const handler = customResource("manifest-public-key", async (properties) => ({
  PublicKey: await new KmsManifestSigner(client, textProperty(properties, "KeyId")).publicKey(),
}));
