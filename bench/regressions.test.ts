import { describe, expect, it } from "vitest";
import { regressionsOf } from "./regressions.ts";

const run = (ratio: number, title = "API") => ({
  api: {
    title,
    unit: "requests/s",
    better: "higher" as const,
    contenders: [
      { name: "Peer", median: 100, values: [100], beside: {}, ratio: 1 },
      { name: "Leadgauge", median: 100 * ratio, values: [100 * ratio], beside: {}, ratio },
    ],
  },
});

describe("regressionsOf", () => {
  it("tells a ratio that fell by more than noise", () => {
    expect(regressionsOf(run(80), run(100))).toEqual([
      "API: Leadgauge is 80.0 times Peer; it was 100 times.",
    ]);
  });

  it("is silent about noise, gains, and what was not measured before", () => {
    expect(regressionsOf(run(90), run(100))).toEqual([]);
    expect(regressionsOf(run(120), run(100))).toEqual([]);
    expect(regressionsOf(run(80), {})).toEqual([]);
    expect(regressionsOf(run(80, "API, other leads"), run(100))).toEqual([]);
  });
});
