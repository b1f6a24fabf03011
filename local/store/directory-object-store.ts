import { createHash, randomUUID } from "node:crypto";
import type { BigIntStats, Dirent } from "node:fs";
import { type FileHandle, link, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  ConditionFailed,
  type ObjectInfo,
  type ObjectStore,
  ObjectTooLarge,
  type PutCondition,
  type StoredObject,
} from "../../core/ports.ts";

/** Half-written files and locks live here, out of every listing but on the same file system, so that a rename is atomic. */
const WORK_FOLDER = ".tmp";
const LOCK_RETRY_IN_MILLISECONDS = 10;
const LOCK_PATIENCE_IN_MILLISECONDS = 5_000;
/** A lock is held for the time of one rename; one this old was left by a process that died. */
const LOCK_STALE_IN_MILLISECONDS = 4_000;

/**
 * An object store in a directory: what S3 is to the deployed system, this is to the embedded one.
 * A reader sees an object whole or not at all, and of two conditional writers one wins, across processes.
 */
export class DirectoryObjectStore implements ObjectStore {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  async get(key: string, options: { maxBytes?: number } = {}): Promise<StoredObject | undefined> {
    const object = await this.#read(key, undefined, options.maxBytes);
    return object === "unchanged" ? undefined : object;
  }

  async getIfChanged(key: string, etag: string, options: { maxBytes?: number } = {}) {
    return this.#read(key, etag, options.maxBytes);
  }

  async #read(key: string, knownEtag: string | undefined, maxBytes = Number.POSITIVE_INFINITY) {
    let file: FileHandle;
    try {
      file = await open(this.path(key), "r");
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
    try {
      const stats = await file.stat({ bigint: true });
      if (!stats.isFile()) return undefined;
      const etag = etagOf(stats);
      if (etag === knownEtag) return "unchanged" as const;
      if (stats.size > maxBytes) {
        throw new ObjectTooLarge(`${key} has ${stats.size} bytes; at most ${maxBytes} are allowed.`);
      }
      return { body: new Uint8Array(await file.readFile()), etag };
    } finally {
      await file.close();
    }
  }

  async put(key: string, body: Uint8Array, condition?: PutCondition): Promise<{ etag: string }> {
    const target = this.path(key);
    const temporary = join(this.root, WORK_FOLDER, randomUUID());
    await mkdir(dirname(temporary), { recursive: true });
    await mkdir(dirname(target), { recursive: true });
    try {
      const file = await open(temporary, "wx");
      let etag: string;
      try {
        await file.writeFile(body);
        await file.sync();
        etag = etagOf(await file.stat({ bigint: true }));
      } finally {
        await file.close();
      }
      if (condition === undefined) {
        await rename(temporary, target);
      } else if ("ifNoneMatch" in condition) {
        await this.#create(temporary, target, key);
      } else {
        await this.#replace(temporary, target, key, condition.ifMatch);
      }
      return { etag };
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** A hard link fails when its name is taken, in one step. */
  async #create(temporary: string, target: string, key: string): Promise<void> {
    try {
      await link(temporary, target);
    } catch (error) {
      if (codeOf(error) === "EEXIST") throw new ConditionFailed(`${key} exists already.`);
      throw error;
    }
  }

  async #replace(temporary: string, target: string, key: string, etag: string): Promise<void> {
    const lock = join(this.root, WORK_FOLDER, `${createHash("sha256").update(key).digest("hex")}.lock`);
    await acquire(lock);
    try {
      const current = await statOrUndefined(target);
      if (current === undefined) throw new ConditionFailed(`${key} does not exist.`);
      if (etagOf(current) !== etag) throw new ConditionFailed(`${key} was changed by someone else.`);
      await rename(temporary, target);
    } finally {
      await rm(lock, { force: true });
    }
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    const slash = prefix.lastIndexOf("/");
    const folder = slash < 0 ? "" : prefix.slice(0, slash);
    yield* this.#walk(folder, prefix);
  }

  async *#walk(folder: string, prefix: string): AsyncIterable<ObjectInfo> {
    for (const entry of inKeyOrder(await this.#entries(folder))) {
      const name = entry.isDirectory() ? `${entry.name}/` : entry.name;
      const key = folder === "" ? name : `${folder}/${name}`;
      if (!key.startsWith(prefix) && !prefix.startsWith(key)) continue;
      if (entry.isDirectory()) {
        yield* this.#walk(key.slice(0, -1), prefix);
      } else if (key.startsWith(prefix)) {
        const stats = await statOrUndefined(this.path(key));
        if (stats !== undefined) yield { key, size: Number(stats.size), etag: etagOf(stats) };
      }
    }
  }

  async listFolders(prefix: string): Promise<readonly string[]> {
    const entries = await this.#entries(prefix.replace(/\/$/, ""));
    return inKeyOrder(entries)
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  }

  async #entries(folder: string) {
    try {
      const entries = await readdir(folder === "" ? this.root : this.path(folder), { withFileTypes: true });
      return entries.filter(
        (entry) => (entry.isDirectory() || entry.isFile()) && !(folder === "" && entry.name === WORK_FOLDER),
      );
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  }

  /** The file of a key. Throws for a key that could leave the directory. */
  path(key: string): string {
    const segments = key.split("/");
    if (
      key.length > 1024 ||
      segments[0] === WORK_FOLDER ||
      segments.some(
        (segment) => segment === "" || segment === "." || segment === ".." || /[\\\0]/.test(segment),
      )
    ) {
      throw new Error(`${JSON.stringify(key)} is not a key of this store.`);
    }
    return join(this.root, ...segments);
  }
}

/** Every write makes a new file, so these change with every write, and no reader has to hash the bytes. */
function etagOf(stats: BigIntStats): string {
  return `"${stats.ino.toString(36)}-${stats.mtimeNs.toString(36)}-${stats.size.toString(36)}"`;
}

/** A folder sorts as its keys do: with the slash that follows its name. */
function inKeyOrder(entries: readonly Dirent[]): Dirent[] {
  const keyOf = (entry: Dirent) => Buffer.from(entry.isDirectory() ? `${entry.name}/` : entry.name);
  return entries.toSorted((a, b) => Buffer.compare(keyOf(a), keyOf(b)));
}

async function acquire(lock: string): Promise<void> {
  const deadline = Date.now() + LOCK_PATIENCE_IN_MILLISECONDS;
  for (;;) {
    try {
      await (await open(lock, "wx")).close();
      return;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
    const held = await statOrUndefined(lock);
    if (held !== undefined && Date.now() - Number(held.mtimeMs) > LOCK_STALE_IN_MILLISECONDS) {
      await rm(lock, { force: true });
    } else if (Date.now() > deadline) {
      throw new Error(`Another process holds ${lock}. If none is running, delete that file.`);
    } else {
      await sleep(LOCK_RETRY_IN_MILLISECONDS);
    }
  }
}

async function statOrUndefined(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR";
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
