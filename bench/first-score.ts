/** From process start to the first score: `node first-score.mjs PACKAGE LEADS.json` verifies the package and scores the first lead. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadPackage } from "../core/package/load.ts";

const [folder, leadsFile] = process.argv.slice(2);
if (!folder || !leadsFile) throw new Error("usage: node first-score.mjs PACKAGE LEADS.json");

const model = await loadPackage({ read: (name) => readFile(join(folder, name)) }, { goldenRows: 32 });
const [lead] = JSON.parse(await readFile(leadsFile, "utf8"));
process.stdout.write(JSON.stringify(model.score(lead, 3)));
