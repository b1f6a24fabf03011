import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { projectRoot } from "../../scripts/install.mjs";
import type { Bench } from "../prepare.ts";
import { onCore, serverCore } from "../processes.ts";
import type { Scenario, ScenarioGroup } from "../scenario.ts";
import { servedScenarios } from "./served-model.ts";

/** The models of bench/trees/peer.py. */
const models = {
  "xgboost-300x6.json": "XGBoost, 300 trees of depth 6",
  "xgboost-1000x8.json": "XGBoost, 1000 trees of depth 8",
  "lightgbm-300x6.txt": "LightGBM, 300 trees of depth 6",
  "lightgbm-1000x8.txt": "LightGBM, 1000 trees of depth 8",
  "lightgbm-300x31-leaves.txt": "LightGBM, 300 trees of 31 leaves",
  "lightgbm-500x255-leaves.txt": "LightGBM, 500 trees of 255 leaves",
};

/** A process that answers lines with numbers, all the while the scenarios run. */
class Answerer {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(command: readonly string[]) {
    const [program = "", ...args] = onCore(serverCore, command);
    this.#process = spawn(program, args, {
      cwd: projectRoot,
      env: { ...process.env, OMP_NUM_THREADS: "1" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.#process.spawnargs.join(" ")} ended`);
    return value;
  }

  async ask(question: string): Promise<number> {
    this.#process.stdin.write(`${question}\n`);
    return Number(await this.line());
  }

  async end(): Promise<void> {
    this.#process.stdin.end();
    if (this.#process.exitCode === null) await once(this.#process, "exit");
  }
}

/** Contributions of larger models take the libraries seconds. */
const roundsOfSlow = 3;

/** What bench/trees/peer.py and leadgauge.ts can be asked of a model. */
const questions = {
  one: "Margins: MODEL, one row",
  batch: "Margins: MODEL, 1,024 rows, each",
  "explain-one": "Contributions: MODEL, one row",
  "explain-batch": "Contributions: MODEL, 64 rows, each",
};

/**
 * Rows of 60 numbers, a tenth of them missing: the library that trained a model beside Leadgauge, whose margins must be the same
 * bits. One thread; all processes on one core, in turn, each for 60 ms (or one call), of which it tells its median.
 */
export async function treeScenarios(bench: Bench, rounds: number): Promise<ScenarioGroup> {
  const { python } = bench;
  const folder = join(projectRoot, "dist", "bench", "trees");
  const peer = new Answerer([python, join("bench", "trees", "peer.py"), folder]);
  await peer.line();
  const leadgauge = join("bench", "trees", "leadgauge.ts");
  const wasm = new Answerer([process.execPath, leadgauge, folder, "wasm"]);
  const javascript = new Answerer([process.execPath, leadgauge, folder, "javascript"]);
  const scenarios = Object.entries(models).flatMap(([model, title]) =>
    Object.entries(questions).map(([question, text]): Scenario => {
      const contender = (name: string, answerer: Answerer) => ({
        name,
        measure: async () => ({ value: await answerer.ask(`${model} ${question}`) }),
      });
      return {
        title: text.replace("MODEL", title),
        unit: "us",
        rounds:
          question.startsWith("explain") && !title.includes("300") ? Math.min(rounds, roundsOfSlow) : rounds,
        better: "lower",
        contenders: [
          contender(title.startsWith("XGBoost") ? "XGBoost" : "LightGBM", peer),
          contender("Leadgauge", wasm),
          contender("Leadgauge without WebAssembly", javascript),
        ],
      };
    }),
  );
  const served = await servedScenarios(bench, folder, (question) => peer.ask(question), rounds);
  return {
    scenarios: [...scenarios, ...served],
    end: async () => {
      for (const answerer of [peer, wasm, javascript]) await answerer.end();
    },
  };
}
