import type { PackageFiles } from "../package/load.ts";
import type { ObjectStore } from "../ports.ts";
import { MODEL_PREFIX } from "./stages.ts";

export function packagePrefix(model: string, version: string): string {
  return `${MODEL_PREFIX}${model}/versions/${version}/`;
}

/** The files of one registered version, for the package loader. */
export function storedPackage(store: ObjectStore, model: string, version: string): PackageFiles {
  const prefix = packagePrefix(model, version);
  return {
    async read(name, maxBytes) {
      return (await store.get(prefix + name, { maxBytes }))?.body;
    },
  };
}
