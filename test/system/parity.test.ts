/** The same leads through Python (the libraries' own margins) and through this code, for every spec and model family. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GoldenCheck, type GoldenRow } from "../../core/package/golden.ts";
import { loadPackage } from "../../core/package/load.ts";
import type { PackagedModel } from "../../core/scoring/packaged-model.ts";
import { families } from "../../core/spec/families.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const python = join(root, ".venv/bin/python");
const realData = process.env.LEAD_DATA_DIR ?? join(root, "../shared/data");
const specs = {
  "x-education": "x-education/leads.csv",
  codepro: "codepro/leads_engineered_2021.csv",
  extraalearn: "extraalearn/extraalearn.csv",
  "real-estate": "real-estate/leads.csv",
};

let scratch = "";
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "leadgauge-parity-"));
});
afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
});

describe.each(Object.entries(specs))("%s", (spec, file) => {
  it("made-up leads: every family agrees", async () => {
    await compare(spec, ["--seed", "11", "--rows", "400"]);
  });

  const data = join(realData, file);
  it.skipIf(!existsSync(data))("real leads, skipped without LEAD_DATA_DIR: every family agrees", async () => {
    await compare(spec, ["--seed", "4", "--rows", "200", "--data", await beginningOf(data)]);
  });
});

/** A model of every family on the first rows of a file, however long it is. */
async function beginningOf(data: string): Promise<string> {
  const lines = (await readFile(data, "latin1")).split("\n", 4_001);
  const path = join(scratch, "beginning.csv");
  await writeFile(path, lines.slice(0, 4_000).join("\n"), "latin1");
  return path;
}

async function compare(spec: string, options: readonly string[]): Promise<void> {
  const out = join(scratch, `${spec}-${options.length}`);
  const script = join(root, "glue-scripts/tests/parity_cases.py");
  const target = ["--spec", join(root, `specs/${spec}.json`), "--family", "all", "--out", out];
  await promisify(execFile)(python, [script, ...target, ...options], { maxBuffer: 64 * 1024 * 1024 });
  for (const family of families) {
    const folder = join(out, family);
    const files = {
      read: async (name: string) => new Uint8Array(await readFile(join(folder, "package", name))),
    };
    const model = (await loadPackage(files, { goldenRows: "all" })) as PackagedModel;
    const check = new GoldenCheck(model);
    const lines = readFileSync(join(folder, "cases.jsonl"), "utf8").trimEnd().split("\n");
    const differences = lines.flatMap((line) => differenceOf(check, line));
    expect(differences, `${spec}, ${family}`).toEqual([]);
    const { rows, rejectedRows } = check.report();
    expect(rows).toBe(lines.length);
    // Most rows must be scored for the comparison to mean something.
    expect(rejectedRows).toBeLessThan(rows / 2);
  }
}

function differenceOf(check: GoldenCheck, line: string): string[] {
  try {
    check.row(JSON.parse(line) as GoldenRow);
    return [];
  } catch (error) {
    return [`${(error as Error).message} ${line.slice(0, 500)}`];
  }
}
