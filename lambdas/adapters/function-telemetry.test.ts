import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { functionTelemetry } from "./function-telemetry.ts";

let lines: Record<string, unknown>[];
beforeEach(() => {
  // Powertools then writes to the console that the test listens to.
  vi.stubEnv("POWERTOOLS_DEV", "true");
  vi.stubEnv("POWERTOOLS_METRICS_DISABLED", "false");
  lines = [];
  const write = (line: unknown) => void lines.push(JSON.parse(String(line)));
  vi.stubGlobal("console", { ...console, log: write, info: write, error: write });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

const setsOf = (line: Record<string, unknown>) =>
  (line._aws as { CloudWatchMetrics: { Namespace: string; Dimensions: string[][] }[] }).CloudWatchMetrics[0];

describe("what a function measures", () => {
  it("is told by service and stage, and by what is asked for beside them", () => {
    const telemetry = functionTelemetry("api", "prod");
    telemetry.count("RegistryStale", 0);
    telemetry.alsoBy({ model: "m", version: "v" });
    telemetry.count("Score", 73);
    telemetry.flush();
    telemetry.count("Failures", 1);
    telemetry.flush();
    expect(lines).toHaveLength(3);
    expect(setsOf(lines[0] ?? {})).toMatchObject({
      Namespace: "Leadgauge",
      Dimensions: [["service", "stage"]],
    });
    expect(setsOf(lines[1] ?? {})?.Dimensions).toEqual([
      ["service", "stage"],
      ["service", "stage", "model", "version"],
    ]);
    expect(lines[1]).toMatchObject({ service: "api", stage: "prod", model: "m", version: "v", Score: 73 });
    expect(setsOf(lines[2] ?? {})?.Dimensions).toEqual([["service", "stage"]]);
  });

  it("loses no value and no dimension of a request with 500 leads", () => {
    const telemetry = functionTelemetry("api", "prod");
    telemetry.alsoBy({ model: "m", version: "v" });
    for (let lead = 0; lead < 500; lead++) telemetry.count("Score", lead % 101);
    telemetry.count("LeadsRejected", 0);
    telemetry.flush();
    const values = lines.flatMap((line) => line.Score as number | number[]);
    expect(values).toEqual(Array.from({ length: 500 }, (_, lead) => lead % 101));
    for (const line of lines) {
      expect(setsOf(line)?.Dimensions).toHaveLength(2);
      expect([line.Score].flat().length).toBeLessThanOrEqual(100);
    }
  });

  it("writes nothing where nothing was counted, and keeps the dimensions of one request from the next", () => {
    const telemetry = functionTelemetry("api", "prod");
    telemetry.flush();
    telemetry.alsoBy({ model: "a" });
    telemetry.alsoBy({ model: "b" });
    telemetry.flush();
    telemetry.count("Failures", 1);
    telemetry.flush();
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toHaveProperty("model");
  });
});

describe("the id that the SDK sends with every call", () => {
  it("stays as the stack sets it: a longer one makes the SDK warn at every start", () => {
    const module = JSON.stringify(new URL("function-telemetry.ts", import.meta.url).href);
    const program = `const { functionTelemetry } = await import(${module});
      functionTelemetry("api", "prod");
      console.log(process.env.AWS_SDK_UA_APP_ID);`;
    const env = { ...process.env, AWS_SDK_UA_APP_ID: "leadgauge-prod-manifest-public-key" };
    const options = ["--input-type=module", "--eval", program];
    expect(execFileSync(process.execPath, options, { env, encoding: "utf8" }).trim()).toBe(
      "leadgauge-prod-manifest-public-key",
    );
  });
});

describe("a log line", () => {
  it("is JSON with its message, level, service, stage and what belongs to it", () => {
    functionTelemetry("canary", "dev").log({
      message: "canary",
      level: "error",
      models: 2,
      wrong: [{ model: "m" }],
    });
    expect(lines[0]).toMatchObject({
      message: "canary",
      level: "ERROR",
      service: "canary",
      stage: "dev",
      models: 2,
      wrong: [{ model: "m" }],
    });
  });
});
