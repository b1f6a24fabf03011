import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { blockBytes } from "../../core/batch/blocks.ts";
import type { DropSource } from "../../core/batch/drop-ports.ts";
import { FileError } from "../../core/batch/file-error.ts";
import { gunzipped } from "../../lambdas/adapters/gunzip.ts";

/** A file on this machine that is to be scored. */
export class FileSource implements DropSource {
  readonly name: string;
  readonly bytes: number;
  /** How much has been read, for a progress bar. */
  bytesRead = 0;
  readonly #path: string;
  #sha256: string | undefined;

  private constructor(path: string, name: string, bytes: number) {
    this.#path = path;
    this.name = name;
    this.bytes = bytes;
  }

  /** @param name what the file is called, if not by its path */
  static async open(path: string, name = basename(path)): Promise<FileSource> {
    const { size } = await stat(path);
    return new FileSource(path, name, size);
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    const file = createReadStream(this.#path, { highWaterMark: blockBytes });
    const hash = createHash("sha256");
    file.on("data", (chunk) => {
      hash.update(chunk);
      this.bytesRead += chunk.length;
    });
    file.pause();
    if (!/\.gz$/i.test(this.name)) {
      yield* file as AsyncIterable<Uint8Array>;
    } else {
      yield* gunzipped(file);
    }
    this.#rememberHash(hash, file);
  }

  async slice(start: number, end = this.bytes): Promise<ArrayBuffer> {
    const file = await open(this.#path);
    try {
      const bytes = new Uint8Array(Math.max(0, end - start));
      let position = 0;
      while (position < bytes.length) {
        const { bytesRead } = await file.read(bytes, position, bytes.length - position, start + position);
        if (bytesRead === 0)
          throw new FileError("damaged_parquet", "The file became shorter while it was read.");
        position += bytesRead;
      }
      this.bytesRead = Math.max(this.bytesRead, end);
      return bytes.buffer;
    } finally {
      await file.close();
    }
  }

  async sha256(): Promise<string> {
    if (this.#sha256 === undefined) {
      const hash = createHash("sha256");
      for await (const chunk of createReadStream(this.#path, { highWaterMark: blockBytes }))
        hash.update(chunk);
      this.#sha256 = hash.digest("hex");
    }
    return this.#sha256;
  }

  /** Of a file that was read to its end; else it is read once more when the hash is asked for. */
  #rememberHash(hash: Hash, file: { readonly bytesRead: number }): void {
    if (file.bytesRead === this.bytes) this.#sha256 = hash.digest("hex");
  }
}
