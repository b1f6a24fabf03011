import { stat } from "node:fs/promises";
import { join } from "node:path";
import { MODEL_NAME, readStages } from "../../core/registry/stages.ts";
import { packagePrefix } from "../../core/registry/stored-package.ts";
import { didYouMean } from "../../core/spec/suggest.ts";
import { seedModels } from "../server/seed.ts";
import { DirectoryObjectStore } from "../store/directory-object-store.ts";
import { localPaths } from "../store/paths.ts";
import { callerPath } from "./caller-directory.ts";
import { UsageError } from "./usage-error.ts";

/** The local store, with the shipped models in it. */
export async function localStore(): Promise<DirectoryObjectStore> {
  const paths = localPaths();
  const store = new DirectoryObjectStore(paths.store);
  await seedModels(store, new DirectoryObjectStore(paths.shippedModels));
  return store;
}

/**
 * The directory of the package that `--model` names: a directory that holds one, or the production version of a registered model.
 */
export async function packageDirectoryOf(reference: string): Promise<{ name: string; directory: string }> {
  const directory = callerPath(reference);
  if (await isFile(join(directory, "manifest.json"))) return { name: reference, directory };
  if (!MODEL_NAME.test(reference)) {
    throw new UsageError(
      `"${reference}" is neither a directory with a model package (it has no manifest.json) nor a model's name. See: leadgauge models`,
    );
  }
  const store = await localStore();
  const stored = await readStages(store, reference);
  if (!stored) {
    const names = await store.listFolders("model-artifacts/");
    const known = names.length > 0 ? ` Registered: ${names.join(", ")}.` : " None is registered.";
    throw new UsageError(`There is no model "${reference}".${didYouMean(reference, names)}${known}`);
  }
  const { production } = stored.stages;
  if (production === null) {
    throw new UsageError(
      `No version of ${reference} is in production. See: leadgauge register --help (--stage production)`,
    );
  }
  return { name: reference, directory: store.path(packagePrefix(reference, production).slice(0, -1)) };
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ?? false;
}
