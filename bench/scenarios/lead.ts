import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../scripts/install.mjs";
import { type Bench, model } from "../prepare.ts";
import { onCore, run, serverCore } from "../processes.ts";
import type { Contender, Scenario } from "../scenario.ts";

const seconds = "2";

/** One lead after the other inside one process, without HTTP: from raw fields to the answer. */
export function leadScenario(bench: Bench): Scenario {
  const contender = (name: string, command: readonly string[]): Contender => ({
    name,
    measure: async () => {
      const leadsPerSecond = Number(await run(onCore(serverCore, command), { OMP_NUM_THREADS: "1" }));
      return { value: 1e6 / leadsPerSecond, beside: { leadsPerSecond } };
    },
  });
  const leadgauge = (reasons: number) => [
    process.execPath,
    join("bench", "lead-loop.ts"),
    shippedPackage(),
    bench.peerBodiesFile,
    String(reasons),
    seconds,
  ];
  return {
    title: "One lead in process, 37 fields",
    unit: "us",
    better: "lower",
    contenders: [
      contender("scikit-learn pipeline, XGBoost", [
        bench.python,
        join("bench", "peers", "lead_loop.py"),
        bench.peerFolder,
        seconds,
      ]),
      contender("Leadgauge, no reasons", leadgauge(0)),
      contender("Leadgauge, 3 reasons", leadgauge(3)),
    ],
  };
}

/** The folder of the production version of the shipped model. */
function shippedPackage(): string {
  const folder = join(projectRoot, "models", model);
  const { production } = JSON.parse(readFileSync(join(folder, "stages.json"), "utf8"));
  return join(folder, "versions", production);
}
