/** Files made to cost more than they are worth are refused in one line, at once, in little memory. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { hostileFiles } from "../fuzz/hostile.ts";
import type { Refusal } from "../fuzz/refuse.ts";
import { scratchDirectory } from "./cli.ts";

const directory = scratchDirectory();
const refuse = fileURLToPath(new URL("../fuzz/refuse.ts", import.meta.url));
/** Twice what is promised, which holds on a machine that does nothing else. */
const mostMilliseconds = 400;
const mostMebibytes = 100;

test.each(Object.keys(hostileFiles))("%s", async (name) => {
  const file = join(directory, "model");
  writeFileSync(file, (hostileFiles[name] as () => Uint8Array)());
  const { stdout } = await promisify(execFile)(process.execPath, [refuse, file]);
  const { message, milliseconds, mebibytes }: Refusal = JSON.parse(stdout);
  expect(message).toMatch(/^[^\n]{1,300}$/);
  expect(milliseconds).toBeLessThan(mostMilliseconds);
  expect(mebibytes).toBeLessThan(mostMebibytes);
});
