/**
 * manifest.sig: the proof that a package comes from who may publish models. The checksums of the manifest cover every other file; this
 * signature covers the manifest. It is verified with public keys that the reader was given beforehand, without a call to anybody.
 */
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { PackageError } from "./package-error.ts";
import { Shape } from "./shape.ts";

export const SIGNATURE_FILE = "manifest.sig";
/**
 * Every place of a signature, in the order in which they are filled: nothing that is registered is replaced, so the signature of another key is
 * added beside those that are there.
 */
export const SIGNATURE_FILES: readonly string[] = [
  SIGNATURE_FILE,
  ...Array.from({ length: 15 }, (_, index) => `manifest.${index + 2}.sig`),
];
export const MAXIMUM_SIGNATURE_BYTES = 4_096;

const ALGORITHM = "ECDSA_SHA_256";
const P256 = { name: "ECDSA", namedCurve: "P-256" } as const;
const ECDSA_SHA_256 = { name: "ECDSA", hash: "SHA-256" } as const;
/** Of each of the two numbers that a P-256 signature consists of. */
const NUMBER_BYTES = 32;

/** The public keys whose signatures are accepted: several while one key is replaced by another. */
export interface TrustedKeys {
  readonly keys: readonly VerifyingKey[];
}
type VerifyingKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** What a signer answers with. */
export interface ManifestSignature {
  /** Which key signed: for people; the verifier tries every key it trusts. */
  readonly keyId: string;
  /** ECDSA on P-256 over SHA-256 of the manifest's bytes, as DER (what KMS answers). */
  readonly signature: Uint8Array;
}

/** Holds a private key, or knows who does. */
export interface ManifestSigner {
  sign(manifest: Uint8Array): Promise<ManifestSignature>;
}

/**
 * Reads public keys: SPKI (DER) in base64, separated by commas. Undefined for an empty text: then signatures are not asked for.
 * Throws for a text that is no such list, so that a mistake in it never turns the check off.
 */
export async function readTrustedKeys(text: string): Promise<TrustedKeys | undefined> {
  if (text.trim() === "") return undefined;
  const keys = text.split(",").map(async (part, index) => {
    const der = decodeBase64(part.trim());
    try {
      if (der === undefined || der.length === 0) throw new Error("not base64");
      return await crypto.subtle.importKey("spki", der, P256, false, ["verify"]);
    } catch {
      throw new Error(
        `Public key ${index + 1} of the trusted ones is not a P-256 key as base64 of DER (SubjectPublicKeyInfo).`,
      );
    }
  });
  return { keys: await Promise.all(keys) };
}

/** The bytes of manifest.sig. */
export function signatureFile({ keyId, signature }: ManifestSignature): Uint8Array {
  const document = { algorithm: ALGORITHM, formatVersion: 1, keyId, signature: encodeBase64(signature) };
  return new TextEncoder().encode(`${JSON.stringify(document)}\n`);
}

/**
 * Throws PackageError unless one of the trusted keys signed these bytes; it tells of the first signature. `read` gives the file of a name, or
 * undefined where there is none.
 */
export async function verifySignatures(
  manifest: Uint8Array,
  read: (name: string) => Promise<Uint8Array | undefined>,
  trustedKeys: TrustedKeys,
): Promise<void> {
  let refusal: PackageError | undefined;
  for (const name of SIGNATURE_FILES) {
    const file = await read(name);
    if (file === undefined && refusal !== undefined) break;
    try {
      return await verifyManifest(manifest, file, trustedKeys);
    } catch (error) {
      if (file === undefined || !(error instanceof PackageError)) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

/** Throws PackageError unless one of the trusted keys signed these bytes. `file` is undefined where there is no signature. */
export async function verifyManifest(
  manifest: Uint8Array,
  file: Uint8Array | undefined,
  { keys }: TrustedKeys,
): Promise<void> {
  if (file === undefined) {
    throw new PackageError(
      SIGNATURE_FILE,
      "is missing: only signed packages serve here. Register the package with a signing key (leadgauge register --signing-key).",
    );
  }
  const signature = toFixedLength(readSignature(file));
  for (const key of keys) {
    const message = manifest as Uint8Array<ArrayBuffer>;
    if (signature && (await crypto.subtle.verify(ECDSA_SHA_256, key, signature, message))) return;
  }
  throw new PackageError(
    SIGNATURE_FILE,
    "is not the signature of this manifest by a key that is trusted here: the package was changed, or published by somebody else",
  );
}

function readSignature(file: Uint8Array): Uint8Array {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(file));
  } catch {
    throw new PackageError(SIGNATURE_FILE, "is not JSON");
  }
  const root = new Shape(SIGNATURE_FILE, document);
  root.at("formatVersion").integer(1, 1);
  root.at("algorithm").oneOf([ALGORITHM]);
  return decodeBase64(root.at("signature").text()) ?? root.at("signature").refuse("must be base64");
}

/** From DER, SEQUENCE { INTEGER r, INTEGER s }, to r and s side by side, as WebCrypto takes them; undefined if it is not that. */
function toFixedLength(der: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  const SEQUENCE = 0x30;
  const INTEGER = 0x02;
  if (der[0] !== SEQUENCE || der[1] !== der.length - 2) return undefined;
  const fixed = new Uint8Array(2 * NUMBER_BYTES);
  let at = 2;
  for (const end of [NUMBER_BYTES, 2 * NUMBER_BYTES]) {
    const length = der[at + 1] ?? 0;
    if (der[at] !== INTEGER || length === 0 || at + 2 + length > der.length) return undefined;
    let digits = der.subarray(at + 2, at + 2 + length);
    // A leading zero only says that the number is not negative.
    while (digits.length > 1 && digits[0] === 0) digits = digits.subarray(1);
    if (digits.length > NUMBER_BYTES) return undefined;
    fixed.set(digits, end - digits.length);
    at += 2 + length;
  }
  return at === der.length ? fixed : undefined;
}
