import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../scripts/install.mjs";
import { freePort } from "../test/system/free-port.ts";

/** The servers get one core, whoever drives them the other. */
export const serverCore = 0;
export const loadCore = 1;

/** A command that runs on one core only. */
export function onCore(core: number, command: readonly string[]): string[] {
  return ["taskset", "--cpu-list", String(core), ...command];
}

/** Runs a command to its end and returns its stdout. */
export async function run(
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const [program = "", ...args] = command;
  const { stdout } = await promisify(execFile)(program, args, {
    cwd: projectRoot,
    env: { ...process.env, ...environment },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

export interface ServerCommand {
  readonly command: (port: number) => readonly string[];
  readonly environment: (port: number) => Readonly<Record<string, string>>;
}

/** Starts a server on a free port, hands its port and start time to `use`, and ends it. */
export async function withServer<T>(
  { command, environment }: ServerCommand,
  use: (port: number, startedAt: number) => Promise<T>,
): Promise<T> {
  const port = await freePort();
  const [program = "", ...args] = command(port);
  const startedAt = performance.now();
  const server = spawn(program, args, {
    cwd: projectRoot,
    env: { ...process.env, ...environment(port) },
    stdio: ["ignore", "ignore", "inherit"],
  });
  try {
    return await Promise.race([use(port, startedAt), endOf(server)]);
  } finally {
    if (server.exitCode === null) {
      server.kill("SIGTERM");
      await once(server, "exit");
    }
  }
}

/** Sends one request again and again until it is answered well, and returns when that was. */
export async function firstAnswer(url: string, body: unknown): Promise<number> {
  const deadline = performance.now() + 180_000;
  const request = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  while (performance.now() < deadline) {
    const response = await fetch(url, request).catch(() => undefined);
    if (response?.ok) {
      await response.text();
      return performance.now();
    }
    await response?.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`${url} gave no good answer in three minutes`);
}

export interface Measured {
  readonly seconds: number;
  readonly maximumResidentBytes: number;
}

/** Wall time and peak memory of a command that must end well. */
export async function measure(
  python: string,
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Measured> {
  const output = await run([python, join("bench", "measure.py"), ...command], environment);
  const { exitCode, ...measured } = JSON.parse(output);
  if (exitCode !== 0) throw new Error(`${command.join(" ")} ended with ${exitCode}`);
  return measured;
}

async function endOf(server: ChildProcess): Promise<never> {
  const [code] = await once(server, "exit");
  throw new Error(`${server.spawnargs.join(" ")} ended with ${code}`);
}
