import { type Dirent, promises as fs } from "node:fs";
import { join } from "node:path";
import { isPassedOver } from "../../core/batch/parts/drop-key.ts";

/** A file below `batch/in/`. */
export interface FoundDrop {
  /** The folder that it is in; empty for a file that was put beside the models' folders. */
  readonly model: string;
  /** The full object name below the model's folder, with `/`. */
  readonly object: string;
  readonly path: string;
  /** Changes whenever the file does. */
  readonly signature: string;
  readonly changedAt: number;
}

const deepest = 8;

/** Every file that may be a drop, in the order of their names. Symbolic links are not followed. */
export async function findDrops(inDirectory: string): Promise<readonly FoundDrop[]> {
  const found: FoundDrop[] = [];
  for (const entry of await entriesOf(inDirectory)) {
    if (entry.isDirectory()) await collect(entry.name, join(inDirectory, entry.name), "", 0, found);
    else if (entry.isFile() && !isPassedOver(entry.name))
      await add("", inDirectory, entry.name, entry.name, found);
  }
  return found;
}

async function collect(
  model: string,
  directory: string,
  prefix: string,
  depth: number,
  found: FoundDrop[],
): Promise<void> {
  for (const entry of await entriesOf(directory)) {
    const path = join(directory, entry.name);
    const object = prefix + entry.name;
    if (isPassedOver(entry.name)) continue;
    if (entry.isDirectory()) {
      if (depth < deepest) await collect(model, path, `${object}/`, depth + 1, found);
    } else if (entry.isFile()) {
      await add(model, directory, entry.name, object, found);
    }
  }
}

async function add(
  model: string,
  directory: string,
  name: string,
  object: string,
  found: FoundDrop[],
): Promise<void> {
  const path = join(directory, name);
  const stats = await fs.stat(path).catch(() => undefined);
  if (!stats) return;
  const signature = `${stats.size} ${stats.mtimeMs} ${stats.ino}`;
  found.push({ model, object, path, signature, changedAt: stats.mtimeMs });
}

/** A folder that went away in the meantime has none. */
async function entriesOf(directory: string): Promise<Dirent[]> {
  const entries = await fs
    .readdir(directory, { withFileTypes: true })
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
      throw error;
    });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}
