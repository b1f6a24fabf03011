/** An object store in memory, with the faults that a real one can't be made to have: it can fail at any one write. */
import { createHash } from "node:crypto";
import {
  ConditionFailed,
  type LargeObjectStore,
  ObjectChanged,
  type ObjectInfo,
  type ObjectStore,
  ObjectTooLarge,
  type ObjectVersion,
  type ObjectWriter,
  type PutCondition,
} from "../core/ports.ts";

export class StoreDied extends Error {
  override readonly name = "StoreDied";
}

export class MemoryObjectStore implements ObjectStore, LargeObjectStore {
  readonly objects = new Map<string, { body: Uint8Array; etag: string; lastModified: Date }>();
  /** Writes and deletions that succeed before one fails; undefined: none fails. */
  writesLeft: number | undefined;
  writes = 0;
  /** Asked before every read. */
  onRead: (key: string) => void = () => {};
  /** Awaited before every write of a large object. */
  onWrite: (key: string) => Promise<void> = async () => {};
  readonly #now: () => Date;
  readonly #chunkBytes: number;
  #puts = 0;

  constructor(options: { now?: () => Date; chunkBytes?: number } = {}) {
    this.#now = options.now ?? (() => new Date());
    this.#chunkBytes = options.chunkBytes ?? 1 << 16;
  }

  async get(key: string, options: { maxBytes?: number } = {}) {
    this.onRead(key);
    const object = this.objects.get(key);
    if (object && object.body.length > (options.maxBytes ?? Number.POSITIVE_INFINITY))
      throw new ObjectTooLarge(`${key} has ${object.body.length} bytes.`);
    return object && { body: object.body.slice(), etag: object.etag };
  }

  async getIfChanged(key: string, etag: string, options: { maxBytes?: number } = {}) {
    return this.objects.get(key)?.etag === etag ? ("unchanged" as const) : this.get(key, options);
  }

  async put(key: string, body: Uint8Array, condition?: PutCondition): Promise<{ etag: string }> {
    this.#write();
    const etag = this.objects.get(key)?.etag;
    if (condition && ("ifMatch" in condition ? etag !== condition.ifMatch : etag !== undefined))
      throw new ConditionFailed(`${key} exists already, or is another.`);
    return this.#store(key, body);
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    for (const key of [...this.objects.keys()].sort()) {
      const object = this.objects.get(key);
      if (object && key.startsWith(prefix)) yield { key, size: object.body.length, etag: object.etag };
    }
  }

  async listFolders(prefix: string): Promise<readonly string[]> {
    const inside = [...this.objects.keys()].filter((key) => key.startsWith(prefix));
    const names = inside.map((key) => key.slice(prefix.length).split("/")).filter((path) => path.length > 1);
    // A folder sorts as its keys do: with the slash that follows its name.
    return [...new Set(names.map(([name = ""]) => `${name}/`))].sort().map((name) => name.slice(0, -1));
  }

  async head(key: string): Promise<ObjectVersion | undefined> {
    const object = this.objects.get(key);
    return object && { key, size: object.body.length, etag: object.etag, lastModified: object.lastModified };
  }

  async *read(object: { key: string; etag?: string }, { start, end }: { start: number; end: number }) {
    for (let position = start; position < end; position += this.#chunkBytes) {
      this.onRead(object.key);
      const stored = this.objects.get(object.key);
      if (!stored || (object.etag !== undefined && stored.etag !== object.etag))
        throw new ObjectChanged(`${object.key} changed.`);
      yield stored.body.slice(position, Math.min(position + this.#chunkBytes, end));
    }
  }

  create(key: string): ObjectWriter {
    const chunks: Uint8Array[] = [];
    return {
      write: async (bytes) => {
        chunks.push(bytes.slice());
      },
      finish: async () => {
        await this.onWrite(key);
        this.#write();
        this.#store(key, new Uint8Array(Buffer.concat(chunks)));
      },
      abandon: async () => {},
    };
  }

  async delete(key: string): Promise<void> {
    this.#write();
    this.objects.delete(key);
  }

  #write(): void {
    this.writes++;
    if (this.writesLeft === undefined) return;
    if (this.writesLeft === 0) throw new StoreDied("The store died at this write.");
    this.writesLeft--;
  }

  #store(key: string, body: Uint8Array): { etag: string } {
    // As with KMS: the etag tells two writes of the same bytes apart.
    const etag = `"${createHash("md5").update(body).digest("hex")}-${this.#puts++}"`;
    this.objects.set(key, { body: body.slice(), etag, lastModified: this.#now() });
    return { etag };
  }
}
