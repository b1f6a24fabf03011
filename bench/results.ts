import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../scripts/install.mjs";
import { formatNumber, type ScenarioResult } from "./scenario.ts";

export interface BenchReport {
  readonly measuredAt: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    /** Processes that wanted a core when the run began: more than a fraction of one makes all figures worse. */
    readonly loadAtStart: number;
    readonly node: string;
    readonly python: Readonly<Record<string, string | undefined>>;
  };
  readonly rounds: number;
  readonly results: Readonly<Record<string, ScenarioResult>>;
}

const begin = "<!-- results: written by npm run bench -->";
const end = "<!-- end of results -->";

/** The results of the whole run that the repository keeps. */
export function keptResults(): BenchReport["results"] {
  const file = join(projectRoot, "bench", "results", "latest.json");
  return (JSON.parse(readFileSync(file, "utf8")) as BenchReport).results;
}

/** Writes all values as JSON and, of a whole run, the medians into docs/performance.md. Returns the JSON's path. */
export function writeReport(report: BenchReport, isWhole: boolean): string {
  const folder = join(projectRoot, "bench", "results");
  const file = join(folder, isWhole ? "latest.json" : "quick.json");
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  if (isWhole) {
    const page = join(projectRoot, "docs", "performance.md");
    const text = readFileSync(page, "utf8");
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/performance.md lacks "${begin}" … "${end}"`);
    writeFileSync(page, `${text.slice(0, from + begin.length)}\n\n${markdownOf(report)}\n${text.slice(to)}`);
  }
  return file;
}

function markdownOf({ measuredAt, machine, rounds, results }: BenchReport): string {
  const versions = Object.entries(machine.python).map(([name, version]) => `${name} ${version}`);
  const head = `${measuredAt.slice(0, 10)}, ${machine.cpu}, ${machine.cores} cores (load ${machine.loadAtStart} when the run began), Node ${machine.node}; Python ${versions.join(", ")}. Medians of ${rounds} interleaved rounds; times better than the first line.`;
  const tables = Object.values(results).map(({ title, unit, contenders }) =>
    [
      `**${title}**`,
      "",
      `| | ${unit} | ratio | beside |`,
      "|---|---:|---:|---|",
      ...contenders.map(
        ({ name, median, ratio, beside }) =>
          `| ${name} | ${formatNumber(median)} | ${ratio.toFixed(ratio < 10 ? 2 : 0)} | ${Object.entries(
            beside,
          )
            .map(([key, value]) => `${key} ${formatNumber(value)}`)
            .join(", ")} |`,
      ),
      "",
    ].join("\n"),
  );
  return [head, "", ...tables].join("\n");
}
