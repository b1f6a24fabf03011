/** One number to compare, and further ones to show beside it. */
export interface Sample {
  readonly value: number;
  readonly beside?: Readonly<Record<string, number>>;
}

export interface Contender {
  readonly name: string;
  readonly measure: () => Promise<Sample>;
}

export interface Scenario {
  readonly title: string;
  readonly unit: string;
  /** Absent: as many as the run takes for all. */
  readonly rounds?: number;
  readonly better: "higher" | "lower";
  /** The first is the one that the others are compared with. */
  readonly contenders: readonly Contender[];
}

/** Scenarios whose contenders share processes, which `end` ends. */
export interface ScenarioGroup {
  readonly scenarios: readonly Scenario[];
  readonly end: () => Promise<void>;
}

export interface ContenderResult {
  readonly name: string;
  readonly median: number;
  readonly values: readonly number[];
  readonly beside: Readonly<Record<string, number>>;
  /** How many times better than the first contender. */
  readonly ratio: number;
}

export interface ScenarioResult {
  readonly title: string;
  readonly unit: string;
  readonly better: Scenario["better"];
  readonly contenders: readonly ContenderResult[];
}

/** Measures all contenders in turn, round after round, so that a busy moment of the machine hits them alike. */
export async function runScenario(scenario: Scenario, rounds: number): Promise<ScenarioResult> {
  const samples: Sample[][] = scenario.contenders.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of scenario.contenders.entries()) {
      samples[index]?.push(await contender.measure());
    }
  }
  const medians = samples.map((of) => median(of.map(({ value }) => value)));
  const first = medians[0] ?? Number.NaN;
  const contenders = scenario.contenders.map(({ name }, index): ContenderResult => {
    const own = samples[index] ?? [];
    const value = medians[index] ?? Number.NaN;
    const names = Object.keys(own[0]?.beside ?? {});
    return {
      name,
      median: value,
      values: own.map((sample) => sample.value),
      beside: Object.fromEntries(
        names.map((key) => [key, median(own.map(({ beside }) => beside?.[key] ?? Number.NaN))]),
      ),
      ratio: scenario.better === "higher" ? value / first : first / value,
    };
  });
  return { title: scenario.title, unit: scenario.unit, better: scenario.better, contenders };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** The result as a table for a terminal. */
export function tableOf({ title, unit, contenders }: ScenarioResult): string {
  const rows = contenders.map(({ name, median: value, ratio, beside }) => [
    name,
    `${formatNumber(value)} ${unit}`,
    `${ratio.toFixed(ratio < 10 ? 2 : 0)}x`,
    Object.entries(beside)
      .map(([key, number]) => `${key} ${formatNumber(number)}`)
      .join(", "),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(
    (row) =>
      `  ${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd()}`,
  );
  return [title, ...lines, ""].join("\n");
}

/** Three digits where there is a fraction. */
export function formatNumber(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toPrecision(3);
}
