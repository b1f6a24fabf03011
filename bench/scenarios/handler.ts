import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Bench, model } from "../prepare.ts";
import { onCore, run, serverCore } from "../processes.ts";
import type { Contender, Scenario } from "../scenario.ts";
import { pipelineLoop } from "./lead.ts";

const seconds = "2";

/** The API's handler inside a process, without HTTP: from API Gateway's event to its answer. */
export function handlerScenario(bench: Bench): Scenario {
  const [batch] = JSON.parse(readFileSync(bench.batchFile, "utf8"));
  const leads: number = batch.leads.length;
  const contender = (name: string, bodies: string, path: string, leadsPerCall: number): Contender => ({
    name,
    measure: async () => {
      const url = `/v1/models/${model}/${path}`;
      const command = [process.execPath, join("bench", "handler-loop.ts"), bench.store, bodies, url, seconds];
      const { medianInMicroseconds, p99InMicroseconds, shares } = JSON.parse(
        await run(onCore(serverCore, command)),
      );
      const percents = Object.entries<number>(shares).map(([phase, share]) => [
        `${phase}Percent`,
        100 * share,
      ]);
      return {
        value: medianInMicroseconds / leadsPerCall,
        beside: { p99: p99InMicroseconds / leadsPerCall, ...Object.fromEntries(percents) },
      };
    },
  });
  return {
    title: "API handler in process: from event to answer, 37 fields, each lead",
    unit: "us",
    better: "lower",
    contenders: [
      pipelineLoop(bench),
      contender("Leadgauge, score, no reasons", bench.bodiesFile, "score", 1),
      contender("Leadgauge, score, 3 reasons", bench.bodiesFile, "score?reasons=3", 1),
      contender(`Leadgauge, score-batch of ${leads}, no reasons`, bench.batchFile, "score-batch", leads),
      contender(
        `Leadgauge, score-batch of ${leads}, 3 reasons`,
        bench.batchFile,
        "score-batch?reasons=3",
        leads,
      ),
    ],
  };
}
