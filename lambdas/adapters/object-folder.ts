import { basename } from "node:path";
import { manifestName, resultNames } from "../../core/batch/drop-name.ts";
import type { OutputFile, OutputFolder } from "../../core/batch/drop-ports.ts";
import type { FinishedFile } from "../../core/batch/manifest.ts";
import type { LargeObjectStore, ObjectStore, ObjectWriter } from "../../core/ports.ts";
import { OutputStream } from "./output-stream.ts";

/** Results in an object store, under a prefix that ends in `/`. An object is seen whole or not at all. */
export class ObjectFolder implements OutputFolder {
  readonly #store: ObjectStore & LargeObjectStore;
  readonly #prefix: string;
  readonly #begun = new Map<string, { readonly stream: OutputStream; readonly object: ObjectWriter }>();

  constructor(store: ObjectStore & LargeObjectStore, prefix: string) {
    this.#store = store;
    this.#prefix = prefix;
  }

  async create(name: string, isGzip: boolean): Promise<OutputFile> {
    const object = this.#store.create(this.#prefix + name);
    const stream = new OutputStream((bytes) => object.write(bytes), isGzip);
    this.#begun.set(name, { stream, object });
    return stream;
  }

  async publish(names: readonly string[]): Promise<readonly FinishedFile[]> {
    // The manifest of an earlier run goes first, so that it never vouches for files that are no more.
    const manifest = this.#prefix + manifestName;
    if (await this.#store.head(manifest)) await this.#store.delete(manifest);
    const finished: FinishedFile[] = [];
    for (const name of names) {
      const file = this.#begun.get(name);
      if (!file) throw new Error(`${name} was not begun.`);
      const told = await file.stream.end();
      await file.object.finish();
      this.#begun.delete(name);
      finished.push({ name, ...told });
    }
    await this.#removeOthers(names);
    await this.abandon();
    return finished;
  }

  async finish(name: string, text: string): Promise<void> {
    await this.#store.put(this.#prefix + name, new TextEncoder().encode(text));
  }

  async abandon(): Promise<void> {
    for (const { stream, object } of this.#begun.values()) {
      await stream.abandon();
      await object.abandon();
    }
    this.#begun.clear();
  }

  /** Also of a run that died before its manifest: so they are looked for by name. */
  async #removeOthers(names: readonly string[]): Promise<void> {
    const stale = resultNames(basename(this.#prefix)).filter((name) => !names.includes(name));
    const there = new Set<string>();
    for await (const { key } of this.#store.list(this.#prefix)) there.add(key);
    for (const name of stale) {
      if (there.has(this.#prefix + name)) await this.#store.delete(this.#prefix + name);
    }
  }
}
