/**
 * `npm run bench`: Leadgauge beside the usual Python ways, in the same run on the same machine.
 * --quick: one short round; --only NAME: one scenario; --flatness: also 2,000,000 rows.
 */
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { type Bench, prepare } from "./prepare.ts";
import { run } from "./processes.ts";
import { type BenchReport, writeReport } from "./results.ts";
import { runScenario, type Scenario, type ScenarioResult, tableOf } from "./scenario.ts";
import { apiScenario } from "./scenarios/api.ts";
import { fileScenario, flatnessScenario } from "./scenarios/file.ts";
import { leadScenario } from "./scenarios/lead.ts";
import { startScenario } from "./scenarios/start.ts";

interface Options {
  readonly quick?: boolean | undefined;
  readonly only?: string | undefined;
  readonly flatness?: boolean | undefined;
}

async function main(options: Options): Promise<void> {
  const rounds = options.quick ? 1 : 3;
  const scenarios = scenariosOf(options);
  const chosen = Object.entries(scenarios).filter(
    ([name]) => options.only === undefined || options.only === name,
  );
  if (chosen.length === 0) {
    throw new Error(`--only ${options.only}: the scenarios are ${Object.keys(scenarios).join(", ")}`);
  }
  const bench = await prepare();
  const [loadAtStart = 0] = loadavg();
  const results: Record<string, ScenarioResult> = {};
  for (const [name, scenario] of chosen) {
    // Ten times the rows once: it is memory that is looked at, not time.
    const result = await runScenario(await scenario(bench), name === "flatness" ? 1 : rounds);
    results[name] = result;
    process.stdout.write(`${tableOf(result)}\n`);
  }
  const machine = await describeMachine(bench, loadAtStart);
  const report = { measuredAt: new Date().toISOString(), machine, rounds, results };
  const file = writeReport(report, !options.quick && options.only === undefined);
  process.stdout.write(
    `Medians of ${rounds} interleaved rounds. ${machine.cpu}, ${machine.cores} cores. All values: ${file}\n`,
  );
}

function scenariosOf(options: Options): Record<string, (bench: Bench) => Scenario | Promise<Scenario>> {
  return {
    api: (bench) => apiScenario(bench, options.quick ? 2 : 6),
    start: startScenario,
    lead: leadScenario,
    file: (bench) => fileScenario(bench, options.quick ? 20_000 : 200_000),
    ...((options.flatness || options.only === "flatness") && {
      flatness: (bench: Bench) => flatnessScenario(bench, 200_000),
    }),
  };
}

async function describeMachine({ python }: Bench, loadAtStart: number): Promise<BenchReport["machine"]> {
  const versions =
    "import platform, pandas, sklearn, xgboost; print(platform.python_version(), pandas.__version__, sklearn.__version__, xgboost.__version__)";
  const [version, pandas, scikitLearn, xgboost] = (await run([python, "-c", versions])).trim().split(" ");
  const cores = cpus();
  return {
    cpu: cores[0]?.model ?? "unknown",
    cores: cores.length,
    loadAtStart: Math.round(loadAtStart * 10) / 10,
    node: process.version,
    python: { version, pandas, scikitLearn, xgboost },
  };
}

const { values } = parseArgs({
  options: { quick: { type: "boolean" }, only: { type: "string" }, flatness: { type: "boolean" } },
});
await main(values).catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
