/** Which version of a model serves: `model-artifacts/{model}/stages.json`, changed only where it is still as it was read. */
import * as z from "zod";
import { ConditionFailed, type ObjectStore } from "../ports.ts";

export const MODEL_PREFIX = "model-artifacts/";
/** What may name a model in paths and URLs. */
export const MODEL_NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

const MAXIMUM_BYTES = 4 * 1024 * 1024;
const HISTORY_LENGTH = 1_000;
const ATTEMPTS = 10;

const version = z.string().regex(/^[0-9a-f]{32}$/, "a version is 32 hexadecimal digits");
const stagesSchema = z.object({
  formatVersion: z.literal(1),
  production: version.nullable(),
  /** The candidate kept beside production; it does not answer. */
  staging: version.nullable(),
  previous: version.nullable(),
  versions: z.array(z.object({ version, number: z.int().min(1), registeredAt: z.iso.datetime() })),
  history: z.array(
    z.object({
      at: z.iso.datetime(),
      action: z.enum(["registered", "promoted", "staged", "rolled-back"]),
      version,
      by: z.string().optional(),
    }),
  ),
});
export type Stages = z.infer<typeof stagesSchema>;

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
  const parsed = stagesSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new StagesError(`${key} is not valid at /${issue?.path.join("/") ?? ""}: ${issue?.message ?? ""}.`);
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
