/** The ports of a drop, in memory. */
import { createHash } from "node:crypto";
import type { DropSource, OutputFile, OutputFolder } from "../core/batch/drop-ports.ts";
import type { FinishedFile } from "../core/batch/manifest.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

export function memorySource(name: string, content: string | Uint8Array, chunkBytes = 1 << 16): DropSource {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return {
    name,
    bytes: bytes.length,
    async *chunks() {
      for (let start = 0; start < bytes.length; start += chunkBytes)
        yield bytes.slice(start, start + chunkBytes);
    },
    slice: async (start, end) => bytes.slice(start, end).buffer,
    sha256: async () => sha256(bytes),
  };
}

export class MemoryFolder implements OutputFolder {
  /** What can be seen, in the order in which it appeared. */
  readonly files = new Map<string, Uint8Array>();
  readonly #begun = new Map<string, Uint8Array[]>();

  async create(name: string): Promise<OutputFile> {
    const parts: Uint8Array[] = [];
    this.#begun.set(name, parts);
    return {
      write: async (bytes) => {
        parts.push(bytes.slice());
      },
    };
  }

  async publish(names: readonly string[]): Promise<readonly FinishedFile[]> {
    return names.map((name) => {
      const bytes = new Uint8Array(Buffer.concat(this.#begun.get(name) ?? []));
      this.files.set(name, bytes);
      return { name, bytes: bytes.length, sha256: sha256(bytes) };
    });
  }

  async finish(name: string, text: string): Promise<void> {
    this.files.set(name, new TextEncoder().encode(text));
  }

  async abandon(): Promise<void> {
    this.#begun.clear();
  }

  text(name: string): string {
    const bytes = this.files.get(name);
    if (!bytes) throw new Error(`There is no ${name}, only ${[...this.files.keys()].join(", ")}.`);
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  }
}
