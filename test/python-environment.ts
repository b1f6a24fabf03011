/** Python programs that tests need, each installed once in an environment of its own: they disagree with the project's packages. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const uv = join(root, ".venv", "bin", "uv");

/** `npm test` installs what is needed to install them. */
export const canInstall = existsSync(uv);

/**
 * The folder of the programs that a file of pinned requirements asks for, from the project's root. They are installed at the
 * first call, and again when the file has changed. Throws with what the installer says.
 */
export function installPrograms(name: string, requirements: string): string {
  const environment = join(root, "node_modules", ".cache", name);
  const file = join(root, requirements);
  const wanted = createHash("sha256").update(readFileSync(file)).digest("hex");
  const stamp = join(environment, "installed");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    const index = process.env.PIP_INDEX_URL && { UV_DEFAULT_INDEX: process.env.PIP_INDEX_URL };
    for (const args of [
      ["venv", "--quiet", "--clear", "--python", join(root, ".venv", "bin", "python"), environment],
      ["pip", "install", "--quiet", "--python", environment, "--require-hashes", "-r", file],
    ]) {
      const { status, stderr } = spawnSync(uv, args, { encoding: "utf8", env: { ...index, ...process.env } });
      if (status !== 0) throw new Error(`uv ${args.join(" ")} failed:\n${stderr}`);
    }
    writeFileSync(stamp, wanted);
  }
  return join(environment, "bin");
}
