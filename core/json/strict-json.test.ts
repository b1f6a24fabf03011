import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explainJson } from "./explain-json.ts";
import { parseStrictJson } from "./strict-json.ts";

function problemOf(text: string) {
  const result = parseStrictJson(text);
  if (result.ok) throw new Error(`taken: ${text}`);
  return result.problem;
}

describe("parseStrictJson", () => {
  it("reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom("", " ", "\n\t"), (json, space) => {
        expect(parseStrictJson(space + json + space)).toEqual({ ok: true, value: JSON.parse(json) });
      }),
    );
  });

  it("keeps quotes and backslashes in strings apart from those around them", () => {
    for (const value of ['a"b', "a\\", '\\"', "{[:", '":"', "\\\\", "\ud83d\ude00"]) {
      const text = JSON.stringify({ [value]: value, other: [value, { [value]: 1 }] });
      expect(parseStrictJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
    }
  });

  it("agrees with JSON.parse on which mangled texts are JSON", () => {
    const mangled = fc
      .tuple(
        fc.json({ maxDepth: 3 }),
        fc.nat(),
        fc.constantFrom("", ",", "}", '"', "\\", "x", "0", "\n", ":"),
      )
      .map(([json, at, char]) => {
        const index = at % (json.length + 1);
        return json.slice(0, index) + char + json.slice(index + (char === "" ? 1 : 0));
      });
    fc.assert(
      fc.property(mangled, (text) => {
        let expected: unknown;
        let malformed = false;
        try {
          expected = JSON.parse(text);
        } catch {
          malformed = true;
        }
        const result = parseStrictJson(text);
        if (malformed) expect(result.ok).toBe(false);
        else if (result.ok) expect(result.value).toEqual(expected);
        else expect(["duplicate_key", "lone_surrogate"]).toContain(result.problem.code);
        if (!result.ok) expect(explainJson(text, 32).ok).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it("says where a text is malformed", () => {
    expect(problemOf('{"a": 1,\n "b": NaN}')).toMatchObject({ code: "malformed", line: 2, column: 7 });
    expect(problemOf('{"a": NaN}').detail).toBe(
      "NaN, which JSON does not have, stands where a value is needed.",
    );
    expect(problemOf("").detail).toContain("empty");
    expect(problemOf('{"a": "x').detail).toContain("no end");
    expect(problemOf("{'a': 1}")).toMatchObject({ line: 1, column: 2 });
    expect(problemOf('{"a":1} x')).toMatchObject({ line: 1, column: 9 });
    expect(problemOf('{"a":1,}')).toMatchObject({ line: 1, column: 8 });
    expect(problemOf('["\t"]').detail).toContain("escape");
  });

  it("refuses equal keys, however they are written", () => {
    expect(problemOf('{"a": 1, "a": 1}')).toMatchObject({ code: "duplicate_key", column: 10 });
    expect(problemOf('{"x": [{"a": 1, "\\u0061": 2}]}').code).toBe("duplicate_key");
    expect(problemOf('{"__proto__": 1, "__proto__": 2}').code).toBe("duplicate_key");
    expect(parseStrictJson('{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}').ok).toBe(true);
  });

  it("keeps __proto__ an ordinary key", () => {
    for (const json of ['{"__proto__": {"x": 1}}', '{"\\u005f_proto__": {"x": 1}, "s": "\\ud83d\\ude00"}']) {
      const result = parseStrictJson(json);
      if (!result.ok) throw new Error("refused");
      expect(Object.keys(result.value as object)[0]).toBe("__proto__");
      expect(Object.getPrototypeOf(result.value)).toBe(Object.prototype);
    }
  });

  it("refuses halves of surrogate pairs, escaped or not", () => {
    for (const half of ["\ud800", "\udc00", "\\ud800", "\\uDFFF", "\\udc00\\ud800", "\\ud800x"]) {
      expect(problemOf(`{"a": "${half}"}`).code).toBe("lone_surrogate");
      expect(problemOf(`{"${half}": 1}`).code).toBe("lone_surrogate");
    }
    expect(parseStrictJson('["\\ud83d\\ude00", "\\\\ud800"]')).toEqual({
      ok: true,
      value: ["😀", "\\ud800"],
    });
  });

  it("bounds the depth before it parses", () => {
    expect(parseStrictJson("[".repeat(32) + "]".repeat(32)).ok).toBe(true);
    expect(problemOf("[".repeat(33) + "]".repeat(33))).toMatchObject({ code: "too_deep", column: 33 });
    expect(problemOf("[".repeat(2_000_000)).code).toBe("too_deep");
    expect(problemOf('{"a":'.repeat(2_000_000)).code).toBe("too_deep");
  });

  it("leaves out a byte order mark", () => {
    expect(parseStrictJson("\ufeff[1]")).toEqual({ ok: true, value: [1] });
  });
});
