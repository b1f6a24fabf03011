import { type LoadedModel, loadPackage } from "../../package/load.ts";
import { PackageError } from "../../package/package-error.ts";
import { ChampionSlot, type SlotOptions } from "../../registry/champion-slot.ts";
import { MODEL_NAME } from "../../registry/stages.ts";
import { storedPackage } from "../../registry/stored-package.ts";
import { FileError } from "../file-error.ts";
import type { BatchModels } from "./batch-ports.ts";
import { DropFault } from "./drop-fault.ts";

const goldenRowsAtLoad = 32;

/** The models of the registry: asked anew which version serves for every drop, and kept in memory while they are the ones asked for. */
export class RegistryModels implements BatchModels {
  readonly #options: SlotOptions;
  #slot: ChampionSlot | undefined;
  #kept: LoadedModel | undefined;

  constructor(options: SlotOptions) {
    this.#options = options;
  }

  async champion(name: string): Promise<LoadedModel> {
    if (!MODEL_NAME.test(name)) throw noModel(name);
    const slot = this.#slot?.name === name ? this.#slot : new ChampionSlot(name, this.#options);
    await slot.check();
    await slot.follow();
    // The store's fault, not the model's: another try may find it.
    if (slot.isStale) throw new DropFault(`The registry of ${name} can't be read: ${slot.problem}`);
    if (slot.champion === undefined) throw noModel(name, slot.problem);
    this.#slot = slot;
    return slot.champion.model;
  }

  async version(name: string, version: string): Promise<LoadedModel> {
    for (const model of [this.#kept, this.#slot?.champion?.model]) {
      if (model?.name === name && model.version === version) return model;
    }
    const { store, trustedKeys } = this.#options;
    try {
      const files = storedPackage(store, name, version);
      this.#kept = await loadPackage(files, { goldenRows: goldenRowsAtLoad, trustedKeys });
    } catch (error) {
      if (error instanceof PackageError)
        throw new FileError("unusable_model", `${name} ${version}: ${error.message}`);
      throw error;
    }
    return this.#kept;
  }
}

function noModel(name: string, problem?: string): FileError {
  return new FileError(
    "unknown_model",
    `There is no model "${name}" that can serve.${problem === undefined ? "" : ` ${problem}`}`,
  );
}
