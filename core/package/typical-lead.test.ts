import { describe, expect, it } from "vitest";
import type { FeatureSpec } from "../spec/schema.ts";
import { PackageError } from "./package-error.ts";
import { typicalLead } from "./typical-lead.ts";

const numbers = (middle: number) => Array.from({ length: 101 }, (_, at) => middle + (at - 50) / 10);

const spec = {
  fields: [
    {
      name: "Source",
      type: "category",
      knownAt: "at-creation",
      groups: { Search: ["Google", "bing"] },
      other: "Rest",
    },
    {
      name: "Level",
      type: "ordinal",
      knownAt: "at-creation",
      levels: ["Low", "High"],
      groups: { High: ["01.High"] },
    },
    { name: "Opted out", type: "boolean", knownAt: "at-creation" },
    { name: "Visits", type: "integer", knownAt: "engagement" },
    { name: "Pages", type: "number", knownAt: "engagement", bounds: { max: 1.2, beyond: "reject" } },
    { name: "Created", type: "timestamp", knownAt: "at-creation" },
    { name: "Seen", type: "timestamp", knownAt: "at-creation", formats: ["DD/MM/YYYY"] },
    { name: "Never given", type: "number", knownAt: "engagement" },
    { name: "Not used", type: "boolean", knownAt: "after-contact" },
  ],
} as unknown as FeatureSpec;
const used = new Set(spec.fields.map(({ name }) => name).filter((name) => name !== "Not used"));
const profile = {
  fields: {
    "Not used": { counts: { true: 10 } },
    Source: { counts: { Rest: 90, Search: 10 } },
    Level: { counts: { High: 20, Low: 10 } },
    "Opted out": { counts: { false: 3, true: 1 } },
    Visits: { quantiles: numbers(2.5), integer: true },
    Pages: { quantiles: numbers(1.23456), integer: false },
    Created: { quantiles: numbers(1_744_042_377_500), integer: true },
    Seen: { quantiles: numbers(1_744_042_377_500), integer: true },
    "Never given": { quantiles: null, integer: false },
  },
};

describe("a typical lead", () => {
  it("has typed values under canonical names, as a source spells them, of the fields that the model uses", () => {
    expect(Object.entries(typicalLead(spec, used, profile))).toEqual([
      ["Source", "Google"],
      ["Level", "01.High"],
      ["Opted out", false],
      ["Visits", 3],
      ["Pages", 1.2],
      ["Created", "2025-04-07T16:12:57Z"],
    ]);
  });

  it("refuses a profile of another form", () => {
    for (const broken of [
      null,
      {},
      { fields: [] },
      { fields: { Visits: { quantiles: ["a"], integer: true } } },
    ]) {
      expect(() => typicalLead(spec, used, broken)).toThrow(PackageError);
    }
  });
});
