/** Runs the command line as a person does: the launcher, the bundle, a process. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import type { TinyPackage } from "../tiny-package.ts";

const launcher = fileURLToPath(new URL("../../scripts/leadgauge.mjs", import.meta.url));

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A directory that is removed after the tests of a file. */
export function scratchDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "leadgauge-cli-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** `home`: where the store of the run is. `variables`: of its environment, besides those of this process. */
export function leadgauge(
  home: string,
  words: readonly string[],
  cwd = home,
  variables: Readonly<Record<string, string>> = {},
): Promise<CliRun> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, LEADGAUGE_HOME: join(home, "leadgauge-home"), ...variables };
    const child = spawn(process.execPath, [launcher, ...words], {
      cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (text) => {
      stdout += text;
    });
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

export function writePackage(directory: string, { files }: TinyPackage): void {
  for (const [name, bytes] of files) writeFileSync(join(directory, name), bytes);
}
