/** Which version of a model serves: `model-artifacts/{model}/stages.json`, changed only where it is still as it was read. */
import { PackageError } from "../package/package-error.ts";
import { Shape } from "../package/shape.ts";
import { ConditionFailed, type ObjectStore } from "../ports.ts";

export const MODEL_PREFIX = "model-artifacts/";
/** What may name a model in paths and URLs. */
export const MODEL_NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

const MAXIMUM_BYTES = 4 * 1024 * 1024;
const HISTORY_LENGTH = 1_000;
/** More than fit into so many bytes. */
const MAXIMUM_VERSIONS = 100_000;
const ATTEMPTS = 10;

const actions = ["registered", "promoted", "staged", "rolled-back"] as const;

export interface Stages {
  readonly formatVersion: 1;
  readonly production: string | null;
  /** The candidate kept beside production; it does not answer. */
  readonly staging: string | null;
  readonly previous: string | null;
  readonly versions: readonly {
    readonly version: string;
    readonly number: number;
    readonly registeredAt: string;
  }[];
  readonly history: readonly {
    readonly at: string;
    readonly action: (typeof actions)[number];
    readonly version: string;
    readonly by?: string;
  }[];
}

export const NO_STAGES: Stages = {
  formatVersion: 1,
  production: null,
  staging: null,
  previous: null,
  versions: [],
  history: [],
};

export class StagesError extends Error {
  override readonly name = "StagesError";
}

export function stagesKey(model: string): string {
  return `${MODEL_PREFIX}${model}/stages.json`;
}

/** Throws StagesError, which names the key and what is wrong. */
export function parseStages(key: string, body: Uint8Array): Stages {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new StagesError(`${key} is not JSON.`);
  }
  try {
    return readDocument(new Shape(key, json));
  } catch (error) {
    if (error instanceof PackageError) throw new StagesError(`${key} is not valid: ${error.problem}`);
    throw error;
  }
}

function readDocument(root: Shape): Stages {
  root.at("formatVersion").integer(1, 1);
  return {
    formatVersion: 1,
    production: versionOrNull(root.at("production")),
    staging: versionOrNull(root.at("staging")),
    previous: versionOrNull(root.at("previous")),
    versions: root
      .at("versions")
      .items(0, MAXIMUM_VERSIONS)
      .map((each) => ({
        version: version(each.at("version")),
        number: each.at("number").integer(1, Number.MAX_SAFE_INTEGER),
        registeredAt: moment(each.at("registeredAt")),
      })),
    history: root
      .at("history")
      .items(0, MAXIMUM_VERSIONS)
      .map((each) => {
        const by = each.at("by").optional((name) => name.text());
        return {
          at: moment(each.at("at")),
          action: each.at("action").oneOf(actions),
          version: version(each.at("version")),
          ...(by !== null && { by }),
        };
      }),
  };
}

function version(shape: Shape): string {
  const text = shape.text();
  return /^[0-9a-f]{32}$/.test(text) ? text : shape.refuse("must be a version: 32 hexadecimal digits");
}

function versionOrNull(shape: Shape): string | null {
  return shape.value === null ? null : version(shape);
}

function moment(shape: Shape): string {
  const text = shape.text();
  const isMoment =
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/.test(text) && !Number.isNaN(Date.parse(text));
  return isMoment ? text : shape.refuse("must be a moment such as 2026-01-31T09:30:00Z");
}

export interface StoredStages {
  readonly stages: Stages;
  readonly etag: string;
}

/** Undefined when nothing was registered under this name. */
export async function readStages(store: ObjectStore, model: string): Promise<StoredStages | undefined> {
  const key = stagesKey(model);
  const object = await store.get(key, { maxBytes: MAXIMUM_BYTES });
  return object && { stages: parseStages(key, object.body), etag: object.etag };
}

/** As `readStages`, but "unchanged" while the file still has this etag. */
export async function readStagesIfChanged(
  store: ObjectStore,
  model: string,
  etag: string,
): Promise<StoredStages | "unchanged" | undefined> {
  const key = stagesKey(model);
  const object = await store.getIfChanged(key, etag, { maxBytes: MAXIMUM_BYTES });
  if (object === undefined || object === "unchanged") return object;
  return { stages: parseStages(key, object.body), etag: object.etag };
}

/** Applies a change to the stages as they are now; of two that change them at once, both changes are applied in turn. */
export async function changeStages(
  store: ObjectStore,
  model: string,
  change: (stages: Stages) => Stages,
): Promise<Stages> {
  for (let attempt = 1; ; attempt++) {
    const current = await readStages(store, model);
    const before = current?.stages ?? NO_STAGES;
    const after = change(before);
    if (after === before) return after;
    const kept = { ...after, history: after.history.slice(-HISTORY_LENGTH) };
    const body = new TextEncoder().encode(`${JSON.stringify(kept, null, 2)}\n`);
    try {
      const condition = current === undefined ? ({ ifNoneMatch: "*" } as const) : { ifMatch: current.etag };
      await store.put(stagesKey(model), body, condition);
      return kept;
    } catch (error) {
      if (!(error instanceof ConditionFailed) || attempt === ATTEMPTS) throw error;
    }
  }
}
