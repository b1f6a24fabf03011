/** The parts of a registered package that people read and no score needs: fetched when asked for, checked as the others are. */
import type { LoadedModel } from "../package/load.ts";
import { PackageError } from "../package/package-error.ts";
import type { ObjectStore } from "../ports.ts";
import { storedPackage } from "./stored-package.ts";

type JsonObject = Readonly<Record<string, unknown>>;

const MAXIMUM_CARD_BYTES = 16 * 1024 * 1024;
const MAXIMUM_GOLDEN_BYTES = 64 * 1024 * 1024;

/** The version never changes: what was read once need not be read again. */
const examples = new WeakMap<LoadedModel, Promise<JsonObject | null>>();
const cards = new WeakMap<LoadedModel, Promise<JsonObject>>();

/** The model card. Throws PackageError when it is missing or damaged. */
export function readCard(store: ObjectStore, model: LoadedModel): Promise<JsonObject> {
  return remembered(cards, model, async () =>
    JSON.parse(await readVerified(store, model, "card.json", MAXIMUM_CARD_BYTES)),
  );
}

/** The fields of the first golden row that can be scored and misses the least; null when there is none. */
export function readExampleLead(store: ObjectStore, model: LoadedModel): Promise<JsonObject | null> {
  return remembered(examples, model, async () => {
    const text = await readVerified(store, model, "golden.jsonl", MAXIMUM_GOLDEN_BYTES);
    let best: JsonObject | null = null;
    let fewest = Number.POSITIVE_INFINITY;
    for (const line of text.split("\n", 64)) {
      if (line === "") continue;
      const row: { lead: JsonObject; rejected?: string; warnings?: readonly string[] } = JSON.parse(line);
      const warnings = row.warnings?.length ?? 0;
      if (row.rejected !== undefined || warnings >= fewest) continue;
      best = row.lead;
      fewest = warnings;
    }
    return best;
  });
}

function remembered<Value>(
  memory: WeakMap<LoadedModel, Promise<Value>>,
  model: LoadedModel,
  read: () => Promise<Value>,
): Promise<Value> {
  const known = memory.get(model);
  if (known !== undefined) return known;
  const reading = read();
  memory.set(model, reading);
  reading.catch(() => memory.delete(model));
  return reading;
}

async function readVerified(
  store: ObjectStore,
  model: LoadedModel,
  name: string,
  maxBytes: number,
): Promise<string> {
  const expected = model.manifest.files[name];
  const body = await storedPackage(store, model.name, model.version).read(name, maxBytes);
  if (expected === undefined || body === undefined) throw new PackageError(name, "it is missing.");
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body as Uint8Array<ArrayBuffer>));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (sha256 !== expected.sha256)
    throw new PackageError(name, "it does not have the checksum of the manifest.");
  return new TextDecoder("utf-8", { fatal: true }).decode(body);
}
