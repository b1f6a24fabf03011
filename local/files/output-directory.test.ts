import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { OutputDirectory } from "./output-directory.ts";

it("is made with its parents, once or again", async () => {
  const root = mkdtempSync(join(tmpdir(), "leadgauge-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const path = join(root, "a", "b", "c");
  await OutputDirectory.open(path);
  await OutputDirectory.open(path);
  expect(statSync(path).isDirectory()).toBe(true);
});

// Folders cannot be made in /proc, which only Linux has; Node's recursive mkdir never comes back from there.
const places = ["/dev/null/results", ...(existsSync("/proc/self") ? ["/proc/nowhere/results"] : [])];

it.each(places)("is told to be no place for results: %s", async (path) => {
  await expect(OutputDirectory.open(path)).rejects.toThrow(`${path} can't be made`);
});
