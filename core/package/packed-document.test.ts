import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePacked } from "./packed-document.ts";
import { Shape } from "./shape.ts";

const encoder = new TextEncoder();
const packed = (numbers: Float64Array | Uint8Array) => ({
  type: numbers instanceof Uint8Array ? "uint8" : "float64",
  data: Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString("base64"),
});

/** As a reader finds the arrays of a file: all of them, or why they are refused. */
function read(text: string, keys: readonly string[]): unknown {
  try {
    const { value, arrays } = parsePacked("serving.json", encoder.encode(text));
    const root = new Shape("serving.json", value, undefined, arrays);
    return keys.map((key) => [...root.at(key).packed(undefined, -Number.MAX_VALUE, Number.MAX_VALUE)]);
  } catch (error) {
    return (error as Error).message;
  }
}

/** The same file in another style, whose texts are parsed with the rest. */
const spaced = (text: string) => text.replaceAll('"data":', '"data" :');

test("arrays are the same, whether their texts were decoded before the rest was parsed or with it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 60_000 }), fc.boolean(), fc.integer({ min: 1 })), {
        minLength: 1,
        maxLength: 4,
      }),
      (lists) => {
        const entries = lists.map(([count, isByte, seed], i) => {
          const numbers = Float64Array.from({ length: isByte ? count : count >> 4 }, (_, k) =>
            isByte ? (k * seed) & 255 : k / seed,
          );
          return [`list${i}`, packed(isByte ? Uint8Array.from(numbers) : numbers)] as const;
        });
        const text = JSON.stringify({ title: "é", ...Object.fromEntries(entries) });
        const keys = entries.map(([key]) => key);
        const found = read(text, keys);
        expect(typeof found).toBe("object");
        expect(found).toEqual(read(spaced(text), keys));
      },
    ),
    { numRuns: 30 },
  );
});

test("long arrays are taken out of the document", () => {
  const text = JSON.stringify({ list: packed(new Uint8Array(3000)) });
  const { value } = parsePacked("serving.json", encoder.encode(text));
  expect(JSON.stringify(value)).toBe('{"list":{"type":"uint8","data":"!0"}}');
});

const list = packed(Uint8Array.from({ length: 3000 }, (_, i) => i));
const { data } = list;
const withData = (text: string) => JSON.stringify({ list: { ...list, data: text } });

test.each([
  ["a letter of no alphabet", withData(`${data.slice(0, 1000)}*${data.slice(1001)}`)],
  ["a letter of another alphabet", withData(`${data.slice(0, 1000)}-${data.slice(1001)}`)],
  ["padding within", withData(`${data.slice(0, 1000)}=${data.slice(1001)}`)],
  ["three marks of padding", withData(`${data.slice(0, -3)}===`)],
  ["no multiple of four letters", withData(`${data}AA`)],
  ["an escape", withData(data).replace(data.slice(0, 8), `\\u0041${data.slice(2, 8)}`)],
  ["an escaped quote", withData(`${data.slice(0, 800)}"${data.slice(801)}`)],
  ["letters beyond ASCII", withData(`${data.slice(0, 800)}é${data.slice(801)}`)],
  ["the text that stands for another, as itself", withData("!0")],
  [
    "the text that stands for another, beside it",
    JSON.stringify({ other: list, list: { type: "uint8", data: "!0" } }),
  ],
  [
    "the text that stands for another, escaped",
    JSON.stringify({ other: list, list: { type: "uint8", data: "!0" } }).replace('"!0"', '"\\u00210"'),
  ],
  ["a key that looks like it", JSON.stringify({ 'x"data': data, list })],
  ["the member twice", `{"list":{"type":"uint8","data":"${data}","data":"AAAA"}}`],
  ["no value", `{"list":{"type":"uint8","data":"${data}":1}}`],
  ["text behind it", `{"list":{"type":"uint8","data":"${data}"x}}`],
  ["an end too early", `{"list":{"type":"uint8","data":"${data}`],
])("%s: as when the texts are parsed with the rest", (_, text) => {
  expect(read(text, ["list"])).toEqual(read(spaced(text), ["list"]));
});
