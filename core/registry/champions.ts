/** The models that answer: loaded and verified before they serve, exchanged in one step, kept when a newer one is damaged. */

import type { LoadedModel } from "../package/load.ts";
import { loadPackage } from "../package/load.ts";
import type { ObjectStore } from "../ports.ts";
import {
  MODEL_NAME,
  MODEL_PREFIX,
  readStages,
  readStagesIfChanged,
  type Stages,
  type StoredStages,
} from "./stages.ts";
import { storedPackage } from "./stored-package.ts";

const GOLDEN_ROWS_AT_LOAD = 32;
const RECHECK_IN_MILLISECONDS = 30_000;
/** Sooner while nothing can be served. */
const RECHECK_WITHOUT_MODEL_IN_MILLISECONDS = 2_000;

/** A version that serves. Never changes: another version is another champion. */
export interface Champion {
  readonly model: LoadedModel;
  /** What people call the version: 2 for v2. */
  readonly number: number;
  readonly registeredAt: string;
}

export interface ModelStatus {
  readonly model: string;
  readonly champion: Champion | undefined;
  /** Why the version that should serve does not, in a sentence. */
  readonly problem: string | undefined;
}

export interface ChampionsOptions {
  readonly store: ObjectStore;
  /** Told once for every change: a champion that starts to serve, a version that is refused. */
  readonly onChange: (change: { model: string; version?: string; problem?: string }) => void;
  /** The current time in milliseconds. */
  readonly now?: () => number;
}

export class Champions {
  readonly #options: ChampionsOptions;
  readonly #now: () => number;
  readonly #slots = new Map<string, Slot>();
  #started: Promise<void> | undefined;
  #refreshing: Promise<void> | undefined;
  /** The model that was asked for last while it was not loaded. */
  #asked: Promise<void> | undefined;
  #checkedAt = 0;

  constructor(options: ChampionsOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Resolves when the models are found and each was loaded or refused. Never rejects: `statuses` tells what happened. */
  async start(): Promise<void> {
    await this.#find();
    for (const slot of this.#slots.values()) {
      // Who waits for a model is not kept waiting by the loading of the others.
      await nextTurn();
      await this.#asked;
      await slot.loaded();
    }
  }

  /** The champion of a model that is loaded; looks for newer versions now and then, but never makes the caller wait for that. */
  current(name: string): Champion | undefined {
    const patience = this.#isServing() ? RECHECK_IN_MILLISECONDS : RECHECK_WITHOUT_MODEL_IN_MILLISECONDS;
    if (this.#now() - this.#checkedAt > patience) void this.refresh();
    return this.#slots.get(name)?.champion;
  }

  /** As `current`, but waits for a model that is still being loaded for the first time. */
  async get(name: string): Promise<Champion | undefined> {
    const champion = this.current(name);
    if (champion !== undefined) return champion;
    await this.#find();
    const slot = this.#slots.get(name);
    if (slot !== undefined) {
      this.#asked = slot.loaded();
      await this.#asked;
    }
    return slot?.champion;
  }

  /** Of every model that has been found, by name. */
  statuses(): ModelStatus[] {
    this.current("");
    return [...this.#slots.values()]
      .map(({ name, champion, problem }) => ({ model: name, champion, problem }))
      .sort((a, b) => (a.model < b.model ? -1 : 1));
  }

  /** Takes up models and versions that were registered or promoted since. Never rejects. */
  async refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  async #refresh(): Promise<void> {
    this.#checkedAt = this.#now();
    await this.#find();
    const known = [...this.#slots.values()];
    await this.#discover();
    for (const slot of known) {
      await slot.loaded();
      await slot.refresh();
    }
    for (const slot of this.#slots.values()) await slot.loaded();
  }

  /** Finds the models once, however many ask for it at the same time. */
  async #find(): Promise<void> {
    this.#started ??= this.#discover();
    await this.#started;
  }

  async #discover(): Promise<void> {
    this.#checkedAt = this.#now();
    try {
      for (const name of await this.#options.store.listFolders(MODEL_PREFIX)) {
        if (MODEL_NAME.test(name) && !this.#slots.has(name)) {
          this.#slots.set(name, new Slot(name, this.#options));
        }
      }
    } catch (error) {
      this.#options.onChange({ model: "", problem: `The models could not be listed: ${messageOf(error)}` });
    }
  }

  #isServing(): boolean {
    for (const slot of this.#slots.values()) if (slot.champion !== undefined) return true;
    return false;
  }
}

/** Lets what has arrived meanwhile be taken up first. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** The place of one model's champion. */
class Slot {
  readonly name: string;
  readonly #options: ChampionsOptions;
  #champion: Champion | undefined;
  #problem: string | undefined;
  #stages: StoredStages | undefined;
  #loaded: Promise<void> | undefined;

  constructor(name: string, options: ChampionsOptions) {
    this.name = name;
    this.#options = options;
  }

  get champion(): Champion | undefined {
    return this.#champion;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  /** Resolves when the first attempt to load is over. */
  async loaded(): Promise<void> {
    this.#loaded ??= this.refresh();
    await this.#loaded;
  }

  async refresh(): Promise<void> {
    try {
      const read =
        this.#stages === undefined
          ? await readStages(this.#options.store, this.name)
          : await readStagesIfChanged(this.#options.store, this.name, this.#stages.etag);
      if (read === "unchanged" && this.#problem === undefined) return;
      if (read !== "unchanged") this.#stages = read;
      await this.#follow(this.#stages?.stages);
    } catch (error) {
      this.#report(messageOf(error));
    }
  }

  async #follow(stages: Stages | undefined): Promise<void> {
    if (stages === undefined) return this.#report("stages.json is missing.");
    const { production, previous } = stages;
    if (production === null) {
      this.#champion = undefined;
      return this.#report("No version is in production.");
    }
    if (this.#champion?.model.version !== production) {
      try {
        await this.#load(production, stages);
      } catch (error) {
        this.#report(`Version ${production} is refused: ${messageOf(error)}`);
        // With nothing loaded yet, the version before it is better than none.
        if (this.#champion === undefined && previous !== null) await this.#load(previous, stages);
        return;
      }
    }
    this.#problem = undefined;
  }

  async #load(version: string, stages: Stages): Promise<void> {
    const registered = stages.versions.find((entry) => entry.version === version);
    if (registered === undefined) throw new Error(`stages.json does not list version ${version}.`);
    const files = storedPackage(this.#options.store, this.name, version);
    const model = await loadPackage(files, { goldenRows: GOLDEN_ROWS_AT_LOAD });
    if (model.name !== this.name || model.version !== version) {
      throw new Error(`The folder of ${this.name} ${version} holds ${model.name} ${model.version}.`);
    }
    this.#champion = { model, number: registered.number, registeredAt: registered.registeredAt };
    this.#options.onChange({ model: this.name, version });
  }

  #report(problem: string): void {
    if (problem !== this.#problem) this.#options.onChange({ model: this.name, problem });
    this.#problem = problem;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
