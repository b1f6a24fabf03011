import { fileURLToPath } from "node:url";

/** An absolute path, whatever the working directory of the one who deploys. */
export function fromProjectRoot(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
