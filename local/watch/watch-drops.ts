/** What the S3 drop does in the cloud: a file put into `batch/in/{model}/` is scored into `batch/out/{model}/{full object name}/`. */
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { DropManifest } from "../../core/batch/manifest.ts";
import type { Champions } from "../../core/registry/champions.ts";
import { MODEL_NAME } from "../../core/registry/stages.ts";
import { packagePrefix } from "../../core/registry/stored-package.ts";
import { FileSource } from "../files/file-source.ts";
import { readManifest } from "../files/output-directory.ts";
import { workerUrl } from "../files/worker-url.ts";
import type { DirectoryObjectStore } from "../store/directory-object-store.ts";
import type { DropAnswer, DropOrder } from "./drop-messages.ts";
import { type FoundDrop, findDrops } from "./find-drops.ts";

const pollInMilliseconds = 1_000;
/** The server goes on whatever a file makes of the thread that scores it. */
const resourceLimits = { maxOldGenerationSizeMb: 2_048, maxYoungGenerationSizeMb: 16 };

/** What happened to a drop; no lead's data. */
export interface DropEvent {
  readonly message: "drop";
  readonly level: "info" | "error";
  readonly model: string;
  readonly object: string;
  readonly status: DropManifest["status"] | "not scored";
  readonly version?: string | null;
  readonly rows?: DropManifest["rows"];
  readonly durationInSeconds?: number;
  /** Why it failed. */
  readonly problem?: string;
}

export interface WatchOptions {
  readonly store: DirectoryObjectStore;
  readonly champions: Pick<Champions, "get" | "current" | "statuses">;
  readonly log?: (event: DropEvent) => void;
}

export interface DropsWatch {
  stop(): Promise<void>;
}

/** Starts to watch; returns at once. Files that are there already count as dropped, unless their results are there too. */
export async function watchDrops(options: WatchOptions): Promise<DropsWatch> {
  const inDirectory = join(options.store.root, "batch", "in");
  await mkdir(inDirectory, { recursive: true });
  for (const { model } of options.champions.statuses())
    await mkdir(join(inDirectory, model), { recursive: true });
  const watch = new DropWatch(options, inDirectory);
  watch.start();
  return { stop: () => watch.stop() };
}

/** What is known of a file: it is scored once it was the same at two looks. */
interface Sighting {
  readonly signature: string;
  /** The version it was dealt with by, null where no model could serve; absent: not yet. */
  version?: string | null;
}

class DropWatch {
  readonly #options: WatchOptions;
  readonly #inDirectory: string;
  #sightings = new Map<string, Sighting>();
  #isStopping = false;
  #worker: Worker | undefined;
  #wake = () => {};
  #running: Promise<void> = Promise.resolve();

  constructor(options: WatchOptions, inDirectory: string) {
    this.#options = options;
    this.#inDirectory = inDirectory;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wake();
    await this.#worker?.terminate();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      try {
        await this.#look();
      } catch (error) {
        this.#tell("", "", { level: "error", status: "not scored", problem: messageOf(error) });
      }
      await this.#pause();
    }
  }

  #pause(): Promise<void> {
    if (this.#isStopping) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pollInMilliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #look(): Promise<void> {
    const found = await findDrops(this.#inDirectory);
    const before = this.#sightings;
    this.#sightings = new Map(
      found.map((drop) => {
        const known = before.get(drop.path);
        return [drop.path, known?.signature === drop.signature ? known : { signature: drop.signature }];
      }),
    );
    for (const drop of found) {
      if (this.#isStopping) return;
      const isUnchanged = before.get(drop.path)?.signature === drop.signature;
      if (isUnchanged) await this.#dealWith(drop, this.#sightings.get(drop.path) as Sighting);
    }
  }

  async #dealWith(drop: FoundDrop, sighting: Sighting): Promise<void> {
    const { champions, store } = this.#options;
    const isWaitingForModel = sighting.version === null && champions.current(drop.model) !== undefined;
    if (sighting.version !== undefined && !isWaitingForModel) return;
    const champion = MODEL_NAME.test(drop.model) ? await champions.get(drop.model) : undefined;
    const version = champion?.model.version ?? null;
    sighting.version = version;
    const outDirectory = join(store.root, "batch", "out", drop.model, ...drop.object.split("/"));
    try {
      if (await isDone(drop, outDirectory, version)) return;
      await removeParts(outDirectory);
      const manifest = await this.#score({
        path: drop.path,
        outDirectory,
        model: drop.model,
        package:
          version === null
            ? { code: "unknown_model", message: this.#noModelFor(drop) }
            : { directory: store.path(packagePrefix(drop.model, version).slice(0, -1)) },
      });
      if (!manifest) return;
      this.#tell(drop.model, drop.object, {
        level: manifest.status === "failed" ? "error" : "info",
        status: manifest.status,
        version: manifest.model.version,
        rows: manifest.rows,
        durationInSeconds: manifest.durationInSeconds,
        ...(manifest.error && { problem: manifest.error.detail }),
      });
    } catch (error) {
      this.#tell(drop.model, drop.object, {
        level: "error",
        status: "not scored",
        problem: messageOf(error),
      });
    }
  }

  #noModelFor({ model }: FoundDrop): string {
    if (model !== "") return `There is no model "${model}" that can serve.`;
    const names = this.#options.champions.statuses().map((status) => status.model);
    return `The file is in no model's folder: put it into batch/in/MODEL/, where MODEL is one of ${names.join(", ")}.`;
  }

  /** Undefined: stopped before it was done. */
  async #score(order: DropOrder): Promise<DropManifest | undefined> {
    const answer = await this.#inThread(order);
    if (this.#isStopping && answer.kind === "failed") return undefined;
    if (answer.kind === "done") return answer.manifest;
    // The drop itself must tell what happened: whoever waits for it sees the manifest, not this program's log.
    const { scoreOrder } = await import("./score-order.ts");
    return scoreOrder({ ...order, package: { code: "internal_error", message: answer.message } });
  }

  async #inThread(workerData: DropOrder): Promise<DropAnswer> {
    const worker = new Worker(workerUrl(import.meta.url, "drop"), { workerData, resourceLimits });
    this.#worker = worker;
    try {
      return await new Promise((resolve) => {
        worker.on("message", resolve);
        worker.on("error", (error) => resolve({ kind: "failed", message: messageOf(error) }));
        worker.on("exit", () => resolve({ kind: "failed", message: "The scoring thread was stopped." }));
      });
    } finally {
      this.#worker = undefined;
    }
  }

  #tell(model: string, object: string, event: Omit<DropEvent, "message" | "model" | "object">): void {
    this.#options.log?.({ message: "drop", model, object, ...event });
  }
}

/** The same bytes under the same name with the same version have one result. A newer version scores a file only if it is dropped anew. */
async function isDone(drop: FoundDrop, outDirectory: string, version: string | null): Promise<boolean> {
  const manifest = await readManifest(outDirectory);
  if (manifest === undefined || manifest === "foreign") return false;
  const source = await FileSource.open(drop.path);
  if (source.bytes !== manifest.input.bytes || (await source.sha256()) !== manifest.input.sha256)
    return false;
  const isSameVersion = manifest.model.version === version;
  const isOlderDrop = manifest.model.version !== null && drop.changedAt <= Date.parse(manifest.startedAt);
  return isSameVersion || isOlderDrop || manifest.error?.code === "unsupported_file";
}

/** Half-written files of a process that died. */
async function removeParts(outDirectory: string): Promise<void> {
  const names = await readdir(outDirectory).catch(() => []);
  for (const name of names) {
    if (/^\..*\.part$/.test(name)) await rm(join(outDirectory, name), { force: true });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
