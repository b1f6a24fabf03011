import { describe, expect, it } from "vitest";
import { costTables, idleItems, scoreItems, writtenTables } from "../../scripts/cost.mjs";
import { resourcesOfStage } from "../../scripts/templates.mjs";

describe("docs/cost.md", () => {
  it("holds what scripts/cost.mjs --write writes there", () => {
    expect(writtenTables()).toBe(costTables());
  });

  it("counts what is in the templates", () => {
    const resources = resourcesOfStage({ name: "prod" });
    const sum = (items: { dollars: number }[]) => items.reduce((all, { dollars }) => all + dollars, 0);
    const isEndpoint = (resource: (typeof resources)[number]) =>
      resource.type === "AWS::EC2::VPCEndpoint" && resource.properties.VpcEndpointType === "Interface";
    const endpoint = resources.find(isEndpoint);
    expect(endpoint).toBeDefined();
    const without = resources.filter((resource) => resource !== endpoint);
    // 0.01 USD an hour in each of three zones.
    expect(sum(idleItems(resources)) - sum(idleItems(without))).toBeCloseTo(730 * 0.01 * 3, 9);
    expect(sum(scoreItems(resources, 75))).toBeGreaterThan(sum(scoreItems(resources, 10)));
  });

  it("follows the function's memory and whether predictions are kept", () => {
    const items = scoreItems(
      resourcesOfStage({
        name: "small",
        scoring: { memoryInMegabytes: 1_024 },
        capture: { isEnabled: false },
      }),
      0,
    );
    const quantity = (what: string) => items.find((item) => item.what === what)?.quantity;
    expect(quantity("Lambda GB-s")).toBeCloseTo(1_000, 9);
    expect(quantity("captured, GB")).toBe(0);
  });
});
