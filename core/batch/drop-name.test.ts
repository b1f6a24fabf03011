import { describe, expect, it } from "vitest";
import { parseDropName } from "./drop-name.ts";
import { isExceeded, parseTolerance, toleranceText } from "./tolerance.ts";

describe("a file's name", () => {
  it.each([
    ["leads.csv", "csv", "leads.scored.csv", "leads.top.csv", "leads.errors.csv"],
    ["leads.2026.CSV.GZ", "csv", "leads.2026.scored.csv.gz", "leads.2026.top.csv", "leads.2026.errors.csv"],
    ["a b.tsv", "csv", "a b.scored.tsv", "a b.top.tsv", "a b.errors.csv"],
    ["leads.jsonl", "jsonl", "leads.scored.jsonl", "leads.top.jsonl", "leads.errors.csv"],
    ["leads.ndjson.gz", "jsonl", "leads.scored.ndjson.gz", "leads.top.ndjson", "leads.errors.csv"],
    ["leads.parquet", "parquet", "leads.scored.parquet", "leads.top.parquet", "leads.errors.csv"],
  ])("%s tells its format and what its results are called", (name, format, scored, top, errors) => {
    expect(parseDropName(name)).toMatchObject({ format, scored, top, errors });
  });

  it.each(["leads", "leads.xlsx", ".csv", "leads.csv.zip", "leads.parquet.gz"])("%s is refused", (name) => {
    expect(() => parseDropName(name)).toThrow("The name must end in");
  });
});

describe("a tolerance", () => {
  it("is a share or a number of rows", () => {
    expect(parseTolerance("5%")).toEqual({ share: 0.05 });
    expect(parseTolerance("0.5%")).toEqual({ share: 0.005 });
    expect(parseTolerance("100")).toEqual({ rows: 100 });
    for (const wrong of ["", "-1", "101%", "5 %", "five", "1e3", "0x10"])
      expect(parseTolerance(wrong)).toBeUndefined();
    for (const text of ["5%", "0.7%", "12", "100%"])
      expect(toleranceText(parseTolerance(text) ?? { rows: -1 })).toBe(text);
  });

  it("is exceeded by more than it, not by as much", () => {
    expect(isExceeded({ rows: 2 }, 2, 10)).toBe(false);
    expect(isExceeded({ rows: 2 }, 3, 10)).toBe(true);
    expect(isExceeded({ share: 0.2 }, 2, 10)).toBe(false);
    expect(isExceeded({ share: 0.2 }, 3, 10)).toBe(true);
    expect(isExceeded({ share: 0 }, 1, 10)).toBe(true);
  });
});
