import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningServer, startServer } from "./server.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const schemathesis = join(root, ".venv", "bin", "schemathesis");
const MAXIMUM_SECONDS = 60;

describe.skipIf(!existsSync(schemathesis))(
  "the served OpenAPI document, taken at its word (needs .venv: npm test installs it)",
  () => {
    let server: RunningServer;
    beforeAll(async () => {
      server = await startServer();
      // Opening the database takes longer than a caller of the checks waits: it is opened before them.
      const outcomes = [
        { model: "x-education", leadId: "L-1", outcome: "1", occurredAt: "2026-01-31T09:30:00Z" },
      ];
      const headers = { "content-type": "application/json" };
      await fetch(`${server.address}/v1/outcomes`, {
        method: "POST",
        headers,
        body: JSON.stringify({ outcomes }),
      });
    });
    afterAll(() => server.stop());

    it.each(["3.1", "3.0"])("finds nothing in version %s", async (version) => {
      const run = spawn(
        schemathesis,
        [
          "run",
          `${server.address}/v1/openapi.json?version=${version}`,
          "--checks=all",
          `--max-time=${MAXIMUM_SECONDS / 2}`,
          "--max-examples=60",
          "--seed=1",
          "--generation-database=none",
          "--no-color",
        ],
        { cwd: server.home, stdio: ["ignore", "pipe", "pipe"], timeout: 4 * MAXIMUM_SECONDS * 1_000 },
      );
      const [stdout, stderr] = await Promise.all([text(run.stdout), text(run.stderr), once(run, "exit")]);
      expect(run.exitCode, `${stdout}\n${stderr}\n${server.output().slice(-2_000)}`).toBe(0);
      expect(stdout).toMatch(/\d+ generated/);
    });
  },
);
