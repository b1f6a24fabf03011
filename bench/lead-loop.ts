/** Leads scored one by one inside a process: `node lead-loop.ts PACKAGE LEADS.json REASONS SECONDS` prints leads per second. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadPackage } from "../core/package/load.ts";

const [folder, leadsFile, reasons, seconds] = process.argv.slice(2);
if (!folder || !leadsFile) throw new Error("usage: node lead-loop.ts PACKAGE LEADS.json REASONS SECONDS");

const model = await loadPackage({ read: (name) => readFile(join(folder, name)) }, { goldenRows: 32 });
const leads: Record<string, unknown>[] = JSON.parse(readFileSync(leadsFile, "utf8"));
for (const lead of leads) model.score(lead, Number(reasons));

let count = 0;
let elapsed = 0;
const startedAt = performance.now();
while (elapsed < Number(seconds) * 1000) {
  for (const lead of leads) model.score(lead, Number(reasons));
  count += leads.length;
  elapsed = performance.now() - startedAt;
}
process.stdout.write(String((count / elapsed) * 1000));
