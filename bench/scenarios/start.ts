import { join } from "node:path";
import { projectRoot } from "../../scripts/install.mjs";
import type { Bench } from "../prepare.ts";
import { firstAnswer, measure, withServer } from "../processes.ts";
import type { Contender, Scenario } from "../scenario.ts";
import { type BenchServer, servers } from "../servers.ts";

/** From the start of the process to the first score; not from the very first start, which compiles and fills the store. */
export async function startScenario(bench: Bench): Promise<Scenario> {
  const { peers, leadgauge } = servers(bench);
  const server = (contender: BenchServer): Contender => ({
    name: `${contender.name}: first answer over HTTP`,
    measure: () =>
      withServer(contender, async (port, startedAt) => {
        const answeredAt = await firstAnswer(
          `http://127.0.0.1:${port}${contender.path}`,
          contender.firstBody,
        );
        return { value: answeredAt - startedAt };
      }),
  });
  // Both languages keep compiled code from one start to the next: Python in __pycache__, Node where it is told to.
  const wholeProcess = (name: string, command: readonly string[]): Contender => ({
    name: `${name}: whole process`,
    measure: async () => {
      const { seconds, maximumResidentBytes } = await measure(bench.python, command, {
        NODE_COMPILE_CACHE: join(projectRoot, "dist", "bench", "compiled"),
      });
      return { value: seconds * 1000, beside: { maximumResidentInMegabytes: maximumResidentBytes / 1e6 } };
    },
  });
  const script = wholeProcess("Leadgauge script, one package verified, 3 reasons", [
    process.execPath,
    bench.firstScoreBundle,
    bench.shippedPackage,
    bench.peerBodiesFile,
  ]);
  const overHttp = server(leadgauge(3));
  for (const contender of [script, overHttp]) await contender.measure();
  return {
    title: "From process start to first score",
    unit: "ms",
    better: "lower",
    contenders: [
      wholeProcess("Python script, scikit-learn pipeline, XGBoost", [
        bench.python,
        join("bench", "peers", "first_score.py"),
        bench.peerFolder,
      ]),
      script,
      ...peers.slice(0, 1).map(server),
      overHttp,
    ],
  };
}
