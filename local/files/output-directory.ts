import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { manifestName } from "../../core/batch/drop-name.ts";
import type { OutputFile, OutputFolder } from "../../core/batch/drop-ports.ts";
import type { DropManifest, FinishedFile } from "../../core/batch/manifest.ts";
import { OutputStream } from "../../lambdas/adapters/output-stream.ts";

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
      await makeDirectory(resolve(directory));
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
    return file.stream;
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

/** With its parents, one after the other: Node's own `recursive` goes round for ever where a place takes no folders, such as /proc. */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await stat(path)).isDirectory()) return;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    await makeDirectory(dirname(path));
    await mkdir(path);
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

/** A file in the making, under a hidden name. */
class PartFile {
  readonly path: string;
  readonly stream: OutputStream;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle, isGzip: boolean) {
    this.path = path;
    this.#handle = handle;
    this.stream = new OutputStream((bytes) => this.#append(bytes), isGzip);
  }

  static async open(path: string, isGzip: boolean): Promise<PartFile> {
    return new PartFile(path, await open(path, "wx"), isGzip);
  }

  async finish(): Promise<{ bytes: number; sha256: string }> {
    const told = await this.stream.end();
    await this.#handle.close();
    return told;
  }

  async discard(): Promise<void> {
    await this.stream.abandon();
    await this.#handle.close();
    await rm(this.path, { force: true });
  }

  async #append(bytes: Uint8Array): Promise<void> {
    for (let position = 0; position < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, position);
      position += bytesWritten;
    }
  }
}
