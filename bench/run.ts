/**
 * `npm run bench`: Leadgauge beside the usual Python ways, in the same run on the same machine.
 * --quick: one short round; --only NAME: one scenario; --flatness: also 2,000,000 rows.
 */
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { type Bench, prepare } from "./prepare.ts";
import { run } from "./processes.ts";
import { regressionsOf } from "./regressions.ts";
import { type BenchReport, keptResults, writeReport } from "./results.ts";
import { runScenario, type Scenario, type ScenarioGroup, type ScenarioResult, tableOf } from "./scenario.ts";
import { apiScenario } from "./scenarios/api.ts";
import { fileScenario, flatnessScenario, reasonsScenario } from "./scenarios/file.ts";
import { handlerScenario } from "./scenarios/handler.ts";
import { leadScenario } from "./scenarios/lead.ts";
import { startScenario } from "./scenarios/start.ts";
import { synthScenario } from "./scenarios/synth.ts";
import { treeScenarios } from "./scenarios/trees.ts";

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
  for (const [name, prepareScenarios] of chosen) {
    const { scenarios, end } = groupOf(await prepareScenarios(bench));
    try {
      for (const [index, scenario] of scenarios.entries()) {
        // Ten times the rows once: it is memory that is looked at, not time.
        const result = await runScenario(scenario, name === "flatness" ? 1 : (scenario.rounds ?? rounds));
        results[scenarios.length === 1 ? name : `${name}-${index + 1}`] = result;
        process.stdout.write(`${tableOf(result)}\n`);
      }
    } finally {
      await end();
    }
  }
  const machine = await describeMachine(bench, loadAtStart);
  const report = { measuredAt: new Date().toISOString(), machine, rounds, results };
  const worse = regressionsOf(results, keptResults());
  const file = writeReport(report, !options.quick && options.only === undefined);
  const verdict =
    worse.length === 0 ? ["Nothing got worse."] : ["Worse than the run that is kept:", ...worse];
  process.stdout.write(`${verdict.join("\n  ")}\n`);
  process.stdout.write(
    `Medians of ${rounds} interleaved rounds. ${machine.cpu}, ${machine.cores} cores. All values: ${file}\n`,
  );
}

function groupOf(prepared: Scenario | ScenarioGroup): ScenarioGroup {
  return "scenarios" in prepared ? prepared : { scenarios: [prepared], end: async () => {} };
}

type Prepare = (bench: Bench) => Scenario | Promise<Scenario | ScenarioGroup>;

function scenariosOf(options: Options): Record<string, Prepare> {
  return {
    trees: (bench) => treeScenarios(bench, options.quick ? 3 : 15),
    api: (bench) => apiScenario(bench, options.quick ? 2 : 6),
    handler: handlerScenario,
    start: startScenario,
    lead: leadScenario,
    file: (bench) => fileScenario(bench, options.quick ? 20_000 : 200_000),
    reasons: (bench) => reasonsScenario(bench, options.quick ? 20_000 : 50_000),
    synth: synthScenario,
    ...((options.flatness || options.only === "flatness") && {
      flatness: (bench: Bench) => flatnessScenario(bench, 200_000),
    }),
  };
}

async function describeMachine({ python }: Bench, loadAtStart: number): Promise<BenchReport["machine"]> {
  const versions =
    "import platform, pandas, sklearn, xgboost, lightgbm; print(platform.python_version(), pandas.__version__, sklearn.__version__, xgboost.__version__, lightgbm.__version__)";
  const [version, pandas, scikitLearn, xgboost, lightgbm] = (await run([python, "-c", versions]))
    .trim()
    .split(" ");
  const cores = cpus();
  return {
    cpu: cores[0]?.model ?? "unknown",
    cores: cores.length,
    loadAtStart: Math.round(loadAtStart * 10) / 10,
    node: process.version,
    python: { version, pandas, scikitLearn, xgboost, lightgbm },
  };
}

const { values } = parseArgs({
  options: { quick: { type: "boolean" }, only: { type: "string" }, flatness: { type: "boolean" } },
});
await main(values).catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
