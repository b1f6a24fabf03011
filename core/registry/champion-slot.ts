/** Follows what the registry says of one model: which version should serve, and whether it can. */
import { type LoadedModel, loadPackage } from "../package/load.ts";
import { PackageError } from "../package/package-error.ts";
import type { TrustedKeys } from "../package/signature.ts";
import type { ObjectStore } from "../ports.ts";
import { readStages, readStagesIfChanged, type Stages, type StoredStages } from "./stages.ts";
import { storedPackage } from "./stored-package.ts";

const GOLDEN_ROWS_AT_LOAD = 32;

/** A version that serves. Never changes: another version is another champion. */
export interface Champion {
  readonly model: LoadedModel;
  /** What people call the version: 2 for v2. */
  readonly number: number;
  readonly registeredAt: string;
}

export interface SlotOptions {
  readonly store: ObjectStore;
  /** With keys, a version serves only if its manifest is signed by one of them. */
  readonly trustedKeys?: TrustedKeys | undefined;
  /** Told once for every change: a champion that starts to serve, a version that is refused. */
  readonly onChange: (change: { model: string; version?: string; problem?: string }) => void;
}

/** The place of one model's champion. */
export class ChampionSlot {
  readonly name: string;
  readonly #options: SlotOptions;
  #champion: Champion | undefined;
  #problem: string | undefined;
  #stages: StoredStages | undefined;
  #loaded: Promise<void> | undefined;
  #isStale = false;
  #isRefused = false;
  #isLoading = false;

  constructor(name: string, options: SlotOptions) {
    this.name = name;
    this.#options = options;
  }

  get champion(): Champion | undefined {
    return this.#champion;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  /** The registry could not be read when it was last asked. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** The version that should serve must not. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  get isLoading(): boolean {
    return this.#isLoading;
  }

  /** Resolves when the first attempt to load is over. */
  async loaded(): Promise<void> {
    this.#loaded ??= this.check().then(() => this.follow());
    await this.#loaded;
  }

  /** Asks which version should serve. */
  async check(): Promise<void> {
    try {
      const read =
        this.#stages === undefined
          ? await readStages(this.#options.store, this.name)
          : await readStagesIfChanged(this.#options.store, this.name, this.#stages.etag);
      if (read !== "unchanged") this.#stages = read;
      this.#isStale = false;
    } catch (error) {
      this.#isStale = true;
      this.#report(messageOf(error));
    }
  }

  /** Loads the version that should serve, unless it does. */
  async follow(): Promise<void> {
    if (this.#isStale) return;
    this.#isLoading = true;
    try {
      await this.#follow(this.#stages?.stages);
    } catch (error) {
      this.#report(messageOf(error));
    } finally {
      this.#isLoading = false;
    }
  }

  async #follow(stages: Stages | undefined): Promise<void> {
    this.#isRefused = false;
    if (stages === undefined) {
      // Before a model's first version is complete there is none; later there always is.
      this.#isStale = this.#champion !== undefined;
      return this.#report("stages.json is missing.");
    }
    const { production, previous } = stages;
    if (production === null) {
      this.#champion = undefined;
      return this.#report("No version is in production.");
    }
    if (this.#champion?.model.version !== production) {
      try {
        await this.#load(production, stages);
      } catch (error) {
        if (error instanceof PackageError) this.#isRefused = true;
        else this.#isStale = true;
        this.#report(`Version ${production} is refused: ${messageOf(error)}`);
        // With nothing loaded yet, the version before it is better than none.
        if (this.#champion === undefined && previous !== null) await this.#load(previous, stages);
        return;
      }
    }
    this.#problem = undefined;
  }

  async #load(version: string, stages: Stages): Promise<void> {
    const { store, trustedKeys, onChange } = this.#options;
    const registered = stages.versions.find((entry) => entry.version === version);
    if (registered === undefined) throw new Error(`stages.json does not list version ${version}.`);
    const files = storedPackage(store, this.name, version);
    const model = await loadPackage(files, { goldenRows: GOLDEN_ROWS_AT_LOAD, trustedKeys });
    if (model.name !== this.name || model.version !== version) {
      throw new PackageError(
        "manifest.json",
        `the folder of ${this.name} ${version} holds ${model.name} ${model.version}`,
      );
    }
    this.#champion = { model, number: registered.number, registeredAt: registered.registeredAt };
    onChange({ model: this.name, version });
  }

  #report(problem: string): void {
    if (problem !== this.#problem) this.#options.onChange({ model: this.name, problem });
    this.#problem = problem;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
