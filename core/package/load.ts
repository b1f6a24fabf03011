/** Loads a model package. A package is untrusted: nothing of it is used before it is checked, and a damaged one is refused by name. */
import { ObjectTooLarge } from "../ports.ts";
import { type LoadedModel, PackagedModel } from "../scoring/packaged-model.ts";
import { readPackagedSpec } from "../spec/packaged-spec.ts";
import { pointerOf } from "../spec/problem.ts";
import { checkAgreement } from "./agreement.ts";
import { checkGoldenRows, type GoldenReport } from "./golden.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import { PackageError } from "./package-error.ts";
import { decode, parse } from "./packed-document.ts";
import { readServingFile } from "./read-serving.ts";
import { MAXIMUM_SIGNATURE_BYTES, type TrustedKeys, verifySignatures } from "./signature.ts";

export { PackageError } from "./package-error.ts";
export type { LoadedModel };

/** Where a package's files come from. */
export interface PackageFiles {
  /** Undefined: there is no such file. May throw ObjectTooLarge. */
  read(name: string, maxBytes: number): Promise<Uint8Array | undefined>;
}

const megabyte = 1024 * 1024;
const maximumBytes = {
  "golden.jsonl": 64 * megabyte,
  "profile.json": 16 * megabyte,
  "serving.json": 256 * megabyte,
  "spec.json": 16 * megabyte,
} as const;
type VersionedFile = keyof typeof maximumBytes;
/** In the order in which the version id is computed. */
const versionedFiles = Object.keys(maximumBytes) as VersionedFile[];

export interface LoadOptions {
  /** How many golden rows the model has to reproduce. */
  readonly goldenRows: number | "all";
  /** With keys, the manifest has to be signed by one of them. */
  readonly trustedKeys?: TrustedKeys | undefined;
}

/** Loads, verifies and tries a package. Throws PackageError for whatever is wrong with it. */
export async function loadPackage(files: PackageFiles, options: LoadOptions): Promise<LoadedModel> {
  return (await loadAndCheck(files, options)).model;
}

export interface PackageReport {
  readonly model: string;
  readonly version: string;
  readonly family: string;
  readonly files: readonly string[];
  readonly golden: GoldenReport;
}

/** Checks a whole package: every file that its manifest lists, and every golden row. Throws PackageError. */
export async function validatePackage(files: PackageFiles): Promise<PackageReport> {
  const { model, golden } = await loadAndCheck(files, { goldenRows: "all" });
  const { manifest } = model;
  const others = Object.keys(manifest.files).filter((name) => !Object.hasOwn(maximumBytes, name));
  for (const name of others) await readVerified(files, manifest, name, 64 * megabyte);
  return {
    model: model.name,
    version: model.version,
    family: manifest.family,
    files: Object.keys(manifest.files),
    golden,
  };
}

async function loadAndCheck(
  files: PackageFiles,
  { goldenRows, trustedKeys }: LoadOptions,
): Promise<{ model: LoadedModel; golden: GoldenReport }> {
  const manifestBytes = await readWithin(files, "manifest.json", 16 * megabyte);
  if (trustedKeys !== undefined) {
    await verifySignatures(manifestBytes, (name) => readSignatureFile(files, name), trustedKeys);
  }
  const manifest = readManifest(parse("manifest.json", decode("manifest.json", manifestBytes)));
  const [golden, , serving, spec] = await Promise.all(
    versionedFiles.map(async (name) => readVerified(files, manifest, name, maximumBytes[name])),
  );
  await checkVersion(manifest);
  const { spec: featureSpec, findings } = await readPackagedSpec(
    parse("spec.json", decode("spec.json", spec as Uint8Array)),
  );
  if (featureSpec === undefined) {
    const [{ path = [], message = "is not a feature spec" } = {}] = findings;
    throw new PackageError("spec.json", `${pointerOf(path)} ${message}`);
  }
  const fitted = readServingFile(serving as Uint8Array);
  checkAgreement(manifest, featureSpec, fitted);
  const model = new PackagedModel(featureSpec, fitted, manifest);
  return { model, golden: checkGoldenRows(model, golden as Uint8Array, goldenRows) };
}

/** Undefined where the package has none: whether that may be is for the verifier to say. */
async function readSignatureFile(files: PackageFiles, name: string): Promise<Uint8Array | undefined> {
  try {
    return await files.read(name, MAXIMUM_SIGNATURE_BYTES);
  } catch (error) {
    if (!(error instanceof ObjectTooLarge)) throw error;
    throw new PackageError(name, `is larger than the ${MAXIMUM_SIGNATURE_BYTES} bytes allowed`);
  }
}

async function readWithin(files: PackageFiles, name: string, maxBytes: number): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = await files.read(name, maxBytes);
  } catch (error) {
    if (!(error instanceof ObjectTooLarge)) throw error;
    throw new PackageError(name, `is larger than the ${maxBytes} bytes allowed`);
  }
  if (bytes === undefined) throw new PackageError(name, "is missing");
  if (bytes.length > maxBytes) throw new PackageError(name, `is larger than the ${maxBytes} bytes allowed`);
  return bytes;
}

async function readVerified(
  files: PackageFiles,
  manifest: Manifest,
  name: string,
  maxBytes: number,
): Promise<Uint8Array> {
  const listed = Object.hasOwn(manifest.files, name) ? manifest.files[name] : undefined;
  if (listed === undefined) throw new PackageError("manifest.json", `does not list ${name}`);
  if (listed.bytes > maxBytes) throw new PackageError(name, `is larger than the ${maxBytes} bytes allowed`);
  const bytes = await readWithin(files, name, maxBytes);
  if (bytes.length !== listed.bytes) {
    throw new PackageError(name, `has ${bytes.length} bytes; the manifest says ${listed.bytes}`);
  }
  if ((await sha256(bytes)) !== listed.sha256) {
    throw new PackageError(name, "is not the file that the manifest describes: its checksum differs");
  }
  return bytes;
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function checkVersion(manifest: Manifest): Promise<void> {
  const lines = versionedFiles.map((name) => `${name}\0${manifest.files[name]?.sha256}\n`).join("");
  const expected = (await sha256(new TextEncoder().encode(lines))).slice(0, 32);
  if (expected !== manifest.version) {
    throw new PackageError("manifest.json", `/version is ${manifest.version}; the files make it ${expected}`);
  }
}
