import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeEach, expect, test } from "vitest";
import { projectRoot } from "../../scripts/install.mjs";

const folder = mkdtempSync(join(tmpdir(), "leadgauge-compiled-"));
const bundle = join(folder, "program.cjs");
const kept = join(folder, "compiled");
const runner = join(folder, "runner.mjs");

afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  rmSync(kept, { recursive: true, force: true });
  writeFileSync(
    runner,
    `import compiledCode from ${JSON.stringify(pathToFileURL(join(projectRoot, "scripts", "compiled-code.cjs")).href)};
    compiledCode.runKeepingCode(${JSON.stringify(bundle)}, ${JSON.stringify(kept)}, process.argv[2] ?? "all");`,
  );
  program("first");
});

function program(word: string, end = ""): void {
  const needs =
    'const{basename}=require("node:path");async function late(){return(await globalThis[Symbol.for("leadgauge.import")]("node:os")).EOL}';
  writeFileSync(
    bundle,
    `${needs}late().then((eol)=>{process.stdout.write(basename(__filename)+" ${word}"+eol);${end}});`,
  );
}

async function run(use = "all"): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [runner, use]);
  return stdout.trim();
}

const keptFiles = () => readdirSync(kept).map((name) => join(kept, name));
/** A file is written again only where what it held could not be used. */
const writtenAt = () => keptFiles().map((file) => statSync(file).mtimeMs);

test("code is kept by the first run and used by the second", async () => {
  expect(await run()).toBe("program.cjs first");
  const first = writtenAt();
  expect(first).toHaveLength(1);
  expect(await run()).toBe("program.cjs first");
  expect(writtenAt()).toEqual(first);
});

test("of another program, of the same length, nothing is used, and what is outdated goes", async () => {
  await run();
  const [before] = keptFiles();
  program("other");
  expect(await run()).toBe("program.cjs other");
  expect(keptFiles()).toHaveLength(1);
  expect(keptFiles()).not.toEqual([before]);
});

test("damaged code is noticed and replaced", async () => {
  await run();
  const [file = ""] = keptFiles();
  const good = readFileSync(file);
  for (const damaged of [
    good.subarray(0, 15),
    good.subarray(0, -1),
    good.map((byte, i) => byte ^ (i === 500 ? 1 : 0)),
  ]) {
    writeFileSync(file, damaged);
    expect(await run()).toBe("program.cjs first");
    expect(readFileSync(file)).toHaveLength(good.length);
  }
});

test("each use has its own; a run that fails keeps nothing", async () => {
  await run();
  await run("score");
  expect(keptFiles()).toHaveLength(2);
  program("fails", "process.exitCode=3");
  await expect(run()).rejects.toMatchObject({ code: 3, stdout: "program.cjs fails\n" });
  expect(keptFiles()).toHaveLength(2);
});
