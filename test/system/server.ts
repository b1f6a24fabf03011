/** The server as people run it: the bundle that `npm start` starts, in a process of its own, on data of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBundle } from "../../scripts/build.mjs";
import { freePort } from "./free-port.ts";

const STARTUP_IN_MILLISECONDS = 60_000;

export interface RunningServer {
  readonly address: string;
  /** The directory with the store and the database. */
  readonly home: string;
  readonly process: ChildProcess;
  /** All that it has printed. */
  output(): string;
  /** Asks it to end, and gives its exit code. */
  stop(): Promise<number | null>;
}

export async function startServer(
  environment: NodeJS.ProcessEnv = {},
  home?: string,
): Promise<RunningServer> {
  const bundle = await ensureBundle("server");
  const directory = home ?? (await mkdtemp(join(tmpdir(), "leadgauge-server-")));
  const port = await freePort();
  const child = spawn(process.execPath, [bundle], {
    env: { ...process.env, LEADGAUGE_HOME: directory, PORT: String(port), HOST: "", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const ended = once(child, "exit");
  const deadline = Date.now() + STARTUP_IN_MILLISECONDS;
  while (!/Try it:\n.+\n/.test(output)) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`The server did not start:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    address: `http://127.0.0.1:${port}`,
    home: directory,
    process: child,
    output: () => output,
    async stop() {
      child.kill("SIGTERM");
      await ended;
      if (home === undefined) await rm(directory, { recursive: true, force: true });
      return child.exitCode;
    },
  };
}
