import { join } from "node:path";
import type { Bench } from "../prepare.ts";
import { onCore, run, serverCore } from "../processes.ts";
import type { Contender, Scenario } from "../scenario.ts";

const seconds = "2";

/** One lead after the other inside one process, without HTTP: from raw fields to the answer. */
export function leadScenario(bench: Bench): Scenario {
  const leadgauge = (reasons: number) => [
    process.execPath,
    join("bench", "lead-loop.ts"),
    bench.shippedPackage,
    bench.peerBodiesFile,
    String(reasons),
    seconds,
  ];
  return {
    title: "One lead in process, 37 fields",
    unit: "us",
    better: "lower",
    contenders: [
      pipelineLoop(bench),
      loop("Leadgauge, no reasons", leadgauge(0)),
      loop("Leadgauge, 3 reasons", leadgauge(3)),
    ],
  };
}

/** The peer that others are compared with: the pipeline alone, without a server. */
export function pipelineLoop(bench: Bench): Contender {
  const script = join("bench", "peers", "lead_loop.py");
  return loop("scikit-learn pipeline, XGBoost", [bench.python, script, bench.peerFolder, seconds]);
}

function loop(name: string, command: readonly string[]): Contender {
  return {
    name,
    measure: async () => {
      const leadsPerSecond = Number(await run(onCore(serverCore, command), { OMP_NUM_THREADS: "1" }));
      return { value: 1e6 / leadsPerSecond, beside: { leadsPerSecond } };
    },
  };
}
