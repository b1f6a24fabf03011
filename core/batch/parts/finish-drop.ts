import { ObjectChanged } from "../../ports.ts";
import { parseDropName } from "../drop-name.ts";
import { FileError } from "../file-error.ts";
import type { DropManifest } from "../manifest.ts";
import { type DropResults, writeDrop } from "../write-drop.ts";
import type { BatchPorts, BatchSettings, ResultPorts } from "./batch-ports.ts";
import { DropFault } from "./drop-fault.ts";
import { type DropKey, dropId, parseDropKey, work } from "./drop-key.ts";
import { type DropPlan, readPlan } from "./drop-plan.ts";
import { joinParts } from "./join-parts.ts";
import { keepPart, missingParts, readParts } from "./part-store.ts";
import { type DropRequest, isSameObject, type ReplacedMeanwhile } from "./plan-drop.ts";
import { isForGood, isReplaced, isResultOf, readManifest, readResults, resultsFolder } from "./results.ts";
import { scorePart } from "./score-part.ts";

/** Scores one part of a planned drop and keeps what comes of it. @returns undefined if that was done before */
export async function scoreDropPart(
  drop: string,
  part: number,
  ports: BatchPorts,
): Promise<{ readonly rows: number; readonly scored: number } | undefined> {
  const { store } = ports;
  const { plan, cut } = await cutPlan(drop, ports);
  const range = cut.layout.parts[part];
  if (!range)
    throw new DropFault(`Drop ${drop} has ${cut.layout.parts.length} parts; there is no part ${part}.`);
  if (await store.head(work.result(drop, part))) return undefined;
  const model = await ports.models.version(plan.model.name, plan.model.version);
  const isExpanded = parseDropName(plan.object.key.replace(/^.*\//s, "")).isGzip;
  const object = isExpanded ? { key: work.expanded(drop) } : plan.object;
  const source = ports.openSource(plan.object);
  const result = await scorePart(cut.layout, range, model, plan.options, { store, object }, source);
  await keepPart(store, drop, part, result);
  return { rows: result.rows, scored: result.scored };
}

export type FinishOutcome =
  | { readonly outcome: "finished"; readonly key: string; readonly manifest: DropManifest }
  | { readonly outcome: "passed-over"; readonly reason: "superseded" | "already-scored" }
  | ReplacedMeanwhile
  /** Some parts could not be scored; the manifest says so. */
  | { readonly outcome: "failed"; readonly missing: readonly number[] };

/** Puts the scored parts of a drop together, or writes the manifest that says which are missing. */
export async function finishDrop(
  drop: string,
  ports: ResultPorts,
  { again = false }: Pick<DropRequest, "again"> = {},
): Promise<FinishOutcome> {
  const { store } = ports;
  const { plan, cut } = await cutPlan(drop, ports);
  const key = keyOf(plan);
  const there = await readResults(store, key);
  if (!again && there && isResultOf(there, plan)) return { outcome: "passed-over", reason: "already-scored" };
  if ((await store.head(key.key))?.etag !== plan.object.etag)
    return { outcome: "passed-over", reason: "superseded" };
  const missing = await missingParts(store, drop, cut.layout);
  // What another version made of the same bytes stays: it is better than nothing.
  if (missing.length > 0 && there?.input.sha256 === cut.sha256) return { outcome: "failed", missing };
  const source = ports.openSource(plan.object);
  const results: DropResults = {
    source: { name: key.name, bytes: plan.object.size, sha256: async () => cut.sha256 },
    folder: resultsFolder(ports, key, plan.object),
    modelName: plan.model.name,
    options: plan.options,
    startedAt: new Date(plan.plannedAt),
    now: ports.now,
  };
  try {
    const manifest = await writeDrop(results, async (state) => {
      state.model = plan.model;
      if (missing.length > 0) throw partsMissing(key, missing, cut.layout.parts.length);
      const parts = readParts(store, drop, cut.layout);
      await joinParts(cut.layout, parts, plan.options, source, results.folder, state);
    });
    if (await isReplaced(ports, plan.object)) return { outcome: "again", key: key.key };
    return missing.length > 0
      ? { outcome: "failed", missing }
      : { outcome: "finished", key: key.key, manifest };
  } catch (error) {
    if (error instanceof ObjectChanged) return { outcome: "passed-over", reason: "superseded" };
    throw error;
  }
}

/**
 * Tells whoever waits for a drop's manifest that it could not be scored, for a reason that lies with us.
 * @param from.outside true: the execution ended without coming to it. What it told stays, since that may say more, and so does a file that
 * took the place of its own, which has an execution too.
 * @returns `nothing-to-tell`: the drop is gone, or what became of it is told
 */
export async function giveUpDrop(
  request: DropRequest,
  ports: ResultPorts,
  { options }: Pick<BatchSettings, "options">,
  from: { readonly outside: boolean } = { outside: false },
): Promise<ReplacedMeanwhile | { readonly outcome: "told" | "nothing-to-tell" }> {
  const { store } = ports;
  const key = parseDropKey(request.key);
  const object = key && (await store.head(key.key));
  if (!key || !object) return { outcome: "nothing-to-tell" };
  if (from.outside && !isSameObject(request, object)) return { outcome: "nothing-to-tell" };
  const plan = await readPlan(
    store,
    await dropId(object.key, object.etag, object.size, object.lastModified.getTime()),
  );
  const source = ports.openSource(object);
  const sha256 = plan?.cut?.sha256 ?? (await source.sha256());
  const there = await readManifest(store, key);
  if (there?.input.sha256 === sha256 && (isForGood(there) || from.outside))
    return { outcome: "nothing-to-tell" };
  const results: DropResults = {
    source: { name: key.name, bytes: object.size, sha256: async () => sha256 },
    folder: resultsFolder(ports, key, object),
    modelName: key.model,
    options: plan?.options ?? options,
    startedAt: plan ? new Date(plan.plannedAt) : ports.now(),
    now: ports.now,
  };
  try {
    await writeDrop(results, async (state) => {
      if (plan) state.model = plan.model;
      throw new FileError("internal_error", `The file could not be scored. ${whatToDo(key)}`);
    });
    return (await isReplaced(ports, object)) ? { outcome: "again", key: key.key } : { outcome: "told" };
  } catch (error) {
    if (error instanceof ObjectChanged) return { outcome: "nothing-to-tell" };
    throw error;
  }
}

function partsMissing(key: DropKey, missing: readonly number[], parts: number): FileError {
  const shown = missing.slice(0, 10).map((part) => part + 1);
  const named = `${shown.join(", ")}${missing.length > shown.length ? " …" : ""}`;
  return new FileError(
    "internal_error",
    `${missing.length} of the file's ${parts} parts could not be scored (${named}). ${whatToDo(key)}`,
  );
}

function whatToDo({ key }: DropKey): string {
  return `The cause lies in the service or the model, and is in its log. Once it is gone, this scores what is missing: leadgauge batch redrive "${key}"`;
}

async function cutPlan(
  drop: string,
  { store }: ResultPorts,
): Promise<{ plan: DropPlan; cut: NonNullable<DropPlan["cut"]> }> {
  const plan = await readPlan(store, drop);
  if (!plan?.cut)
    throw new DropFault(`There is no plan with parts for drop ${drop}: it was removed, or never made.`);
  return { plan, cut: plan.cut };
}

function keyOf(plan: DropPlan): DropKey {
  const key = parseDropKey(plan.object.key);
  if (!key) throw new DropFault(`${plan.object.key} is no drop.`);
  return key;
}
