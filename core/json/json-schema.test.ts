import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasSpecShape } from "../spec/packaged-spec.ts";
import { specSchema } from "../spec/schema.ts";
import { specJsonSchema } from "../spec/shape.ts";
import { type JsonSchema, matches } from "./json-schema.ts";

const shipped = ["x-education", "codepro", "extraalearn", "real-estate"].map((name) =>
  JSON.parse(readFileSync(new URL(`../../specs/${name}.json`, import.meta.url), "utf8")),
);

describe("matches", () => {
  it.each<[JsonSchema, unknown[], unknown[]]>([
    [{ type: "string", minLength: 1, maxLength: 2, pattern: "^a" }, ["a", "ab"], ["", "b", "abc", 1, null]],
    [{ type: "number", minimum: 0, exclusiveMaximum: 1 }, [0, 0.5], [-1, 1, Number.NaN, "0"]],
    [{ type: "number", exclusiveMinimum: 0, maximum: 1 }, [0.5, 1], [0, 2, Infinity]],
    [{ type: "integer" }, [0, -3], [0.5, "1"]],
    [{ type: "boolean" }, [true, false], [0, "true", null]],
    [{ type: "null" }, [null], [0, undefined, {}]],
    [
      { type: "array", items: { type: "null" }, minItems: 1, maxItems: 2 },
      [[null]],
      [[], [1], {}, [null, null, null]],
    ],
    [
      { type: "object", properties: { a: { const: 1 } }, required: ["a"], additionalProperties: false },
      [{ a: 1 }],
      [{}, { a: 2 }, { a: 1, b: 1 }, [], null, JSON.parse('{"a":1,"__proto__":1}'), { a: 1, toString: 1 }],
    ],
    [
      {
        type: "object",
        propertyNames: { type: "string", maxLength: 1 },
        additionalProperties: { enum: ["x", 2] },
      },
      [{}, { a: "x", b: 2 }],
      [{ ab: "x" }, { a: "y" }],
    ],
    [{ oneOf: [{ type: "string" }, { const: "a" }] }, ["b"], ["a", 1]],
    [{ anyOf: [{ type: "string" }, { const: 1 }] }, ["b", 1], [2, null]],
  ])("%j", (schema, right, wrong) => {
    expect(right.filter((value) => !matches(schema, value))).toEqual([]);
    expect(wrong.filter((value) => matches(schema, value))).toEqual([]);
  });

  it("knows every keyword of the published schema of specs", () => {
    const known = new Set(
      "type const enum oneOf anyOf properties required additionalProperties propertyNames items minItems maxItems minLength maxLength pattern minimum maximum exclusiveMinimum exclusiveMaximum $schema title description".split(
        " ",
      ),
    );
    const unknown = new Set<string>();
    const visit = (schema: unknown): void => {
      if (typeof schema !== "object" || schema === null) return;
      for (const [keyword, value] of Object.entries(schema)) {
        if (!known.has(keyword)) unknown.add(keyword);
        if (keyword === "properties") for (const each of Object.values(value)) visit(each);
        else if (keyword === "oneOf" || keyword === "anyOf") for (const each of value) visit(each);
        else
          visit(
            keyword === "items" || keyword === "propertyNames" || keyword === "additionalProperties"
              ? value
              : null,
          );
      }
    };
    visit(specJsonSchema());
    expect([...unknown]).toEqual([]);
  });
});

describe("hasSpecShape", () => {
  it.each(shipped)("takes the shipped spec of $name", (spec) => expect(hasSpecShape(spec)).toBe(true));

  it("says yes exactly where the schema of the code does", () => {
    const oddities = fc.oneof(
      fc.constantFrom<unknown>(
        "",
        null,
        -1,
        0,
        0.5,
        1e308,
        true,
        [],
        {},
        "number",
        "x".repeat(300),
        2 ** 60,
        undefined,
      ),
      fc.jsonValue(),
    );
    const verdicts = { yes: 0, no: 0 };
    fc.assert(
      fc.property(
        fc.constantFrom(...shipped),
        fc.infiniteStream(fc.nat()),
        oddities,
        (spec, choices, oddity) => {
          const document = damaged(structuredClone(spec), choices, oddity);
          const expected = specSchema.safeParse(document, { jitless: true }).success;
          verdicts[expected ? "yes" : "no"]++;
          expect(hasSpecShape(document)).toBe(expected);
        },
      ),
      { numRuns: 1_500 },
    );
    expect(Math.min(verdicts.yes, verdicts.no)).toBeGreaterThan(50);
  }, 30_000);
});

/** One place somewhere in the document is replaced, removed or given a member more. */
function damaged(document: unknown, choices: Iterator<number>, oddity: unknown): unknown {
  const next = (below: number) => (choices.next().value as number) % below;
  let place = document as Record<string, unknown>;
  for (;;) {
    const keys = Object.keys(place);
    const inner = keys.filter((key) => typeof place[key] === "object" && place[key] !== null);
    if (inner.length > 0 && next(4) > 0) {
      place = place[inner[next(inner.length)] as string] as Record<string, unknown>;
      continue;
    }
    const key = keys[next(Math.max(1, keys.length))] ?? "added";
    const kind = next(4);
    if (kind === 0 && !Array.isArray(place)) delete place[key];
    else if (kind === 1 && Array.isArray(place)) place.push(oddity);
    else if (kind === 1) place.added = oddity;
    else place[key] = oddity;
    return JSON.parse(JSON.stringify(document));
  }
}
