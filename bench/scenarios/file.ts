import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bench, model } from "../prepare.ts";
import { type Measured, measure } from "../processes.ts";
import type { Contender, Sample, Scenario } from "../scenario.ts";

/** A CSV file of so many rows scored from start to end, process start included. */
export async function fileScenario(bench: Bench, rows: number): Promise<Scenario> {
  const csv = await bench.csv(rows);
  return {
    title: `File: ${rows.toLocaleString("en-US")} x 37 CSV`,
    unit: "s",
    better: "lower",
    contenders: [pandas(bench, csv, 0), leadgauge(bench, csv, 0), leadgauge(bench, csv, 3)],
  };
}

/** The same with the three fields that raise a score most and the three that lower it, on both sides exact contributions. */
export async function reasonsScenario(bench: Bench, rows: number): Promise<Scenario> {
  const csv = await bench.csv(rows);
  return {
    title: `File with three reasons: ${rows.toLocaleString("en-US")} x 37 CSV`,
    unit: "s",
    better: "lower",
    contenders: [pandas(bench, csv, 3), leadgauge(bench, csv, 3)],
  };
}

/** The same at ten times the rows, to see whether memory stays where it is. */
export async function flatnessScenario(bench: Bench, rows: number): Promise<Scenario> {
  const [small, large] = [await bench.csv(rows), await bench.csv(10 * rows)];
  const name = (count: number) => `Leadgauge, no reasons, ${count.toLocaleString("en-US")} rows`;
  return {
    title: "File: flat memory",
    unit: "s",
    better: "lower",
    contenders: [
      { ...leadgauge(bench, small, 0), name: name(rows) },
      { ...leadgauge(bench, large, 0), name: name(10 * rows) },
    ],
  };
}

function pandas(bench: Bench, csv: string, reasons: number): Contender {
  return {
    name: `pandas, scikit-learn pipeline, XGBoost${reasons > 0 ? " with pred_contribs" : ""}`,
    measure: () =>
      inFolder(async (out) => {
        const script = join("bench", "peers", "score_file.py");
        const files = [bench.peerFolder, csv, join(out, "scored.csv")];
        return sample(await measure(bench.python, [bench.python, script, ...files, String(reasons)]));
      }),
  };
}

function leadgauge(bench: Bench, csv: string, reasons: number): Contender {
  return {
    name: reasons === 0 ? "Leadgauge, no reasons" : `Leadgauge, ${reasons} reasons`,
    measure: () =>
      inFolder(async (out) => {
        const options = ["--model", model, csv, "--out", out, "--reasons", String(reasons)];
        // The flag is that of `npm run leadgauge`: a small nursery keeps memory flat and costs no time.
        const command = [process.execPath, "--max-semi-space-size=2", bench.cliBundle, "score", ...options];
        return sample(await measure(bench.python, command, { LEADGAUGE_HOME: bench.store }));
      }),
  };
}

function sample({ seconds, maximumResidentBytes }: Measured): Sample {
  return { value: seconds, beside: { maximumResidentInMegabytes: maximumResidentBytes / 1e6 } };
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "leadgauge-bench-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
