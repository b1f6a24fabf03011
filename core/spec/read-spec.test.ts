import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inputJsonSchema } from "./input-schema.ts";
import { readSpec } from "./read-spec.ts";

const read = (name: string) => readFileSync(new URL(`../../specs/${name}.json`, import.meta.url), "utf8");
const shipped = ["x-education", "codepro", "extraalearn", "real-estate"];

/** A small spec with `parts` in place of its own. */
function specText(parts: object): string {
  return JSON.stringify({
    specVersion: 1,
    name: "sample",
    title: "A sample",
    fields: [
      { name: "Visits", type: "number", knownAt: "engagement" },
      { name: "Source", type: "category", knownAt: "at-creation" },
      { name: "Created", type: "timestamp", knownAt: "at-creation" },
    ],
    features: [{ input: "Visits", encode: "number" }],
    target: {
      field: "Bought",
      kind: "binary",
      classes: [
        { name: "no", values: ["0"] },
        { name: "yes", values: ["1"] },
      ],
    },
    tiers: [
      { name: "Hot", minimumProbability: 0.5, action: "Call" },
      { name: "Cold", action: "Wait" },
    ],
    ...parts,
  });
}

const field = (more: object) => ({ fields: [{ name: "Visits", knownAt: "engagement", ...more }] });

describe("readSpec", () => {
  it.each(shipped)("accepts the shipped spec %s", (name) => {
    expect(readSpec(read(name)).problems).toEqual([]);
  });

  it.each<[string, object, string, RegExp]>([
    ["an unknown key", { feilds: [] }, "/feilds", /Did you mean "fields"\?/],
    ["a missing key", { title: undefined }, "", /lacks the key "title"/],
    [
      "a wrong type",
      field({ type: "numbre" }),
      "/fields/0/type",
      /Did you mean "number"\? Allowed: number, integer/,
    ],
    [
      "a key of another type",
      field({ type: "category", unit: "m" }),
      "/fields/0/unit",
      /Allowed are .*groups/,
    ],
    [
      "a wrong value",
      field({ type: "number", bounds: { min: "1", beyond: "clip" } }),
      "/fields/0/bounds/min",
      /must be a number; it is a text/,
    ],
    ["no moment", { fields: [{ name: "Visits", type: "number" }] }, "/fields/0", /lacks the key "knownAt"/],
    [
      "bounds the wrong way round",
      field({ type: "number", bounds: { min: 2, max: 1, beyond: "clip" } }),
      "/fields/0/bounds/min",
      /above max/,
    ],
    [
      "a name twice",
      {
        fields: [
          { name: "Visits", type: "number", knownAt: "engagement" },
          { name: " VISITS", type: "number", knownAt: "engagement" },
        ],
      },
      "/fields/1/name",
      /already the name of field 1/,
    ],
    [
      "the target as a field",
      { fields: [{ name: "Visits", type: "number", knownAt: "engagement", aliases: ["bought"] }] },
      "/target/field",
      /already the name of field 1/,
    ],
    [
      "an unknown input",
      { features: [{ input: "Vists", encode: "number" }] },
      "/features/0/input",
      /Did you mean "Visits"\?/,
    ],
    [
      "an encoding that does not fit",
      { features: [{ input: "Source", encode: "number" }] },
      "/features/0/encode",
      /use one-hot or native/,
    ],
    [
      "an imputation that does not fit",
      { features: [{ input: "Visits", encode: "number", impute: "own-category" }] },
      "/features/0/impute",
      /allowed: median/,
    ],
    [
      "a derivation of a text",
      { derived: [{ name: "d", op: "sum", fields: ["Visits", "Source"] }] },
      "/derived/0/fields/1",
      /sum needs numbers/,
    ],
    [
      "a derivation of what comes later",
      {
        derived: [
          { name: "d", op: "sum", fields: ["e"] },
          { name: "e", op: "sum", fields: ["Visits"] },
        ],
      },
      "/derived/0/fields/0",
      /declared before/,
    ],
    [
      "a cycle",
      {
        fields: [{ name: "a", type: "number", knownAt: "engagement", orFrom: { op: "sum", fields: ["a"] } }],
        features: [{ input: "a", encode: "number" }],
      },
      "/fields/0/orFrom/fields/0",
      /without an orFrom/,
    ],
    [
      "a text in two groups",
      field({ type: "category", groups: { a: ["x"], b: [" x"] } }),
      "/fields/0/groups/b/0",
      /belongs to the group "a"/,
    ],
    [
      "a group that is no level",
      field({ type: "ordinal", levels: ["low", "high"], groups: { lwo: ["1"] } }),
      "/fields/0/groups/lwo",
      /not a level/,
    ],
    [
      "a substitute that is no level",
      field({ type: "ordinal", levels: ["low", "high"], missingAs: "none" }),
      "/fields/0/missingAs",
      /not a level/,
    ],
    [
      "a token that means both",
      field({ type: "boolean", trueTokens: ["Y", "NO "] }),
      "/fields/0/trueTokens",
      /means true and false/,
    ],
    [
      "a format of no date",
      field({ type: "timestamp", formats: ["HH:mm"] }),
      "/fields/0/formats/0",
      /lacks YYYY/,
    ],
    [
      "one mark for two things",
      { numberFormat: { decimal: ",", group: "," } },
      "/numberFormat/group",
      /decimal mark as well/,
    ],
    [
      "a label of two classes",
      {
        target: {
          field: "y",
          kind: "binary",
          classes: [
            { name: "a", values: ["0"] },
            { name: "b", values: [" 0"] },
          ],
        },
      },
      "/target/classes/1/values/0",
      /means the class "a"/,
    ],
    [
      "one class",
      { target: { field: "y", kind: "binary", classes: [{ name: "a", values: ["0"] }] } },
      "/target/classes",
      /at least 2 items/,
    ],
    [
      "a last tier with a limit",
      { tiers: [{ name: "Hot", minimumProbability: 0.5, action: "Call" }] },
      "/tiers/0/minimumProbability",
      /last tier/,
    ],
    [
      "rising tiers",
      {
        tiers: [
          { name: "A", minimumProbability: 0.2, action: "x" },
          { name: "B", minimumProbability: 0.3, action: "x" },
          { name: "C", action: "x" },
        ],
      },
      "/tiers/1/minimumProbability",
      /must be below 0.2/,
    ],
    [
      "a hold-out by no time",
      { training: { holdOut: { by: "time", field: "Visits" } } },
      "/training/holdOut/field",
      /not a timestamp field/,
    ],
  ])("explains %s", (_, parts, pointer, message) => {
    const { problems } = readSpec(specText(parts));
    expect(problems.map((problem) => problem.pointer)).toContain(pointer);
    expect(problems.find((problem) => problem.pointer === pointer)?.message).toMatch(message);
  });

  it("tells line and column, and every problem at once", () => {
    const text = '{\n  "specVersion": 2,\n  "name": "x",\n    "tittle": "t" }';
    const { problems } = readSpec(text);
    expect(problems.map(({ line, column, pointer }) => [line, column, pointer])).toEqual(
      expect.arrayContaining([
        [2, 18, "/specVersion"],
        [4, 15, "/tittle"],
      ]),
    );
    expect(problems.length).toBeGreaterThan(4);
  });

  it.each([
    ["nothing", "", /is not JSON/],
    ["a broken document", '{"a": }', /a value is expected here/],
    ["a comment", "{ // why\n}", /JSON has no comments/],
    ["a key twice", '{"a": 1, "a": 2}', /stands twice/],
    ["deep nesting", "[".repeat(200_000), /nested deeper/],
    ["too much", `"${"x".repeat(2_000_000)}"`, /larger than/],
  ])("refuses %s", (_, text, message) => {
    expect(readSpec(text).problems[0]?.message).toMatch(message);
  });

  it("never throws, whatever the document", () => {
    const parts = fc.dictionary(
      fc.constantFrom("fields", "features", "target", "tiers", "derived", "name", "__proto__"),
      fc.json().map((text) => JSON.parse(text)),
    );
    fc.assert(
      fc.property(parts, (document) => {
        const { spec, problems } = readSpec(specText(document));
        expect(spec === undefined).toBe(problems.length > 0);
      }),
      { numRuns: 200 },
    );
  });
});

describe("inputJsonSchema", () => {
  it.each(shipped)("describes every field of %s", (name) => {
    const { spec } = readSpec(read(name));
    if (spec === undefined) throw new Error("not a spec");
    const { properties, required } = inputJsonSchema(spec);
    expect(Object.keys(properties)).toEqual(spec.fields.map((each) => each.name));
    expect(required).toEqual(spec.fields.filter((each) => each.required).map((each) => each.name));
  });
});
