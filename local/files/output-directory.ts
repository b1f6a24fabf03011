import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { createGzip, type Gzip } from "node:zlib";
import { manifestName } from "../../core/batch/drop-name.ts";
import type { OutputFile, OutputFolder } from "../../core/batch/drop-ports.ts";
import type { DropManifest, FinishedFile } from "../../core/batch/manifest.ts";

/** The directory can't take results; the message is for the person who named it. */
export class OutputDirectoryError extends Error {
  override readonly name = "OutputDirectoryError";
}

/** Results on this machine: written beside their place under a hidden name, then renamed. */
export class OutputDirectory implements OutputFolder {
  readonly #directory: string;
  readonly #suffix = `.${process.pid}-${randomBytes(4).toString("hex")}.part`;
  readonly #begun = new Map<string, PartFile>();

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Makes the directory if need be. Throws `OutputDirectoryError` if it is none, or holds another program's manifest. */
  static async open(directory: string): Promise<OutputDirectory> {
    try {
      await mkdir(directory, { recursive: true });
    } catch (error) {
      throw new OutputDirectoryError(`${directory} can't be made: ${(error as Error).message}.`);
    }
    const there = await readManifest(directory);
    if (there === "foreign") {
      throw new OutputDirectoryError(
        `${directory} holds a ${manifestName} that is not of scored files (is it a model package?): name another directory.`,
      );
    }
    return new OutputDirectory(directory);
  }

  async create(name: string, isGzip: boolean): Promise<OutputFile> {
    const file = await PartFile.open(join(this.#directory, `.${name}${this.#suffix}`), isGzip);
    this.#begun.set(name, file);
    return file;
  }

  async publish(names: readonly string[]): Promise<readonly FinishedFile[]> {
    await this.#removePrevious();
    const finished: FinishedFile[] = [];
    for (const name of names) {
      const file = this.#begun.get(name);
      if (!file) throw new Error(`${name} was not begun.`);
      finished.push({ name, ...(await file.finish()) });
      await rename(file.path, join(this.#directory, name));
      this.#begun.delete(name);
    }
    await this.abandon();
    return finished;
  }

  async finish(name: string, text: string): Promise<void> {
    const part = join(this.#directory, `.${name}${this.#suffix}`);
    await writeFile(part, text);
    await rename(part, join(this.#directory, name));
  }

  async abandon(): Promise<void> {
    for (const file of this.#begun.values()) await file.discard();
    this.#begun.clear();
  }

  /** As `abandon`, for a process that is being stopped. */
  abandonNow(): void {
    for (const { path } of this.#begun.values()) rmSync(path, { force: true });
  }

  /** What an earlier run left: its manifest first, so that it never vouches for files that are no more. */
  async #removePrevious(): Promise<void> {
    const previous = await readManifest(this.#directory);
    await rm(join(this.#directory, manifestName), { force: true });
    if (previous === undefined || previous === "foreign") return;
    for (const { name } of previous.files) {
      if (this.#begun.has(name) && name === basename(name))
        await rm(join(this.#directory, name), { force: true });
    }
  }
}

/** The manifest of scored files in a directory; `foreign` if it is something else. */
export async function readManifest(directory: string): Promise<DropManifest | "foreign" | undefined> {
  let text: string;
  try {
    text = await readFile(join(directory, manifestName), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const manifest = JSON.parse(text) as Partial<DropManifest> | null;
    return manifest?.kind === "leadgauge-scored-file" ? (manifest as DropManifest) : "foreign";
  } catch {
    return "foreign";
  }
}

/** A file in the making: counted and hashed as it is written, compressed on the way if wanted. */
class PartFile implements OutputFile {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #hash = createHash("sha256");
  readonly #gzip: Gzip | undefined;
  readonly #compressing: Promise<void> | undefined;
  #bytes = 0;

  private constructor(path: string, handle: FileHandle, isGzip: boolean) {
    this.path = path;
    this.#handle = handle;
    if (isGzip) {
      this.#gzip = createGzip();
      this.#compressing = this.#writeCompressed(this.#gzip);
      // Told when the file is finished.
      this.#compressing.catch(() => {});
    }
  }

  static async open(path: string, isGzip: boolean): Promise<PartFile> {
    return new PartFile(path, await open(path, "wx"), isGzip);
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (!this.#gzip) return this.#append(bytes);
    if (!this.#gzip.write(bytes)) await Promise.race([once(this.#gzip, "drain"), this.#compressing]);
  }

  async finish(): Promise<{ bytes: number; sha256: string }> {
    this.#gzip?.end();
    await this.#compressing;
    await this.#handle.close();
    return { bytes: this.#bytes, sha256: this.#hash.digest("hex") };
  }

  async discard(): Promise<void> {
    this.#gzip?.destroy();
    await this.#compressing?.catch(() => {});
    await this.#handle.close();
    await rm(this.path, { force: true });
  }

  async #append(bytes: Uint8Array): Promise<void> {
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    for (let position = 0; position < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, position);
      position += bytesWritten;
    }
  }

  async #writeCompressed(gzip: Gzip): Promise<void> {
    for await (const chunk of gzip) await this.#append(chunk as Uint8Array);
  }
}
