import type { LargeObjectStore, ObjectInfo, ObjectStore } from "../../ports.ts";
import type { ScoringModel } from "../../scoring/scoring-model.ts";
import type { DropSource, OutputFolder } from "../drop-ports.ts";
import type { DropOptions } from "../write-drop.ts";
import type { CutOptions } from "./cut-drop.ts";

/** What scoring a drop from a store needs of the world. */
export interface BatchPorts {
  readonly store: ObjectStore & LargeObjectStore;
  /** Its reads throw ObjectChanged once the key holds other bytes than these. */
  openSource(object: ObjectInfo): DropSource;
  /** @param prefix ends in `/` */
  openFolder(prefix: string): OutputFolder;
  readonly models: BatchModels;
  readonly now: () => Date;
}

/** Putting parts together needs no model. */
export type ResultPorts = Omit<BatchPorts, "models">;

export interface BatchModels {
  /** The version that serves now. Throws `FileError` (`unknown_model`, `unusable_model`). */
  champion(name: string): Promise<ScoringModel>;
  /** A registered version. Throws `FileError` (`unusable_model`). */
  version(name: string, version: string): Promise<ScoringModel>;
}

export interface BatchSettings extends CutOptions {
  /** A file that has fewer, uncompressed, is scored in one go, without parts. */
  readonly wholeBytes: number;
  readonly options: DropOptions;
}
