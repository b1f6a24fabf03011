/** Putting a package into the registry, and choosing which version serves. */
import { type LoadedModel, loadPackage, type PackageFiles } from "../package/load.ts";
import { PackageError } from "../package/package-error.ts";
import {
  type ManifestSigner,
  SIGNATURE_FILE,
  SIGNATURE_FILES,
  signatureFile,
  type TrustedKeys,
  verifyManifest,
} from "../package/signature.ts";
import { ConditionFailed, type ObjectStore } from "../ports.ts";
import { changeStages, readStages, type Stages } from "./stages.ts";
import { packagePrefix, storedPackage } from "./stored-package.ts";

const MAXIMUM_FILE_BYTES = 256 * 1024 * 1024;

/** What makes a registry trustworthy. A laptop's own store does without. */
export interface Signing {
  /** Signs what is registered; without one, packages stay unsigned. */
  readonly signer?: ManifestSigner | undefined;
  /** A version has to be signed by one of them before it may serve; without, any intact version will do. */
  readonly trustedKeys?: TrustedKeys | undefined;
}

export interface Registration {
  readonly model: string;
  readonly version: string;
  /** What people call it: 2 for v2. */
  readonly number: number;
  /** False when this very version was registered before. */
  readonly isNew: boolean;
  /** Why the model gives no reasons; null where it does. */
  readonly noReasons: string | null;
}

/** Who does something when, for the history. */
export interface Actor {
  readonly by: string;
  readonly at?: Date;
}

/**
 * Verifies a package with all its golden rows, signs it and copies it into the store, the manifest last. Nothing that is there is
 * overwritten; registering what is registered changes nothing, and what a broken-off attempt left is completed. Throws PackageError
 * when the package is refused.
 */
export async function registerPackage(
  store: ObjectStore,
  files: PackageFiles,
  actor: Actor,
  signing: Signing = {},
): Promise<Registration> {
  const model = await loadPackage(files, { goldenRows: "all" });
  if (!(await isIntact(store, model, signing))) await copyPackage(store, files, model, signing);
  const at = (actor.at ?? new Date()).toISOString();
  let isNew = false;
  const { version } = model;
  const stages = await changeStages(store, model.name, (before) => {
    isNew = !before.versions.some((entry) => entry.version === version);
    if (!isNew) return before;
    const number = Math.max(0, ...before.versions.map((entry) => entry.number)) + 1;
    return {
      ...before,
      versions: [...before.versions, { version, number, registeredAt: at }],
      history: [...before.history, { at, action: "registered", version, by: actor.by }],
    };
  });
  return { model: model.name, version, number: numberOf(stages, version), isNew, noReasons: model.noReasons };
}

/** Verifies a registered version again and lets it serve. Throws PackageError when it is refused. */
export async function promote(
  store: ObjectStore,
  model: string,
  version: string,
  stage: "production" | "staging",
  actor: Actor,
  { trustedKeys }: Signing = {},
): Promise<Stages> {
  await loadPackage(storedPackage(store, model, version), { goldenRows: "all", trustedKeys });
  const at = (actor.at ?? new Date()).toISOString();
  return changeStages(store, model, (before) => {
    numberOf(before, version);
    if (before[stage] === version) return before;
    const action = stage === "production" ? "promoted" : "staged";
    const history = [...before.history, { at, action, version, by: actor.by } as const];
    if (stage === "staging") return { ...before, staging: version, history };
    const staging = before.staging === version ? null : before.staging;
    return { ...before, production: version, previous: before.production, staging, history };
  });
}

/** The version that serves is not what the caller meant to take back; its message says what serves. */
export class RollbackRefused extends Error {
  override readonly name = "RollbackRefused";
}

export interface RollbackOptions extends Signing {
  /** Only while this version is in production. */
  readonly from?: string;
}

/**
 * Verifies the version that served before and lets it serve again; the one that served becomes the previous one. Of two who roll back at
 * once, the second changes nothing. Throws RollbackRefused, or PackageError when the previous version cannot serve.
 */
export async function rollBack(
  store: ObjectStore,
  model: string,
  actor: Actor,
  { trustedKeys, from }: RollbackOptions = {},
): Promise<Stages> {
  const seen = (await readStages(store, model))?.stages;
  const target = seen?.previous;
  if (seen === undefined || target === undefined || target === null) {
    throw new RollbackRefused(`There is no version of ${model} that served before: nothing was rolled back.`);
  }
  await loadPackage(storedPackage(store, model, target), { goldenRows: "all", trustedKeys });
  const at = (actor.at ?? new Date()).toISOString();
  return changeStages(store, model, (before) => {
    const { production, previous } = before;
    if (production !== (from ?? seen.production) || previous !== target) {
      throw new RollbackRefused(
        `Version ${production} of ${model} is in production, not the one that was to be taken back: nothing was rolled back.`,
      );
    }
    const history = [
      ...before.history,
      { at, action: "rolled-back", version: target, by: actor.by } as const,
    ];
    return { ...before, production: target, previous: production, history };
  });
}

function numberOf(stages: Stages, version: string): number {
  const entry = stages.versions.find((candidate) => candidate.version === version);
  if (entry === undefined) throw new Error(`Version ${version} is not registered.`);
  return entry.number;
}

/** Whether the version is in the store, complete and, where signatures are asked for, signed. */
async function isIntact(
  store: ObjectStore,
  model: LoadedModel,
  { signer, trustedKeys }: Signing,
): Promise<boolean> {
  const stored = storedPackage(store, model.name, model.version);
  try {
    await loadPackage(stored, { goldenRows: 32, trustedKeys });
  } catch (error) {
    if (error instanceof PackageError) return false;
    throw error;
  }
  return signer === undefined || (await stored.read(SIGNATURE_FILE, MAXIMUM_FILE_BYTES)) !== undefined;
}

/** Copies what the manifest lists; its signature and the manifest itself last, as it says that the rest is there. */
async function copyPackage(
  store: ObjectStore,
  files: PackageFiles,
  model: LoadedModel,
  { signer, trustedKeys }: Signing,
): Promise<void> {
  const prefix = packagePrefix(model.name, model.version);
  for (const name of Object.keys(model.manifest.files)) {
    await addFile(store, prefix, name, await fileOf(files, name));
  }
  const manifest = await fileOf(files, "manifest.json");
  if (signer !== undefined) {
    // A signature can be added once: not before it is certain which manifest it will stand beside.
    const stored = await store.get(`${prefix}manifest.json`, { maxBytes: MAXIMUM_FILE_BYTES });
    if (stored !== undefined && !isEqual(stored.body, manifest)) throw refusedBy("manifest.json");
    await addSignature(store, prefix, manifest, signer, trustedKeys);
  }
  await addFile(store, prefix, "manifest.json", manifest);
}

/** Adds a file. One that is there with other bytes is replaced if the store allows it: a bucket in AWS does not. */
async function addFile(store: ObjectStore, prefix: string, name: string, body: Uint8Array): Promise<void> {
  if (await isAdded(store, prefix + name, body)) return;
  const stored = await store.get(prefix + name, { maxBytes: MAXIMUM_FILE_BYTES });
  if (stored !== undefined && isEqual(stored.body, body)) return;
  try {
    await store.put(
      prefix + name,
      body,
      stored === undefined ? { ifNoneMatch: "*" } : { ifMatch: stored.etag },
    );
  } catch (error) {
    throw refusedBy(name, error);
  }
}

/**
 * Every signature of the same bytes is another one: what an attempt before this one left is kept. Where another key has signed, or somebody put
 * something else, the signature goes to the next place.
 */
async function addSignature(
  store: ObjectStore,
  prefix: string,
  manifest: Uint8Array,
  signer: ManifestSigner,
  trustedKeys: TrustedKeys | undefined,
): Promise<void> {
  let refusal: PackageError | undefined;
  for (const name of SIGNATURE_FILES) {
    const key = prefix + name;
    const read = () => store.get(key, { maxBytes: MAXIMUM_FILE_BYTES });
    const isOurs =
      (await read()) === undefined && (await isAdded(store, key, signatureFile(await signer.sign(manifest))));
    if (trustedKeys === undefined) return;
    try {
      return await verifyManifest(manifest, (await read())?.body, trustedKeys);
    } catch (error) {
      if (isOurs || !(error instanceof PackageError)) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

/** False when there is an object of this name already. */
async function isAdded(store: ObjectStore, key: string, body: Uint8Array): Promise<boolean> {
  try {
    await store.put(key, body, { ifNoneMatch: "*" });
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

function refusedBy(name: string, cause?: unknown): PackageError {
  const because = cause instanceof Error ? ` (${cause.message})` : "";
  return new PackageError(
    name,
    `differs from the file that the registry holds for this version, and must not be replaced${because}. If the stored file is damaged, restore it (in S3, its object version before); otherwise register the package that was registered first`,
  );
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

async function fileOf(files: PackageFiles, name: string): Promise<Uint8Array> {
  const body = await files.read(name, MAXIMUM_FILE_BYTES);
  if (body === undefined)
    throw new PackageError(name, "is listed by the manifest, but the package does not have it");
  return body;
}
