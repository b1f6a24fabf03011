import { describe, expect, it } from "vitest";
import { isResultColumn, resultColumns, withoutFormula } from "./result-columns.ts";

describe("our columns", () => {
  it("make texts harmless that a spreadsheet would run", () => {
    for (const start of ["=", "+", "-", "@", "\t", "\r"])
      expect(withoutFormula(`${start}1`)).toBe(`'${start}1`);
    for (const harmless of ["Call", "1-2", "a=b", "", "'=1"]) expect(withoutFormula(harmless)).toBe(harmless);
  });

  it("are known again in a file that was scored before", () => {
    for (const { name } of resultColumns(20)) expect(isResultColumn(` ${name.toUpperCase()}`)).toBe(true);
    expect(isResultColumn("leadgauge_segment")).toBe(false);
  });
});
