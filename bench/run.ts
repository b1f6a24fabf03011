/**
 * `npm run bench`: Leadgauge beside the usual Python ways, in the same run on the same machine.
 * --quick: one short round; --only NAME: one scenario; --flatness: also 2,000,000 rows.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { projectRoot } from "../scripts/install.mjs";
import { prepare } from "./prepare.ts";
import { run } from "./processes.ts";
import { runScenario, type Scenario, type ScenarioResult, tableOf } from "./scenario.ts";
import { apiScenario } from "./scenarios/api.ts";
import { fileScenario, flatnessScenario } from "./scenarios/file.ts";
import { leadScenario } from "./scenarios/lead.ts";
import { startScenario } from "./scenarios/start.ts";

const { values: options } = parseArgs({
  options: { quick: { type: "boolean" }, only: { type: "string" }, flatness: { type: "boolean" } },
});
const rounds = options.quick ? 1 : 5;
const bench = await prepare();

const scenarios: Record<string, () => Scenario | Promise<Scenario>> = {
  api: () => apiScenario(bench, options.quick ? 2 : 6),
  start: () => startScenario(bench),
  lead: () => leadScenario(bench),
  file: () => fileScenario(bench, options.quick ? 20_000 : 200_000),
  ...(options.flatness && { flatness: () => flatnessScenario(bench, 200_000) }),
};
const chosen = Object.keys(scenarios).filter((name) => options.only === undefined || options.only === name);
if (chosen.length === 0)
  throw new Error(`--only ${options.only}: the scenarios are ${Object.keys(scenarios).join(", ")}`);

const results: Record<string, ScenarioResult> = {};
for (const name of chosen) {
  const scenario = await scenarios[name]?.();
  if (!scenario) continue;
  const result = await runScenario(scenario, name === "flatness" ? 1 : rounds);
  results[name] = result;
  process.stdout.write(`${tableOf(result)}\n`);
}

const python = await run([bench.python, "-c", "import sys, platform; print(platform.python_version())"]);
const folder = join(projectRoot, "bench", "results");
mkdirSync(folder, { recursive: true });
const file = join(folder, options.quick ? "quick.json" : "latest.json");
const machine = {
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  node: process.version,
  python: python.trim(),
};
writeFileSync(
  file,
  `${JSON.stringify({ measuredAt: new Date().toISOString(), machine, rounds, results }, null, 2)}\n`,
);
process.stdout.write(
  `Medians of ${rounds} interleaved rounds. ${machine.cpu}, ${machine.cores} cores; all of it in ${file}\n`,
);
