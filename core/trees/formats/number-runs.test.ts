import fc from "fast-check";
import { expect, test } from "vitest";
import { NumberRuns } from "./number-runs.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** All numbers of a text, and how many of them came in runs: where a run ends, the next number is read as JavaScript reads it. */
function readAll(text: string, separator: "," | " ", whole = false): { numbers: number[]; inRuns: number } {
  const bytes = bytesOf(text);
  const runs = new NumberRuns(bytes, separator);
  const numbers: number[] = [];
  let inRuns = 0;
  for (let at = 0; at < bytes.length; ) {
    const run = runs.read(at, whole);
    inRuns += run.length;
    numbers.push(...run);
    if (runs.end === bytes.length) break;
    const next = text.indexOf(separator, runs.end);
    const end = next < 0 ? bytes.length : next;
    numbers.push(Number(text.slice(runs.end, end)));
    at = end + 1;
  }
  return { numbers, inRuns };
}

/** Written by JavaScript, C and Python, from the shortest form to more digits than a double has. */
const written = fc
  .tuple(
    fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, min: -100, max: 100 }),
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.bigInt({ min: 0n, max: 2n ** 70n }),
    ),
    fc.nat(4),
  )
  .map(([number, form]) => {
    if (typeof number === "bigint" || form === 0) return String(number);
    if (form === 1) return number.toPrecision(17);
    if (form === 2) return number.toExponential(8).toUpperCase();
    return form === 3 ? number.toPrecision(19) : number.toFixed(12);
  });

test("the doubles are those of JavaScript, whatever way they are written", () => {
  fc.assert(
    fc.property(fc.array(written, { minLength: 1 }), fc.constantFrom(",", " "), (texts, separator) => {
      const { numbers } = readAll(texts.join(separator), separator as "," | " ");
      expect(numbers).toEqual(texts.map(Number));
    }),
    { numRuns: 2_000 },
  );
});

test("numbers in the middle between two doubles go to the even one", () => {
  const halves = Array.from({ length: 50 }, (_, i) => `${4_503_599_627_370_496n + BigInt(i)}.5`);
  const odd = Array.from({ length: 50 }, (_, i) => String(2n ** 53n + BigInt(i)));
  const great = Array.from({ length: 50 }, (_, i) => String(2n ** 63n - 1024n + BigInt(i * 64)));
  const close = odd.map((text) => `${text}01e-2`);
  const texts = [...halves, ...odd, ...great, ...close, "0.5"];
  const { numbers, inRuns } = readAll(texts.join(" "), " ");
  expect(numbers).toEqual(texts.map(Number));
  expect(inRuns).toBe(texts.length - 1);
});

test("a long text is read through its windows, and nearly all of it in runs", () => {
  const texts = Array.from({ length: 40_000 }, (_, i) => String(Math.fround(Math.sin(i)) / 3));
  const { numbers, inRuns } = readAll(texts.join(" ,\n"), ",");
  expect(numbers).toEqual(texts.map(Number));
  expect(inRuns).toBeGreaterThan(39_900);
});

test.each([
  ["", ","],
  ["1", ","],
  ["1]", ","],
  ["1 2,", ","],
  ["01,2", ","],
  ["1.,2", ","],
  [".5,2", ","],
  ["+1,2", ","],
  ["1e,2", ","],
  ["-,2", ","],
  ["-0,2", ","],
  ["NaN,2", ","],
  ["18446744073709551616,2", ","],
  ["0.00000000000000000000000000000000000000000000000000000000000000,2", ","],
  ["1e23,2", ","],
  ["1,2", " "],
  ["1\t2", " "],
  ["1\n2", " "],
] as const)("%j is left", (text, separator) => {
  const runs = new NumberRuns(bytesOf(text), separator);
  expect(runs.read(0)).toHaveLength(0);
  expect(runs.end).toBe(0);
});

test("numbers that are not written as whole ones are left where whole ones are asked for", () => {
  const runs = new NumberRuns(bytesOf("1 -2 3.0 4"), " ");
  expect([...runs.read(0, true)]).toEqual([1, -2]);
  expect(runs.end).toBe(5);
  expect([...runs.read(5, true)]).toEqual([]);
  expect([...runs.read(5)]).toEqual([3]);
});
