import { join } from "node:path";
import type { Bench } from "../prepare.ts";
import { firstAnswer, loadCore, onCore, run, withServer } from "../processes.ts";
import type { Contender, Scenario } from "../scenario.ts";
import { type BenchServer, servers } from "../servers.ts";

const connections = 8;

/** Requests answered per second by one process on one core, over connections that stay open. */
export function apiScenario(bench: Bench, seconds: number): Scenario {
  const { peers, leadgauge } = servers(bench);
  const contender = (server: BenchServer): Contender => ({
    name: server.name,
    measure: () =>
      withServer(server, async (port) => {
        const url = `http://127.0.0.1:${port}${server.path}`;
        await firstAnswer(url, server.firstBody);
        const load = (duration: number) =>
          run(
            onCore(loadCore, [
              process.execPath,
              join("bench", "load.ts"),
              url,
              server.bodiesFile,
              String(connections),
              String(duration),
            ]),
          );
        await load(Math.max(1, seconds / 3));
        const { requestsPerSecond, ...beside } = JSON.parse(await load(seconds));
        return { value: requestsPerSecond, beside };
      }),
  });
  return {
    title: `API: one core, ${connections} connections kept open, 37 fields a lead`,
    unit: "requests/s",
    better: "higher",
    contenders: [...peers, leadgauge(0), leadgauge(3)].map(contender),
  };
}
