/** The parts of a registered package that people read and no score needs: fetched when asked for, checked as the others are. */
import type { LoadedModel } from "../package/load.ts";
import { PackageError } from "../package/package-error.ts";
import { typicalLead } from "../package/typical-lead.ts";
import type { ObjectStore } from "../ports.ts";
import type { RawLead } from "../scoring/result.ts";
import { usedFields } from "../scoring/used-fields.ts";
import { storedPackage } from "./stored-package.ts";

type JsonObject = Readonly<Record<string, unknown>>;

const MAXIMUM_CARD_BYTES = 16 * 1024 * 1024;
const MAXIMUM_PROFILE_BYTES = 16 * 1024 * 1024;

/** The version never changes: what was read once need not be read again. */
const examples = new WeakMap<LoadedModel, Promise<RawLead | null>>();
const cards = new WeakMap<LoadedModel, Promise<JsonObject | null>>();

/** The model card; null when the package was made without one. Throws PackageError when it is damaged. */
export function readCard(store: ObjectStore, model: LoadedModel): Promise<JsonObject | null> {
  if (model.manifest.files["card.json"] === undefined) return Promise.resolve(null);
  return remembered(cards, model, async () =>
    JSON.parse(await readVerified(store, model, "card.json", MAXIMUM_CARD_BYTES)),
  );
}

/** A lead to try the model with, as most leads are; null when the profile does not tell. Throws PackageError when it is damaged. */
export function readExampleLead(store: ObjectStore, model: LoadedModel): Promise<RawLead | null> {
  return remembered(examples, model, async () => {
    const text = await readVerified(store, model, "profile.json", MAXIMUM_PROFILE_BYTES);
    try {
      return typicalLead(model.spec, usedFields(model.spec, model.serving.columns), JSON.parse(text));
    } catch (error) {
      if (error instanceof PackageError || error instanceof SyntaxError) return null;
      throw error;
    }
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
  if (expected === undefined || body === undefined) throw new PackageError(name, "is missing.");
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body as Uint8Array<ArrayBuffer>));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (sha256 !== expected.sha256)
    throw new PackageError(name, "is not the file that the manifest describes: its checksum differs.");
  return new TextDecoder("utf-8", { fatal: true }).decode(body);
}
