/** An emulator of AWS on this machine, one plain process: MiniStack, installed once apart from the project's own Python packages, which it disagrees with. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, dirname, join } from "node:path";
import { canInstall, installPrograms } from "../python-environment.ts";
import { freePort } from "../system/free-port.ts";

const STARTUP_IN_MILLISECONDS = 60_000;

/** `npm test` installs what is needed to install it. */
export const canEmulate = canInstall;

export const EMULATED_ACCOUNT = "123456789012";
export const EMULATED_REGION = "us-east-1";

/** What a process of ours must find in its environment to talk to the emulator. */
export function emulatedEnvironment(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: EMULATED_REGION,
    AWS_DEFAULT_REGION: EMULATED_REGION,
  };
}

/** The folder of its programs. */
export function installEmulator(): string {
  return installPrograms("emulator", "test/emulator/requirements.txt");
}

/** `variables`: further variables of the emulator's process. Its functions run with the Node of this process. */
export async function startEmulator(
  variables: Readonly<Record<string, string>> = {},
): Promise<{ endpoint: string; stop(): Promise<void> }> {
  const program = join(installEmulator(), "ministack");
  const port = await freePort();
  const child = spawn(program, {
    env: {
      ...process.env,
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      MINISTACK_ACCOUNT_ID: EMULATED_ACCOUNT,
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ""}`,
      ...variables,
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
