import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { describe, expect, it } from "vitest";
import { SCORE_QUANTILES } from "../../core/registry/promotion-guard.ts";
import { CloudWatchTraffic } from "./cloudwatch-traffic.ts";

/**
 * Stands for CloudWatch, whose borders of periods nobody can choose: it gives, for the id of a query, these values. The deployment in the test
 * asks the emulator's.
 */
function told(values: Readonly<Record<string, readonly number[]>>): CloudWatchTraffic {
  const MetricDataResults = Object.entries(values).map(([Id, Values]) => ({ Id, Values }));
  const client = { send: async () => ({ MetricDataResults }) } as unknown as CloudWatchClient;
  return new CloudWatchTraffic(client, "test");
}
const read = (traffic: CloudWatchTraffic) =>
  traffic.read("model", "version", new Date("2026-05-01T10:00:00Z"), new Date("2026-05-01T16:00:00Z"));
const everyQuantile = (values: readonly number[]) =>
  Object.fromEntries(SCORE_QUANTILES.map((name) => [name, values]));

describe("the figures of a version", () => {
  it("are sums over all periods", async () => {
    const traffic = told({ scored: [100, 300], points: [2_000, 22_000], rejected: [1], failed: [2, 3] });
    expect(await read(traffic)).toMatchObject({ scored: 400, meanScore: 60, rejected: 1, failed: 5 });
  });

  it("weight the percentiles by leads where CloudWatch has cut the span in two", async () => {
    const { quantiles } = await read(told({ scored: [400], inSpan: [100, 300], ...everyQuantile([20, 60]) }));
    expect(quantiles).toEqual(Object.fromEntries(SCORE_QUANTILES.map((name) => [name, 50])));
  });

  it.each([
    ["nothing was scored", {}],
    ["CloudWatch gives none", { scored: [400], inSpan: [100, 300] }],
    ["CloudWatch gives none for one of two periods", { inSpan: [100, 300], ...everyQuantile([20]) }],
  ])("have no percentiles where %s", async (_name, values) => {
    expect((await read(told(values))).quantiles).toBeUndefined();
  });
});
