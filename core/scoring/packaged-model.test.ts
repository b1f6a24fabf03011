import { beforeAll, describe, expect, it, test } from "vitest";
import { groveLeads, grovePackage } from "../../test/grove-package.ts";
import { filesOf } from "../../test/sealed-package.ts";
import { type LoadedModel, loadPackage } from "../package/load.ts";
import type { RawValue, Score } from "./result.ts";
import { scoreTogether } from "./score-together.ts";
import { type BoundHeader, HeaderError } from "./scoring-model.ts";

let model: LoadedModel;
beforeAll(async () => {
  model = await loadPackage(filesOf(grovePackage()), { goldenRows: "all" });
});

function scored(lead: Readonly<Record<string, unknown>>, reasons = 0): Score {
  const result = model.score(lead, reasons);
  if (result.status !== "scored") throw new Error(JSON.stringify(result));
  return result;
}

test("a model with linear leaves scores, one by one and together, and gives no reasons", async () => {
  const linear = await loadPackage(filesOf(grovePackage({ linearLeaves: true })), { goldenRows: "all" });
  expect(linear.noReasons).toBe("its leaves are lines");
  expect(model.noReasons).toBeNull();
  const alone = groveLeads.map((lead) => linear.score(lead, 3));
  const leads = groveLeads.map((lead) => [lead, lead] as const);
  expect([...scoreTogether(leads, linear.startLeads(3))].map(([, result]) => result)).toEqual(alone);
  const probabilities = alone.map((result) => (result.status === "scored" ? result.probability : null));
  expect(alone.every((result) => !("reasons" in result))).toBe(true);
  // Hour is missing in some: there the leaves' plain values count, as in the package without lines.
  const plain = groveLeads.map((lead) => model.score(lead, 0));
  const same = plain.map(
    (result, i) => result.status === "scored" && result.probability === probabilities[i],
  );
  expect(new Set(same.slice(0, 5))).toEqual(new Set([true, false]));
});

describe("score", () => {
  it("answers with reasons that add up to the margin, the strongest first", () => {
    for (const lead of groveLeads.slice(0, 5)) {
      const { probability, reasons } = scored(lead, 3);
      if (reasons === undefined) throw new Error("no reasons");
      const shown = [...reasons.raises, ...reasons.lowers];
      const margin = shown.reduce(
        (sum, { contribution }) => sum + contribution,
        reasons.baseline + reasons.other,
      );
      expect(1 / (1 + Math.exp(-margin))).toBeCloseTo(probability, 12);
      const raises = reasons.raises.map(({ contribution }) => contribution);
      const lowers = reasons.lowers.map(({ contribution }) => contribution);
      expect(raises).toEqual(raises.toSorted((a, b) => b - a));
      expect(lowers).toEqual(lowers.toSorted((a, b) => a - b));
      expect(raises.every((each) => each > 0) && lowers.every((each) => each < 0)).toBe(true);
      expect(Math.max(raises.length, lowers.length)).toBeLessThanOrEqual(3);
    }
  });

  it("leaves nothing over when every reason is shown, and has none unless asked", () => {
    const lead = groveLeads[0] ?? {};
    expect(scored(lead, 20).reasons?.other).toBeCloseTo(0, 12);
    expect(scored(lead).reasons).toBeUndefined();
  });

  it("tells values in sentences: labels, units, missing and assumed ones", () => {
    const texts = (lead: Readonly<Record<string, unknown>>) => {
      const { raises, lowers } = scored(lead, 20).reasons ?? { raises: [], lowers: [] };
      return Object.fromEntries(
        [...raises, ...lowers].map(({ field, text, value }) => [field, [value, text]]),
      );
    };
    const told = { ...texts(groveLeads[0] ?? {}), ...texts({ Spend: 0.1 + 0.2 }) };
    const first = texts(groveLeads[0] ?? {});
    expect(first.Visits).toEqual([3, "Visits is 3 visits"]);
    expect(first.Source).toEqual(["web", "Lead source is web"]);
    expect(first.Size).toEqual(["large", "Size is large"]);
    // The model sees Seen only as the age of the lead.
    expect(first.Seen).toEqual([8.5, "Age of the lead is 8.5 days"]);
    expect(told.Source).toEqual([null, "Lead source is missing"]);
    expect(told.Member ?? [false, "Member is missing, taken as no"]).toEqual([
      false,
      "Member is missing, taken as no",
    ]);
    expect(told.Spend).toEqual([0.1 + 0.2, "Spend is 0.3"]);
  });

  it("warns once a kind, in order, naming fields and no values", () => {
    const { warnings, completeness } = scored({
      Visits: 400,
      Source: "elsewhere",
      Spend: 0.25,
      Colour: "red",
      Phone: "1",
      Lead: "7",
    });
    expect(warnings.map(({ code, fields }) => [code, fields])).toEqual([
      ["missing_fields", ["Size", "Created", "Seen"]],
      ["out_of_bounds", ["Visits"]],
      ["unknown_fields", ["Colour"]],
      ["unseen_categories", ["Source"]],
    ]);
    expect(JSON.stringify(warnings)).not.toMatch(/400|elsewhere|red/);
    expect(completeness).toBeCloseTo(3 / 7, 12);
  });

  it("rejects with the key as it was written", () => {
    const result = model.score({ " VISITS": "many", Source: ["a"], Created: "2026-02-30", Spend: "1,5" }, 0);
    expect(result.status === "rejected" && result.errors.map(({ code, field }) => [code, field])).toEqual([
      ["invalid_integer", " VISITS"],
      ["invalid_type", "Source"],
      ["invalid_timestamp", "Created"],
      ["invalid_number", "Spend"],
    ]);
    expect(model.score({}, 0)).toMatchObject({
      status: "rejected",
      errors: [{ code: "required", field: "Spend" }],
    });
    const twice = model.score({ Spend: 1, spend: 2 }, 0);
    expect(twice).toMatchObject({ errors: [{ code: "duplicate_field", field: "spend" }] });
  });

  it("takes keys that objects have of their own as unknown fields", () => {
    const lead = JSON.parse('{"Spend": 1, "__proto__": {"Visits": 9}, "constructor": 1, "toString": 2}');
    const { warnings } = scored(lead);
    expect(warnings.find(({ code }) => code === "unknown_fields")?.fields).toEqual([
      "__proto__",
      "constructor",
      "toString",
    ]);
    expect(warnings.find(({ code }) => code === "missing_fields")?.fields).toContain("Visits");
  });

  it("does not depend on what was scored before", () => {
    const alone = groveLeads.map((lead) => JSON.stringify(model.score(lead, 3)));
    const backwards = groveLeads.toReversed().map((lead) => JSON.stringify(model.score(lead, 3)));
    expect(backwards.toReversed()).toEqual(alone);
  });
});

function scoreRow(bound: BoundHeader, cells: readonly RawValue[], reasons: number) {
  const together = bound.startRows(reasons);
  together.add(cells);
  return together.finish()[0];
}

describe("bindHeader", () => {
  it("finds every column, and scores rows as leads", () => {
    const bound = model.bindHeader([
      "lead",
      "Colour",
      "SPEND",
      "Visits",
      "bought",
      "phone",
      "Source",
      "",
      " ",
    ]);
    expect(bound).toMatchObject({
      fieldColumns: 3,
      leadIdColumn: 0,
      targetColumn: 4,
      unknownColumns: ["Colour"],
      missingRequired: [],
    });
    const byPosition = scoreRow(bound, ["7", "red", "0.5", "3", "yes", "", "Web"], 3);
    expect(byPosition).toEqual(model.score({ Spend: "0.5", Visits: "3", Source: "Web" }, 3));
  });

  it("tells the columns of errors as the file names them", () => {
    const bound = model.bindHeader(["SPEND", "visits"]);
    expect(scoreRow(bound, ["x", "1"], 0)).toMatchObject({
      errors: [{ code: "invalid_number", field: "SPEND" }],
    });
    expect(scoreRow(bound, [], 0)).toMatchObject({ errors: [{ code: "required", field: "SPEND" }] });
  });

  it("tells of required fields without a column, and refuses two columns for one field", () => {
    expect(model.bindHeader(["Visits"]).missingRequired).toEqual(["Spend"]);
    expect(() => model.bindHeader(["Visits", "visits "])).toThrow(HeaderError);
  });

  it("scores rows together as it scores them alone", () => {
    const header = ["Visits", "Source", "Member", "Size", "Created", "Seen", "Spend"];
    const bound = model.bindHeader(header);
    const rows = groveLeads.map((lead) => header.map((name) => lead[name] as RawValue));
    for (const reasons of [0, 3]) {
      const together = bound.startRows(reasons);
      for (const count of [0, rows.length, 2]) {
        const some = rows.slice(0, count);
        // The cells may be written again as soon as they are read.
        const cells: RawValue[] = [];
        for (const row of some) {
          cells.splice(0, cells.length, ...row);
          together.add(cells);
        }
        expect(together.finish()).toEqual(some.map((row) => scoreRow(bound, row, reasons)));
      }
    }
  });
});

describe("scoreTogether", () => {
  it("gives leads what they get alone, in their places, however many there are", () => {
    for (const count of [0, 1, 64, 65, 200]) {
      const leads = Array.from({ length: count }, (_, index) => {
        if (index % 7 === 3) return undefined;
        const lead = { ...groveLeads[index % groveLeads.length], [`Unknown${index % 5}`]: 1 };
        return index % 11 === 5 ? { ...lead, Spend: "much" } : lead;
      });
      for (const reasons of [0, 3]) {
        const entries = leads.map((lead, index) => [index, lead] as const);
        expect([...scoreTogether(entries, model.startLeads(reasons))]).toEqual(
          leads.map((lead, index) => [index, lead && model.score(lead, reasons)]),
        );
      }
    }
  });
});
