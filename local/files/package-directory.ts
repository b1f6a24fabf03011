import { open } from "node:fs/promises";
import { join } from "node:path";
import type { PackageFiles } from "../../core/package/load.ts";
import { ObjectTooLarge } from "../../core/ports.ts";

/** The files of a model package that lies in a directory. */
export function packageDirectory(directory: string): PackageFiles {
  return {
    async read(name, maxBytes) {
      const file = await open(join(directory, name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
        throw error;
      });
      if (!file) return undefined;
      try {
        const { size } = await file.stat();
        if (size > maxBytes)
          throw new ObjectTooLarge(`${name} has ${size} bytes; at most ${maxBytes} are allowed.`);
        return await file.readFile();
      } finally {
        await file.close();
      }
    },
  };
}
