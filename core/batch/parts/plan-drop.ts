import { ObjectChanged, type ObjectVersion } from "../../ports.ts";
import type { Dialect } from "../csv/dialect.ts";
import { type DropName, parseDropName } from "../drop-name.ts";
import type { DropSource } from "../drop-ports.ts";
import { FileError } from "../file-error.ts";
import type { DropManifest } from "../manifest.ts";
import { scoreDrop } from "../score-drop.ts";
import { SoloCrew } from "../scoring-crew.ts";
import { writeDrop } from "../write-drop.ts";
import type { BatchPorts, BatchSettings } from "./batch-ports.ts";
import { cutDrop, tooLarge } from "./cut-drop.ts";
import { type DropKey, dropId, parseDropKey, work } from "./drop-key.ts";
import { agreeOnPlan, type DropPlan, type Layout, readPlan } from "./drop-plan.ts";
import { missingParts } from "./part-store.ts";
import { isReplaced, isResultOf, isResultOfObject, readResults, resultsFolder } from "./results.ts";

/** How much larger a file may be expected to be than it is stored. */
const expansion = { none: 1, gzip: 8, parquet: 4 };

export interface DropRequest {
  readonly key: string;
  /** Of the object that was dropped; absent: whatever the key holds now. */
  readonly etag?: string;
  /** Score it with the version that serves now, even if it was scored with another one. */
  readonly rescore?: boolean;
  /** Write the results again, whatever is there: those of a file that was replaced meanwhile may be among them. */
  readonly again?: boolean;
}

export type PlanOutcome =
  | {
      readonly outcome: "passed-over";
      /** `superseded`: another object has taken its place, and has an event of its own. */
      readonly reason: "no-drop" | "gone" | "superseded" | "already-scored";
    }
  | { readonly outcome: "finished"; readonly drop: string; readonly manifest: DropManifest }
  /** `pending`: the key of a JSON array with the numbers of the parts that are still to be scored. */
  | {
      readonly outcome: "parts";
      readonly drop: string;
      readonly pending: string;
      readonly parts: number;
      readonly missing: number;
      readonly again: boolean;
    }
  /** All parts are scored. */
  | { readonly outcome: "join"; readonly drop: string; readonly again: boolean }
  | ReplacedMeanwhile;

/** Another file took the place of this one while its results were written, and may have been dealt with before: it is to be scored `again`. */
export interface ReplacedMeanwhile {
  readonly outcome: "again";
  readonly key: string;
}

/** Scores a small file, cuts a large one into parts, and passes over what needs neither. */
export async function planDrop(
  request: DropRequest,
  ports: BatchPorts,
  settings: BatchSettings,
): Promise<PlanOutcome> {
  const drop = parseDropKey(request.key);
  if (!drop) return { outcome: "passed-over", reason: "no-drop" };
  const object = await ports.store.head(drop.key);
  if (!object) return { outcome: "passed-over", reason: "gone" };
  if (!isSameObject(request, object)) return { outcome: "passed-over", reason: "superseded" };
  try {
    return await new DropPlanner(drop, object, ports, settings).plan(request);
  } catch (error) {
    if (error instanceof ObjectChanged) return { outcome: "passed-over", reason: "superseded" };
    throw error;
  }
}

/** Whether the key still holds what the request is about. */
export function isSameObject({ etag }: DropRequest, object: ObjectVersion): boolean {
  return etag === undefined || bare(etag) === bare(object.etag);
}

/** Events write an etag without its quotes. */
function bare(etag: string): string {
  return etag.replaceAll('"', "");
}

class DropPlanner {
  readonly #drop: DropKey;
  readonly #object: ObjectVersion;
  readonly #ports: BatchPorts;
  readonly #settings: BatchSettings;
  readonly #source: DropSource;

  constructor(drop: DropKey, object: ObjectVersion, ports: BatchPorts, settings: BatchSettings) {
    this.#drop = drop;
    this.#object = object;
    this.#ports = ports;
    this.#settings = settings;
    this.#source = ports.openSource(object);
  }

  async plan({ rescore = false, again = false }: DropRequest): Promise<PlanOutcome> {
    const { store } = this.#ports;
    const id = await this.#id(rescore);
    const results = await readResults(store, this.#drop);
    const known = await readPlan(store, id);
    if (results && !again && (await this.#isSettled(results, known, rescore)))
      return { outcome: "passed-over", reason: "already-scored" };
    const made = known ?? (await this.#makePlan(id));
    if ("kind" in made) return this.#finished(id, made);
    const plan = known ?? (await agreeOnPlan(store, id, made));
    if (!plan.cut) return this.#finished(id, await this.#scoreWhole(plan));
    const missing = await missingParts(store, id, plan.cut.layout);
    if (missing.length === 0) return { outcome: "join", drop: id, again };
    const pending = work.pending(id);
    await store.put(pending, new TextEncoder().encode(JSON.stringify(missing)));
    const parts = plan.cut.layout.parts.length;
    return { outcome: "parts", drop: id, pending, parts, missing: missing.length, again };
  }

  async #finished(drop: string, manifest: DropManifest): Promise<PlanOutcome> {
    if (await isReplaced(this.#ports, this.#object)) return { outcome: "again", key: this.#drop.key };
    return { outcome: "finished", drop, manifest };
  }

  /** Events of one object have one plan, whichever version serves when they come. */
  async #id(rescore: boolean): Promise<string> {
    const { key, etag, size, lastModified } = this.#object;
    const version = rescore ? [(await this.#servingVersion()) ?? ""] : [];
    return dropId(key, etag, size, lastModified.getTime(), ...version);
  }

  async #isSettled(results: DropManifest, plan: DropPlan | undefined, rescore: boolean): Promise<boolean> {
    if (plan && isResultOf(results, plan)) return true;
    if (rescore) return false;
    return isResultOfObject(results, this.#object, this.#source, () => this.#servingVersion());
  }

  async #servingVersion(): Promise<string | undefined> {
    try {
      return (await this.#ports.models.champion(this.#drop.model)).version;
    } catch (error) {
      if (error instanceof FileError) return undefined;
      throw error;
    }
  }

  /** A plan; or the manifest, already written, of a file that can't be scored. */
  async #makePlan(id: string): Promise<DropPlan | DropManifest> {
    const { options, wholeBytes } = this.#settings;
    const plannedAt = this.#ports.now();
    const found: { model?: DropPlan["model"]; dialect?: Dialect } = {};
    try {
      const name = parseDropName(this.#drop.name);
      const model = await this.#ports.models.champion(this.#drop.model);
      const { name: modelName, version, noReasons } = model;
      found.model = { name: modelName, version, ...(noReasons !== null && { noReasons }) };
      const { key, etag, size } = this.#object;
      const plan: DropPlan = {
        formatVersion: 1,
        object: { key, etag, size },
        model: found.model,
        options,
        plannedAt: plannedAt.toISOString(),
      };
      if (size * expansionOf(name) <= wholeBytes) return plan;
      const layout = await this.#cut(id, name, model, (dialect) => {
        found.dialect = dialect;
      });
      return { ...plan, cut: { sha256: await this.#source.sha256(), layout } };
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      const results = { ...this.#results(options), startedAt: plannedAt };
      return writeDrop(results, async (state) => {
        Object.assign(state, found);
        throw error;
      });
    }
  }

  async #cut(
    id: string,
    name: DropName,
    model: Parameters<typeof cutDrop>[2],
    onDialect: (dialect: Dialect) => void,
  ): Promise<Layout> {
    if (this.#object.size > this.#settings.maximumBytes) throw tooLarge(this.#settings.maximumBytes);
    const expanded = name.isGzip ? this.#ports.store.create(work.expanded(id)) : undefined;
    try {
      const layout = await cutDrop(this.#source, name, model, this.#settings, expanded, onDialect);
      await expanded?.finish();
      return layout;
    } catch (error) {
      await expanded?.abandon();
      throw error;
    }
  }

  #scoreWhole({ model, options, plannedAt }: DropPlan): Promise<DropManifest> {
    return scoreDrop({
      ...this.#results(options),
      startedAt: new Date(plannedAt),
      crew: async () => new SoloCrew(await this.#ports.models.version(model.name, model.version)),
    });
  }

  #results(options: DropPlan["options"]) {
    return {
      source: this.#source,
      folder: resultsFolder(this.#ports, this.#drop, this.#object),
      modelName: this.#drop.model,
      options,
      now: this.#ports.now,
    };
  }
}

function expansionOf({ format, isGzip }: DropName): number {
  if (format === "parquet") return expansion.parquet;
  return isGzip ? expansion.gzip : expansion.none;
}
