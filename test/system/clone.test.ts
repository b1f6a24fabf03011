import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "./free-port.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const startTimeoutInSeconds = 180;

/** What a newcomer does: nothing is installed but the machine's own Node. The package registry must be reachable. */
describe("a fresh clone", () => {
  let clone: string;
  let port: number;
  let server: ChildProcess;
  let printed = "";

  beforeAll(async () => {
    clone = mkdtempSync(join(tmpdir(), "leadgauge-clone-"));
    for (const path of projectFiles()) {
      mkdirSync(dirname(join(clone, path)), { recursive: true });
      cpSync(join(root, path), join(clone, path));
    }
    port = await freePort();
    server = spawn("npm", ["start"], {
      cwd: clone,
      env: newcomersEnvironment({ PORT: String(port) }),
      detached: true,
    });
    server.stdout?.on("data", (chunk) => (printed += chunk));
    server.stderr?.on("data", (chunk) => (printed += chunk));
    await untilPrinted(/^\s*curl /m);
  });

  afterAll(() => {
    // npm, its shell and the server are one process group.
    if (server?.pid !== undefined && server.exitCode === null) process.kill(-server.pid, "SIGTERM");
    rmSync(clone, { recursive: true, force: true });
  });

  async function untilPrinted(pattern: RegExp): Promise<void> {
    const deadline = Date.now() + startTimeoutInSeconds * 1000;
    while (!pattern.test(printed)) {
      if (Date.now() > deadline || server.exitCode !== null) {
        throw new Error(
          `npm start did not print ${pattern} within ${startTimeoutInSeconds} s, but:\n${printed}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  it("starts with the runtime's packages only, and without Python", () => {
    const installed = readdirSync(join(clone, "node_modules"));
    expect(installed).toContain("esbuild");
    expect(installed).not.toContain("vitest");
    expect(installed).not.toContain("aws-cdk-lib");
    expect(existsSync(join(clone, ".venv"))).toBe(false);
  });

  it("prints the address, the models and a curl line that works when pasted", async () => {
    expect(printed).toContain(`http://127.0.0.1:${port}`);
    for (const model of ["x-education", "codepro", "extraalearn", "real-estate"])
      expect(printed).toContain(model);
    const curl = /^\s*(curl .+)$/m.exec(printed)?.[1];
    expect(curl).toBeDefined();
    const { stdout } = await promisify(execFile)("bash", ["-c", `${curl}`]);
    expect(JSON.parse(stdout)).toMatchObject({
      probability: expect.any(Number),
      score: expect.any(Number),
      tier: expect.any(String),
    });
  });

  it("answers the README's request as the README says", async () => {
    const readme = readFileSync(join(root, "README.md"), "utf8");
    const curl = /^curl [^`]*/m.exec(readme)?.[0].replace("127.0.0.1:8080", `127.0.0.1:${port}`) ?? "";
    const shown = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? "null");
    const { stdout } = await promisify(execFile)("bash", ["-c", curl]);
    const answer = JSON.parse(stdout);
    const shortened = ["warnings", "scoredAt", "requestId"];
    for (const member of shortened) {
      delete shown[member];
      delete answer[member];
    }
    expect(answer).toEqual(shown);
  });

  it("runs the command line, quietly, from any folder of it", () => {
    const output = execFileSync("npm", ["run", "-s", "leadgauge", "--", "--help"], {
      cwd: join(clone, "docs"),
      env: newcomersEnvironment({}),
      encoding: "utf8",
    });
    // Nothing before it: neither npm nor the launcher says a word.
    expect(output).toMatch(/^Usage: leadgauge/);
  });
});

/** What is committed, or would be: an uncommitted change is tested too. */
function projectFiles(): string[] {
  const options = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  return execFileSync("git", options, { cwd: root, encoding: "utf8" })
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(root, path)));
}

/** The environment outside of npm and of this test run, with the Node that the machine has. */
function newcomersEnvironment(more: Record<string, string>): Record<string, string> {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_|LEADGAUGE_)/i.test(name));
  const machineNode = process.env.LEADGAUGE_MACHINE_NODE ?? process.execPath;
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.startsWith(root));
  return {
    ...Object.fromEntries(own.map(([name, value]) => [name, value ?? ""])),
    PATH: [dirname(machineNode), ...path].join(delimiter),
    ...(process.env.NODE_EXTRA_CA_CERTS && { NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS }),
    ...more,
  };
}
