import { describe, expect, it } from "vitest";
import { DropFault } from "../../core/batch/parts/drop-fault.ts";
import type { FunctionTelemetry, LogLine } from "../adapters/function-telemetry.ts";
import { reporting } from "./reporting.ts";

const event = { detail: { object: { key: "batch/in/x/a.csv", etag: "1" } } };

/** The line that is logged of a call which fails, and what is thrown. */
async function failed(input: unknown, error: unknown): Promise<{ line: LogLine; thrown: Error }> {
  const lines: (LogLine | "flushed")[] = [];
  const telemetry: FunctionTelemetry = {
    log: (line) => lines.push(line),
    count: () => {},
    alsoBy: () => {},
    flush: () => lines.push("flushed"),
  };
  const handler = reporting({ telemetry }, () => Promise.reject(error));
  const thrown = await handler(input, { awsRequestId: "request-1" }).catch((reason: Error) => reason);
  const [line, last] = lines;
  expect(last).toBe("flushed");
  return { line: line as LogLine, thrown: thrown as Error };
}

describe("a fault of a batch function", () => {
  it.each<[string, unknown, object]>([
    ["a drop that is planned", event, { key: "batch/in/x/a.csv" }],
    ["a part", { drop: "d1", part: 7 }, { drop: "d1", part: 7 }],
    ["a drop that is put together", { action: "finish", drop: "d1", again: false }, { drop: "d1" }],
    ["a drop that is given up", { action: "give-up", input: event }, { key: "batch/in/x/a.csv" }],
    [
      "an execution that ended",
      { status: "FAILED", input: JSON.stringify(event) },
      { key: "batch/in/x/a.csv" },
    ],
    ["an input that is none", { status: "FAILED", input: "{" }, {}],
    ["nothing", undefined, {}],
  ])("names what it is about: %s", async (_, input, what) => {
    const { line: whole, thrown } = await failed(input, new TypeError("anna@example.com is no number"));
    const { stack, ...line } = whole;
    expect(line).toEqual({
      message: "unexpected error",
      level: "error",
      requestId: "request-1",
      error: "TypeError",
      ...what,
    });
    expect(stack).toMatch(/^at .*reporting\.test/);
    expect(stack).not.toContain("anna");
    // Lambda logs these three of what a function throws.
    expect(thrown.name).toBe("TypeError");
    expect(thrown.message).toMatch(/^The line of this request/);
    expect(thrown.stack).toBe(`TypeError: ${thrown.message}\n${stack}`);
  });

  it("tells what AWS answered and what we say of a drop, and of other faults no message", async () => {
    const denied = Object.assign(new Error("Access Denied"), { name: "AccessDenied", $metadata: {} });
    const { line, thrown } = await failed(event, denied);
    expect(line).toMatchObject({ error: "AccessDenied", problem: "Access Denied" });
    expect(thrown).toBe(denied);
    const ours = await failed(event, new DropFault("There is no part 7."));
    expect(ours.line).toMatchObject({ error: "DropFault", problem: "There is no part 7." });
    const other = await failed(event, "anna@example.com");
    expect(JSON.stringify(other.line) + other.thrown.message + other.thrown.stack).not.toContain("anna");
  });
});
