/** The parts of a registered package that people read and no score needs: fetched when asked for, checked as the others are. */
import type { LoadedModel } from "../package/load.ts";
import { PackageError } from "../package/package-error.ts";
import type { ObjectStore } from "../ports.ts";
import { storedPackage } from "./stored-package.ts";

type JsonObject = Readonly<Record<string, unknown>>;

const MAXIMUM_CARD_BYTES = 16 * 1024 * 1024;
const MAXIMUM_GOLDEN_BYTES = 64 * 1024 * 1024;
/** Enough to find a pleasant one. */
const ROWS_LOOKED_AT = 100;

/** The version never changes: what was read once need not be read again. */
const examples = new WeakMap<LoadedModel, Promise<JsonObject | null>>();
const cards = new WeakMap<LoadedModel, Promise<JsonObject | null>>();

/** The model card; null when the package was made without one. Throws PackageError when it is damaged. */
export function readCard(store: ObjectStore, model: LoadedModel): Promise<JsonObject | null> {
  if (model.manifest.files["card.json"] === undefined) return Promise.resolve(null);
  return remembered(cards, model, async () =>
    JSON.parse(await readVerified(store, model, "card.json", MAXIMUM_CARD_BYTES)),
  );
}

/** The fields of a golden row that can be scored, one that is pleasant to read; null when there is none. */
export function readExampleLead(store: ObjectStore, model: LoadedModel): Promise<JsonObject | null> {
  return remembered(examples, model, async () => {
    const text = await readVerified(store, model, "golden.jsonl", MAXIMUM_GOLDEN_BYTES);
    let best: JsonObject | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const line of text.split("\n", ROWS_LOOKED_AT)) {
      if (line === "") continue;
      const row: GoldenRow = JSON.parse(line);
      if (row.rejected !== undefined) continue;
      const oddity = oddityOf(row);
      if (oddity >= least) continue;
      best = row.lead;
      least = oddity;
    }
    return best;
  });
}

interface GoldenRow {
  readonly lead: JsonObject;
  readonly rejected?: string;
  readonly warnings?: readonly string[];
}

/** Golden rows are mangled on purpose: warnings, spare spaces, numbers as text or just off a threshold. */
function oddityOf({ lead, warnings = [] }: GoldenRow): number {
  const isOdd = (value: unknown) =>
    value === null ||
    (typeof value === "number" && String(value).length > 6) ||
    (typeof value === "string" && (value.trim() !== value || /^[-+.\d]*$/.test(value)));
  return warnings.length * 10 + Object.values(lead).filter(isOdd).length;
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
