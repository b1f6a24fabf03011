import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RawModel } from "../../core/trees/index.ts";
import { rawRows } from "./raw-rows.ts";

const codes = (...categories: (string | number)[]) => new Map(categories.map((each, code) => [each, code]));
const categories = [undefined, codes("red", " led ", "3"), codes(10, 2.5)];

async function rowsOf(text: string, about: Partial<RawModel>): Promise<number[][]> {
  const folder = mkdtempSync(join(tmpdir(), "leadgauge-rows-"));
  try {
    const path = join(folder, "rows.csv");
    writeFileSync(path, text);
    const rows: number[][] = [];
    for await (const row of rawRows(path, { features: 3, categories, ...about } as RawModel))
      rows.push([...row]);
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const cells = '1,red,10\n0,"3",2.5\n0," led ",1e1\n, ,nan\n';
const unknown = "5,purple,11";

test("categories by name or number, spaces of a quoted one, missing values", async () => {
  const expected = [
    [1, 0, 0],
    [0, 2, 1],
    [0, 1, 0],
    [Number.NaN, Number.NaN, Number.NaN],
  ];
  for (const format of ["xgboost-json", "leadgauge-predictor"] as const) {
    expect(await rowsOf(cells, { format })).toEqual(expected);
  }
});

test("a category that isn't known is missing where the library takes it so, else refused", async () => {
  const missing = { unknownCategoriesAreMissing: true };
  expect(await rowsOf(unknown, { format: "leadgauge-predictor", ...missing })).toEqual([
    [5, Number.NaN, Number.NaN],
  ]);
  expect(await rowsOf("5,purple,", { format: "lightgbm-text", ...missing })).toEqual([
    [5, Number.NaN, Number.NaN],
  ]);
  await expect(rowsOf(unknown, { format: "xgboost-json" })).rejects.toThrow(
    /"purple"; a category is expected/,
  );
  // A header is no row of categories either.
  await expect(rowsOf("a,b,c", { format: "lightgbm-text", ...missing })).rejects.toThrow(
    /rows have no header/,
  );
});

test("a name's code may stand in its place, but for scikit-learn, which has none; LightGBM takes every number for one", async () => {
  expect(await rowsOf("5,1,10", { format: "xgboost-json" })).toEqual([[5, 1, 0]]);
  expect(await rowsOf("5,1,10", { format: "lightgbm-text", unknownCategoriesAreMissing: true })).toEqual([
    [5, 1, 10],
  ]);
  const ofScikitLearn = { format: "leadgauge-predictor", unknownCategoriesAreMissing: true } as const;
  expect(await rowsOf("5,1,10", ofScikitLearn)).toEqual([[5, Number.NaN, 0]]);
});
