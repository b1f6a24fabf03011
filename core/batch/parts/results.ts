/** What stands in a drop's results folder, and how it gets there. */
import { ObjectChanged, type ObjectInfo, type ObjectVersion } from "../../ports.ts";
import { manifestName } from "../drop-name.ts";
import type { DropSource, OutputFolder } from "../drop-ports.ts";
import type { FileErrorCode } from "../file-error.ts";
import type { DropManifest } from "../manifest.ts";
import type { BatchPorts, ResultPorts } from "./batch-ports.ts";
import type { DropKey } from "./drop-key.ts";
import type { DropPlan } from "./drop-plan.ts";

const maximumManifestBytes = 16 << 20;

/** Failures that lie with us: another try may end otherwise. */
const passing: ReadonlySet<FileErrorCode> = new Set(["internal_error", "unknown_model", "unusable_model"]);

/** What stands in a drop's results folder as its manifest, be it of a failure. */
export async function readManifest(
  store: BatchPorts["store"],
  drop: DropKey,
): Promise<DropManifest | undefined> {
  const stored = await store.get(drop.outFolder + manifestName, { maxBytes: maximumManifestBytes });
  return stored && (JSON.parse(new TextDecoder().decode(stored.body)) as DropManifest);
}

/** The manifest of a drop's results, if it says what became of the file for good. */
export async function readResults(
  store: BatchPorts["store"],
  drop: DropKey,
): Promise<DropManifest | undefined> {
  const manifest = await readManifest(store, drop);
  return manifest && isForGood(manifest) ? manifest : undefined;
}

/** Whether another try would end the same: there are results, or the failure lies with the file. */
export function isForGood({ error }: DropManifest): boolean {
  return error === undefined || !passing.has(error.code);
}

/** Whether these are the results of this plan. */
export function isResultOf(manifest: DropManifest, plan: DropPlan): boolean {
  return manifest.startedAt === plan.plannedAt && manifest.model.version === plan.model.version;
}

/**
 * Whether these are the results of this object: the same bytes with the version that serves, or with an older one if the object was there
 * before it was scored, since a newer version scores a file only when it is dropped anew.
 */
export async function isResultOfObject(
  manifest: DropManifest,
  object: ObjectVersion,
  source: DropSource,
  servingVersion: () => Promise<string | undefined>,
): Promise<boolean> {
  if (manifest.input.bytes !== object.size || manifest.input.sha256 !== (await source.sha256())) return false;
  const wasThereBefore = object.lastModified.getTime() <= Date.parse(manifest.startedAt);
  return wasThereBefore || manifest.model.version === (await servingVersion());
}

/** The folder of a drop's results. Publishing throws ObjectChanged if the drop was replaced or removed meanwhile: its results would be those of other bytes. */
export function resultsFolder(
  ports: ResultPorts,
  drop: DropKey,
  object: Pick<ObjectInfo, "etag">,
): OutputFolder {
  const folder = ports.openFolder(drop.outFolder);
  return {
    create: (name, isGzip) => folder.create(name, isGzip),
    async publish(names) {
      const current = await ports.store.head(drop.key);
      if (current?.etag !== object.etag) throw new ObjectChanged(`${drop.key} was replaced or removed.`);
      return folder.publish(names);
    },
    finish: (name, text) => folder.finish(name, text),
    abandon: () => folder.abandon(),
  };
}

/** Whether another object has taken the place of this one. */
export async function isReplaced(
  { store }: Pick<ResultPorts, "store">,
  { key, etag }: Pick<ObjectInfo, "key" | "etag">,
): Promise<boolean> {
  const current = await store.head(key);
  return current !== undefined && current.etag !== etag;
}
