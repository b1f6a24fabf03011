import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { projectRoot } from "../../scripts/install.mjs";
import type { Bench } from "../prepare.ts";
import { onCore, run, serverCore } from "../processes.ts";
import type { Scenario } from "../scenario.ts";

const model = "xgboost-300x6.json";
const title = "XGBoost, 300 trees of depth 6";
const features = Array.from({ length: 60 }, (_, column) => `x${column}`);
/** More than the caches of a core (its first and second level), and more than those that it shares with others. */
const coldMegabytes = [4, 64];

/**
 * A model as a package has it: loading it, its first row, a row with cold caches. Every sample is of a process of its own: the
 * first load of a process is what a start has to wait for. Code is kept between processes as `npm start` does it; beside, what the first load takes
 * without (as in Lambda). `askPeer`: of bench/trees/peer.py, in microseconds.
 */
export async function servedScenarios(
  bench: Bench,
  folder: string,
  askPeer: (question: string) => Promise<number>,
  rounds: number,
): Promise<Scenario[]> {
  const serving = await packageOf(bench, folder);
  const script = join(folder, "served-model.cjs");
  await build({
    absWorkingDir: projectRoot,
    entryPoints: ["bench/trees/served-model.ts"],
    outfile: script,
    bundle: true,
    minify: true,
    format: "cjs",
    platform: "node",
  });
  const kept = join(folder, "kept");
  const launcher = join(projectRoot, "bench", "trees", "run-kept.mjs");
  const ask = async (mode: string, keepsCode = true): Promise<Record<string, number>> => {
    const program = keepsCode ? [launcher, script, kept] : [script];
    const command = [process.execPath, "--expose-gc", ...program, serving, join(folder, "rows.f64"), mode];
    return JSON.parse(await run(onCore(serverCore, command)));
  };
  // Leaves its compiled code to the processes that are measured.
  await ask("fresh");
  const library = (question: string, scale: number) => ({
    name: "XGBoost",
    measure: async () => ({ value: (await askPeer(`${model} ${question}`)) / scale }),
  });
  const loading: Scenario = {
    title: `Loading: ${title}`,
    unit: "ms",
    rounds,
    better: "lower",
    contenders: [
      { ...library("load", 1000), name: "XGBoost, load_model" },
      {
        name: "Leadgauge, the first load of a process",
        measure: async () => {
          const { load = Number.NaN, memory = Number.NaN, ...first } = await ask("fresh");
          const { load: withoutKeptCode = Number.NaN } = await ask("fresh", false);
          const { firstRow = Number.NaN, firstReasons = Number.NaN } = first;
          return {
            value: load,
            beside: {
              firstRowInMs: firstRow,
              firstReasonsInMs: firstReasons,
              memoryInMegabytes: memory / 1e6,
              loadWithoutKeptCodeInMs: withoutKeptCode,
            },
          };
        },
      },
      {
        name: "Leadgauge, later loads",
        measure: async () => {
          const { load = Number.NaN, explainer = Number.NaN } = await ask("warm");
          return { value: load, beside: { explainerInMs: explainer } };
        },
      },
    ],
  };
  const cold = coldMegabytes.map(
    (megabytes): Scenario => ({
      title: `Margins: ${title}, one row, each after ${megabytes} MB of other memory were read`,
      unit: "us",
      rounds,
      better: "lower",
      contenders: [
        library(`cold-${megabytes}`, 1),
        {
          name: "Leadgauge",
          measure: async () => ({ value: ((await ask(`cold-${megabytes}`)).row ?? Number.NaN) * 1000 }),
        },
      ],
    }),
  );
  return [loading, ...cold];
}

/** Imports the model as a user would; returns its serving.json. */
async function packageOf({ cliBundle }: Bench, folder: string): Promise<string> {
  const target = join(folder, "package");
  const serving = join(target, "serving.json");
  if (existsSync(serving)) return serving;
  const spec = join(folder, "spec.json");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    spec,
    JSON.stringify({
      specVersion: 1,
      name: "grove",
      title: "A model for measurements",
      leadId: { name: "Lead" },
      fields: features.map((name) => ({ name, type: "number", knownAt: "at-creation" })),
      features: features.map((input) => ({ input, encode: "number" })),
      target: {
        field: "y",
        kind: "binary",
        classes: [
          { name: "no", values: ["0"] },
          { name: "yes", values: ["1"] },
        ],
      },
      tiers: [
        { name: "Hot", minimumProbability: 0.5, action: "Call" },
        { name: "Cold", action: "Write" },
      ],
    }),
  );
  const names = join(folder, "features.txt");
  writeFileSync(names, `${features.join("\n")}\n`);
  const options = ["--spec", spec, "--model", join(folder, model), "--features", names, "--out", target];
  await run([process.execPath, cliBundle, "import", ...options]);
  return serving;
}
