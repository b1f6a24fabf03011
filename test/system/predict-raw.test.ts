/** `leadgauge predict-raw` as a person calls it; what it answers is that of test/models, what the libraries answered. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { leadgauge, scratchDirectory } from "./cli.ts";

const home = scratchDirectory();
const models = fileURLToPath(new URL("../models", import.meta.url));
const names = "xgboost-3.3.0-names";
const classes = "xgboost-2.1.4-multi-softprob";
const expected = (name: string) => JSON.parse(readFileSync(join(models, `${name}.expected.json`), "utf8"));
const model = (name: string) => join(models, expected(name).model);

beforeAll(() => {
  mkdirSync(home, { recursive: true });
  for (const name of [names, classes]) {
    const rows: (number | string | null)[][] = expected(name).rows;
    writeFileSync(
      join(home, `${name}.csv`),
      rows.map((row) => `${row.map((x) => x ?? "").join()}\n`).join(""),
    );
  }
  writeFileSync(
    join(home, "names.csv"),
    '1,-2,,0,0,"black and white",14\r\n1,-2,nan,0,0,green,\r\n-inf,Infinity,1e-45,0,0,4,17',
  );
  writeFileSync(join(home, "codes.csv"), "1,-2,,0,0,3,14\n1,-2,,0,0,1,\n-inf,inf,1e-45,0,0,4,17\n");
  writeFileSync(join(home, "pickle.json"), "\x80\x04\x95");
  writeFileSync(join(home, "header.csv"), "age,visits,a,b,c,d,e\n1,2,3,4,5,1,11\n");
  writeFileSync(join(home, "short.csv"), "1,2,3,4,5,1,11\n1,2,3\n");
  writeFileSync(join(home, "colour.csv"), "1,2,3,4,5,purple,11\n");
  writeFileSync(join(home, "category.csv"), "1,2,3,4,5,red,9\n");
});

const run = (name: string, rows: string, ...words: string[]) =>
  leadgauge(home, ["predict-raw", "--model", model(name), "--rows", rows, ...words]);
const numbers = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(",").map(Number));

describe("predict-raw", () => {
  it("margins: a line a row, a column a class, each the very double", async () => {
    const { code, stdout, stderr } = await run(classes, `${classes}.csv`);
    expect([code, stderr]).toEqual([0, ""]);
    expect(numbers(stdout)).toEqual(expected(classes).margins);
  });

  it("--transform and --contributions", async () => {
    const probabilities = numbers((await run(classes, `${classes}.csv`, "--transform")).stdout);
    expect(probabilities.flat().length).toBe(expected(classes).outputs.flat().length);
    expected(classes)
      .outputs.flat()
      .forEach((value: number, i: number) => {
        expect(probabilities.flat()[i]).toBeCloseTo(value, 7);
      });
    const contributions = numbers((await run(classes, `${classes}.csv`, "--contributions")).stdout);
    expected(classes).contributions.forEach((row: number[], i: number) => {
      expect(contributions[i]?.length).toBe(row.length);
      for (const [k, value] of row.entries()) expect(contributions[i]?.[k]).toBeCloseTo(value, 4);
    });
  });

  it("categories by name, missing values, infinities, quotes and line ends", async () => {
    const byName = await run(names, "names.csv");
    expect(byName).toMatchObject({ code: 0, stderr: "" });
    const lines = byName.stdout.split("\n");
    const byCode = await run(names, "codes.csv");
    expect(byCode.stdout.split("\n")).toEqual(lines);
  });

  it.each([
    [
      "header.csv",
      /^leadgauge: header\.csv: line 1, cell 1 \("f0 ü"\): "age"; a number, .* rows have no header\.\n$/,
    ],
    ["short.csv", /^leadgauge: short\.csv: line 2 has 3 cells, the model 7 features\.\n$/],
    ["colour.csv", /: line 1, cell 6 \("f5 ü"\): "purple"; a category is expected, such as "red"/],
    ["category.csv", /: line 1, cell 7 \("f6 ü"\): "9"; a category is expected, such as 10/],
    ["none.csv", /^leadgauge: There is no file none\.csv\.\n$/],
  ])("refuses %s with one line", async (rows, message) => {
    const { code, stderr } = await run(names, rows);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr.split("\n").length).toBe(2);
  });

  it("refuses a bad model with one line", async () => {
    const refused = await leadgauge(home, ["predict-raw", "--model", "pickle.json", "--rows", "names.csv"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^leadgauge: pickle\.json: byte 0: .+\n$/);
    const both = await run(names, "names.csv", "--transform", "--contributions");
    expect([both.code, both.stderr]).toEqual([
      1,
      "leadgauge: predict-raw takes --transform or --contributions, not both.\n",
    ]);
    const best = await run(names, "names.csv", "--rounds", "best");
    expect(best.stderr).toMatch(/records no best iteration/);
  });
});
