import { open, stat } from "node:fs/promises";
import { formatOf } from "../../core/trees/index.ts";
import { callerPath } from "../cli/caller-directory.ts";
import { UsageError } from "../cli/usage-error.ts";

const startBytes = 1 << 16;

/**
 * The bytes of a model file. Throws a `UsageError` for a file that isn't there or is too large, and a `ModelFileError`,
 * before the rest is read, for one whose first bytes tell that it is none.
 */
export async function readModelFile(file: string, maximumMegabytes: number): Promise<Uint8Array> {
  const path = callerPath(file);
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new UsageError(`There is no file ${file}.`);
  if (found.size > maximumMegabytes * 2 ** 20) {
    throw new UsageError(`${file} is larger than ${maximumMegabytes} MB, which a model file may be.`);
  }
  const handle = await open(path);
  try {
    const start = new Uint8Array(Math.min(startBytes, found.size));
    const { bytesRead } = await handle.read(start, 0, start.length, 0);
    formatOf(start.subarray(0, bytesRead));
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
