/** Brings the models that come with the project into the local store, without touching what was registered there. */
import type { ObjectStore } from "../../core/ports.ts";
import {
  changeStages,
  MODEL_NAME,
  parseStages,
  readStages,
  type Stages,
} from "../../core/registry/stages.ts";
import { packagePrefix } from "../../core/registry/stored-package.ts";
import type { DirectoryObjectStore } from "../store/directory-object-store.ts";

const SHIPPED = "shipped";

/** `shipped` is laid out as the store is below `model-artifacts/`. */
export async function seedModels(store: ObjectStore, shipped: DirectoryObjectStore): Promise<void> {
  const models = (await shipped.listFolders("")).filter((name) => MODEL_NAME.test(name));
  await Promise.all(models.map((model) => seedModel(store, shipped, model)));
}

async function seedModel(store: ObjectStore, shipped: DirectoryObjectStore, model: string): Promise<void> {
  const object = await shipped.get(`${model}/stages.json`);
  if (object === undefined) return;
  const version = parseStages(`${model}/stages.json`, object.body).production;
  if (version === null) return;
  const known = await knownStages(store, model);
  if (known === "damaged" || known?.versions.some((entry) => entry.version === version)) return;
  await copyVersion(store, shipped, model, version);
  await changeStages(store, model, (stages) => withShipped(stages, version, new Date().toISOString()));
}

/** A damaged file is left to be looked at: the server tells of it, and nobody's choice is overwritten. */
async function knownStages(store: ObjectStore, model: string): Promise<Stages | "damaged" | undefined> {
  try {
    return (await readStages(store, model))?.stages;
  } catch {
    return "damaged";
  }
}

async function copyVersion(
  store: ObjectStore,
  shipped: DirectoryObjectStore,
  model: string,
  version: string,
) {
  const from = `${model}/versions/${version}/`;
  const names: string[] = [];
  for await (const { key } of shipped.list(from)) names.push(key.slice(from.length));
  // The manifest last: it says that the rest is there.
  names.sort((a, b) => Number(a === "manifest.json") - Number(b === "manifest.json"));
  for (const name of names) {
    const object = await shipped.get(from + name);
    if (object !== undefined) await store.put(packagePrefix(model, version) + name, object.body);
  }
}

/** A newer shipped version takes the place of an older shipped one, but not of one that somebody promoted here. */
function withShipped(stages: Stages, version: string, at: string): Stages {
  const number = Math.max(0, ...stages.versions.map((entry) => entry.number)) + 1;
  const registered: Stages = {
    ...stages,
    versions: [...stages.versions, { version, number, registeredAt: at }],
    history: [...stages.history, { at, action: "registered", version, by: SHIPPED }],
  };
  const lastChoice = stages.history.findLast(
    ({ action }) => action === "promoted" || action === "rolled-back",
  );
  if (stages.production !== null && lastChoice?.by !== SHIPPED) return registered;
  return {
    ...registered,
    production: version,
    previous: stages.production,
    history: [...registered.history, { at, action: "promoted", version, by: SHIPPED }],
  };
}
