/** Putting a package into the registry, and letting it serve. */
import { type LoadedModel, loadPackage, type PackageFiles } from "../package/load.ts";
import type { ObjectStore } from "../ports.ts";
import { changeStages, type Stages } from "./stages.ts";
import { packagePrefix, storedPackage } from "./stored-package.ts";

const MAXIMUM_FILE_BYTES = 256 * 1024 * 1024;

export interface Registration {
  readonly model: string;
  readonly version: string;
  /** What people call it: 2 for v2. */
  readonly number: number;
  /** False when this very version was registered before. */
  readonly isNew: boolean;
}

/** Who does something when, for the history. */
export interface Actor {
  readonly by: string;
  readonly at?: Date;
}

/**
 * Verifies a package with all its golden rows and copies it into the store, the manifest last. Registering what is
 * registered changes nothing, and repairs a stored copy that was damaged. Throws PackageError when the package is refused.
 */
export async function registerPackage(
  store: ObjectStore,
  files: PackageFiles,
  actor: Actor,
): Promise<Registration> {
  const model = await loadPackage(files, { goldenRows: "all" });
  if (!(await isIntact(store, model))) await copyPackage(store, files, model);
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
  return { model: model.name, version, number: numberOf(stages, version), isNew };
}

/** Verifies a registered version again and lets it serve. Throws PackageError when it is refused. */
export async function promote(
  store: ObjectStore,
  model: string,
  version: string,
  stage: "production" | "staging",
  actor: Actor,
): Promise<Stages> {
  await loadPackage(storedPackage(store, model, version), { goldenRows: "all" });
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

function numberOf(stages: Stages, version: string): number {
  const entry = stages.versions.find((candidate) => candidate.version === version);
  if (entry === undefined) throw new Error(`Version ${version} is not registered.`);
  return entry.number;
}

async function isIntact(store: ObjectStore, model: LoadedModel): Promise<boolean> {
  try {
    await loadPackage(storedPackage(store, model.name, model.version), { goldenRows: 32 });
    return true;
  } catch {
    return false;
  }
}

/** Copies what the manifest lists; the manifest itself last, as it says that the rest is there. */
async function copyPackage(store: ObjectStore, files: PackageFiles, model: LoadedModel): Promise<void> {
  const prefix = packagePrefix(model.name, model.version);
  for (const name of [...Object.keys(model.manifest.files), "manifest.json"]) {
    const body = await files.read(name, MAXIMUM_FILE_BYTES);
    if (body === undefined) throw new Error(`The manifest lists ${name}, which the package does not have.`);
    await store.put(prefix + name, body);
  }
}
