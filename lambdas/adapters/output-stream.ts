import { createHash } from "node:crypto";
import { once } from "node:events";
import { createGzip, type Gzip } from "node:zlib";
import type { OutputFile } from "../../core/batch/drop-ports.ts";

/** A file in the making: counted and hashed as it is written, compressed on the way if wanted. */
export class OutputStream implements OutputFile {
  readonly #sink: (bytes: Uint8Array) => Promise<void>;
  readonly #hash = createHash("sha256");
  readonly #gzip: Gzip | undefined;
  readonly #compressing: Promise<void> | undefined;
  #bytes = 0;

  /** @param sink takes the bytes as they are to be stored, one call after the other */
  constructor(sink: (bytes: Uint8Array) => Promise<void>, isGzip: boolean) {
    this.#sink = sink;
    if (isGzip) {
      this.#gzip = createGzip();
      this.#compressing = this.#passCompressed(this.#gzip);
      // Told when the file is ended.
      this.#compressing.catch(() => {});
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (!this.#gzip) return this.#pass(bytes);
    if (!this.#gzip.write(bytes)) await Promise.race([once(this.#gzip, "drain"), this.#compressing]);
  }

  /** Hands on what is left. Of the bytes as stored. */
  async end(): Promise<{ bytes: number; sha256: string }> {
    this.#gzip?.end();
    await this.#compressing;
    return { bytes: this.#bytes, sha256: this.#hash.digest("hex") };
  }

  async abandon(): Promise<void> {
    this.#gzip?.destroy();
    await this.#compressing?.catch(() => {});
  }

  async #pass(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    await this.#sink(bytes);
  }

  async #passCompressed(gzip: Gzip): Promise<void> {
    for await (const chunk of gzip) await this.#pass(chunk as Uint8Array);
  }
}
