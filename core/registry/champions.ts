/** The models that answer: loaded and verified before they serve, exchanged in one step, kept when a newer one is damaged. */

import { type Champion, ChampionSlot, messageOf, type SlotOptions } from "./champion-slot.ts";
import { MODEL_NAME, MODEL_PREFIX } from "./stages.ts";

export type { Champion } from "./champion-slot.ts";

const RECHECK_IN_MILLISECONDS = 30_000;
/** Sooner while nothing can be served. */
const RECHECK_WITHOUT_MODEL_IN_MILLISECONDS = 2_000;

export interface ModelStatus {
  readonly model: string;
  readonly champion: Champion | undefined;
  /** Why the version that should serve does not, in a sentence. */
  readonly problem: string | undefined;
}

/** What a look at the registry found. */
export interface RegistryCheck {
  /** True: the registry could not be read, in whole or in part. What serves may be out of date. */
  readonly isStale: boolean;
  /** The models whose version in production is damaged, or not signed as it has to be; the version before it serves on. */
  readonly refused: readonly string[];
}

export interface ChampionsOptions extends SlotOptions {
  /** False: asking for a model never begins a look at the registry; who follows it calls `lookIfDue` between requests. Default: true. */
  readonly looksOnRequest?: boolean;
  /** Told of every look at the registry, whatever it found. */
  readonly onCheck?: (check: RegistryCheck) => void;
  /** The current time in milliseconds. */
  readonly now?: () => number;
}

export class Champions {
  readonly #options: ChampionsOptions;
  readonly #now: () => number;
  readonly #slots = new Map<string, ChampionSlot>();
  #started: Promise<void> | undefined;
  #refreshing: Promise<void> | undefined;
  /** The model that was asked for last while it was not loaded. */
  #asked: Promise<void> | undefined;
  #checkedAt = 0;
  #isListed = false;

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
    this.#tell();
  }

  /** The look at the registry that is under way, if one is: resolves when newer versions have been taken up. Never rejects. */
  get refreshing(): Promise<void> | undefined {
    return this.#refreshing;
  }

  /** Whether a newer version has been found and is being loaded. */
  get isLoading(): boolean {
    for (const slot of this.#slots.values()) if (slot.isLoading) return true;
    return false;
  }

  /** The champion of a model that is loaded; looks for newer versions now and then, but never makes the caller wait for that. */
  current(name: string): Champion | undefined {
    if (this.#options.looksOnRequest !== false) this.lookIfDue();
    return this.#slots.get(name)?.champion;
  }

  /** Begins a look at the registry if the last one was too long ago. */
  lookIfDue(): void {
    const patience = this.#isServing() ? RECHECK_IN_MILLISECONDS : RECHECK_WITHOUT_MODEL_IN_MILLISECONDS;
    // Before the models are found for the first time there is nothing newer: a refresh would load them all for one.
    if (this.#started !== undefined && this.#now() - this.#checkedAt > patience) void this.refresh();
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
    // Asking is waiting, loading is work: all are asked at once, and one is loaded after the other.
    await Promise.all([this.#discover(), ...known.map((slot) => slot.loaded().then(() => slot.check()))]);
    for (const slot of known) await slot.follow();
    for (const slot of this.#slots.values()) await slot.loaded();
    this.#tell();
  }

  #tell(): void {
    const slots = [...this.#slots.values()];
    this.#options.onCheck?.({
      isStale: !this.#isListed || slots.some(({ isStale }) => isStale),
      refused: slots.flatMap(({ name, isRefused }) => (isRefused ? name : [])).sort(),
    });
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
          this.#slots.set(name, new ChampionSlot(name, this.#options));
        }
      }
      this.#isListed = true;
    } catch (error) {
      this.#isListed = false;
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
