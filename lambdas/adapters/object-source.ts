import { createHash } from "node:crypto";
import { basename } from "node:path";
import { Readable } from "node:stream";
import type { DropSource } from "../../core/batch/drop-ports.ts";
import type { LargeObjectStore, ObjectInfo } from "../../core/ports.ts";
import { gunzipped } from "./gunzip.ts";

/** A drop in an object store. Reads throw ObjectChanged once its key holds something else. */
export class ObjectSource implements DropSource {
  readonly name: string;
  readonly bytes: number;
  readonly #store: LargeObjectStore;
  readonly #object: ObjectInfo;
  #sha256: string | undefined;

  constructor(store: LargeObjectStore, object: ObjectInfo) {
    this.#store = store;
    this.#object = object;
    this.name = basename(object.key);
    this.bytes = object.size;
  }

  chunks(): AsyncIterable<Uint8Array> {
    const stored = this.#hashed();
    return /\.gz$/i.test(this.name) ? gunzipped(Readable.from(stored)) : stored;
  }

  async slice(start: number, end = this.bytes): Promise<ArrayBuffer> {
    const bytes = new Uint8Array(Math.max(0, end - start));
    let position = 0;
    for await (const chunk of this.#store.read(this.#object, { start, end })) {
      bytes.set(chunk, position);
      position += chunk.length;
    }
    return bytes.buffer;
  }

  async sha256(): Promise<string> {
    if (this.#sha256 === undefined) for await (const _ of this.#hashed());
    return this.#sha256 as string;
  }

  /** The stored bytes; their hash is known once they were read to the end. */
  async *#hashed(): AsyncGenerator<Uint8Array> {
    const hash = createHash("sha256");
    for await (const chunk of this.#store.read(this.#object, { start: 0, end: this.bytes })) {
      hash.update(chunk);
      yield chunk;
    }
    this.#sha256 = hash.digest("hex");
  }
}
