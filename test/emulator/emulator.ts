/** An emulator of AWS on this machine, one plain process: MiniStack, installed once apart from the project's own Python packages, which it disagrees with. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../system/free-port.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const uv = join(root, ".venv", "bin", "uv");
const environment = join(root, "node_modules", ".cache", "emulator");
const STARTUP_IN_MILLISECONDS = 60_000;

/** `npm test` installs what is needed to install it. */
export const canEmulate = existsSync(uv);

export async function startEmulator(): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const program = join(environment, "bin", "ministack");
  if (!existsSync(program)) install();
  const port = await freePort();
  const child = spawn(program, {
    env: {
      ...process.env,
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      MINISTACK_ACCOUNT_ID: "123456789012",
    },
    stdio: "ignore",
  });
  const ended = once(child, "exit");
  const endpoint = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + STARTUP_IN_MILLISECONDS;
  while (
    !(await fetch(endpoint).then(
      () => true,
      () => false,
    ))
  ) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error("The emulator did not start.");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    endpoint,
    async stop() {
      child.kill();
      await ended;
    },
  };
}

function install(): void {
  const requirements = join(root, "test", "emulator", "requirements.txt");
  const index = process.env.PIP_INDEX_URL && { UV_DEFAULT_INDEX: process.env.PIP_INDEX_URL };
  for (const args of [
    ["venv", "--quiet", "--clear", "--python", join(root, ".venv", "bin", "python"), environment],
    ["pip", "install", "--quiet", "--python", environment, "--require-hashes", "-r", requirements],
  ]) {
    const { status, stderr } = spawnSync(uv, args, { encoding: "utf8", env: { ...index, ...process.env } });
    if (status !== 0) throw new Error(`uv ${args.join(" ")} failed:\n${stderr}`);
  }
}
