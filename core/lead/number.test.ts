import fc from "fast-check";
import { expect, test } from "vitest";
import { numberParser } from "./number.ts";
import { timestampExample, timestampParser } from "./timestamp.ts";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

test("every text of a double reads as that double, in either notation", () => {
  const english = numberParser({ decimal: ".", group: null });
  const german = numberParser({ decimal: ",", group: "." });
  fc.assert(
    fc.property(
      fc.oneof(finite, fc.double({ min: -1e6, max: 1e6, noNaN: true })),
      fc.nat(20),
      (value, digits) => {
        for (const text of [
          String(value),
          value.toExponential(),
          value.toFixed(digits),
          value.toPrecision(digits + 1),
        ]) {
          expect(english(text)).toBe(Number(text) + 0);
          expect(german(text.replace(".", ","))).toBe(Number(text) + 0);
        }
      },
    ),
  );
});

test("group marks stand between groups of three, in the integer part, or not at all", () => {
  const parse = numberParser({ decimal: ",", group: "." });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e15 }), fc.nat(99), (integer, cents) => {
      const text = `${integer.toLocaleString("de-DE")},${cents}`;
      expect(parse(text)).toBe(Number(`${integer}.${cents}`));
    }),
  );
  for (const text of ["1.23", "1.2345", "1234.567", ".123", "1.234.56", "1,234.567", "1..234"]) {
    expect(parse(text), text).toBeNaN();
  }
});

test("any text is a number, an infinity or NaN, and only the contract's grammar is a number", () => {
  const parse = numberParser({ decimal: ".", group: null });
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("0", "7", ".", ",", "e", "E", "-", "+", " ", "x", "_") }),
      (text) => {
        const isNumber = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text.trim());
        expect(parse(text)).toBe(isNumber ? Number(text.trim()) + 0 : Number.NaN);
      },
    ),
  );
});

test("ISO times read as Date reads them, with and without a zone", () => {
  const parse = timestampParser("iso", Number);
  const dates = fc.date({ min: new Date("0001-01-02"), max: new Date("9999-12-30"), noInvalidDate: true });
  fc.assert(
    fc.property(dates, fc.integer({ min: -23 * 60, max: 23 * 60 }), (date, offset) => {
      const text = date.toISOString();
      expect(parse(text)).toBe(date.getTime());
      expect(parse(text.slice(0, -1).replace("T", " "))).toBe(date.getTime());
      expect(parse(text.slice(0, 10))).toBe(Date.parse(text.slice(0, 10)));
      const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
      const zone = `${offset < 0 ? "-" : "+"}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`;
      expect(parse(text.slice(0, -1) + zone)).toBe(date.getTime() - offset * 60_000);
    }),
  );
});

test("other formats read each part where it stands; a date that does not exist is none", () => {
  const parse = timestampParser("DD.MM.YYYY HH:mm", Number);
  expect(parse("05.03.2024 07:45")).toBe(Date.UTC(2024, 2, 5, 7, 45));
  expect(parse("29.02.2024 00:00")).toBe(Date.UTC(2024, 1, 29));
  for (const text of [
    "29.02.2023 00:00",
    "05/03/2024 07:45",
    "5.3.2024 7:45",
    "05.03.2024",
    "31.04.2024 00:00",
    "01.01.2024 24:00",
  ]) {
    expect(parse(text), text).toBeNaN();
  }
});

test.each([
  ["iso", "2024-03-31T10:15:00Z", "2024-03-31T10:15:00Z"],
  ["DD/MM/YYYY", "31/03/2024 (DD/MM/YYYY)", "31/03/2024"],
  ["YYYY.MM.DD, HH:mm:ss", "2024.03.31, 10:15:00 (YYYY.MM.DD, HH:mm:ss)", "2024.03.31, 10:15:00"],
  ["epoch-seconds", "1711880100 (epoch-seconds)", "1711880100"],
  ["epoch-milliseconds", "1711880100000 (epoch-milliseconds)", "1711880100000"],
])("the example of %s is %s, and is read", (format, example, text) => {
  expect(timestampExample(format)).toBe(example);
  expect(timestampParser(format, Number)(text)).toBeGreaterThanOrEqual(Date.UTC(2024, 2, 31));
});
