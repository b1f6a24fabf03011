import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { tinyPackage } from "../tiny-package.ts";
import { leadgauge, scratchDirectory, writePackage } from "./cli.ts";

const home = scratchDirectory();
const model = join(home, "model");
const { version } = tinyPackage();

beforeAll(() => {
  mkdirSync(model);
  writePackage(model, tinyPackage());
  writeFileSync(join(home, "leads.csv"), "Lead,Visits,Bought\nL1,6,yes\nL2,1,no\nL3,x,no\nL4,3,yes\n");
  writeFileSync(join(home, "bad.csv"), "Lead,Visits\nL1,x\nL2,y\nL3,1\n");
  writeFileSync(join(home, "empty.csv"), "");
});

const run = (...words: string[]) => leadgauge(home, words);

describe("leadgauge", () => {
  it("tells its commands, and each of them its options", async () => {
    const overview = await run("--help");
    expect(overview.code).toBe(0);
    for (const command of [
      "score",
      "train",
      "init",
      "evaluate",
      "validate",
      "register",
      "models",
      "generate",
    ]) {
      expect(overview.stdout).toContain(`  ${command} `);
    }
    const help = await run("score", "--help");
    expect(help.code).toBe(0);
    expect(help.stdout).toMatch(/^Usage: leadgauge score --model NAME_OR_DIR --out DIR FILE \[options\]$/m);
    expect((await run()).code).toBe(1);
  });

  it.each([
    [["scoer"], 'There is no command "scoer". Did you mean "score"?'],
    [["score", "--reason", "3"], 'score has no option --reason. Did you mean "--reasons"?'],
    [["score", "leads.csv", "--out", "out"], "score needs --model NAME_OR_DIR."],
    [["score", "--model", "model", "--out", "out"], "score needs FILE."],
    [["score", "a", "b", "--model", "m", "--out", "o"], 'score does not expect "b".'],
    [["score", "leads.csv", "--model", "--out", "out"], "--model needs a value"],
    [
      ["score", "leads.csv", "--model", "model", "--out", "out", "--reasons", "21"],
      "a whole number from 0 to 20",
    ],
    [
      ["score", "leads.csv", "--model", "model", "--out", "out", "--tolerance", "lots"],
      '--tolerance is "lots"',
    ],
    [["score", "none.csv", "--model", "model", "--out", "out"], "There is no file none.csv."],
    [["score", "leads.csv", "--model", "no-such", "--out", "out"], 'There is no model "no-such".'],
    [["score", "leads.csv", "--model", "../up", "--out", "out"], '"../up" is neither a directory'],
    [["score", "leads.csv", "--model", "model", "--out", "leads.csv"], "leads.csv"],
    [["score", "leads.csv", "--model", "model", "--out", "model"], "name another directory"],
    [["score", "model", "--model", "model", "--out", "out"], "model is no file."],
    [["validate"], "validate needs --model NAME_OR_DIR or --spec FILE"],
    [["evaluate", "--model", "model", "--data", "leads.xlsx"], "There is no file leads.xlsx."],
  ])("says in a line what is wrong with %j", async (words, message) => {
    const { code, stdout, stderr } = await run(...words);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});

describe("leadgauge score", () => {
  it("scores a file: exit code 0, a summary, three files", async () => {
    const { code, stdout, stderr } = await run(
      "score",
      "--model",
      "model",
      "leads.csv",
      "--out",
      "scored",
      "--top=2",
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`leads.csv with tiny ${version}: 4 rows in, 3 scored, 1 rejected`);
    expect(readdirSync(join(home, "scored")).sort()).toEqual([
      "leads.errors.csv",
      "leads.scored.csv",
      "leads.top.csv",
      "manifest.json",
    ]);
  });

  it("ends with 2 where nothing could be scored, 3 beyond the tolerance, the errors kept", async () => {
    const empty = await run("score", "--model", "model", "empty.csv", "--out", "empty");
    expect(empty.code).toBe(2);
    expect(empty.stderr).toContain("The file is empty");
    const bad = await run("score", "--model", "model", "bad.csv", "--out", "bad");
    expect(bad.code).toBe(3);
    expect(bad.stderr).toContain("2 of 3 rows were rejected, more than the tolerance of 50%");
    expect(readdirSync(join(home, "bad")).sort()).toEqual(["bad.errors.csv", "manifest.json"]);
    expect((await run("score", "--model", "model", "bad.csv", "--out", "bad", "--tolerance", "2")).code).toBe(
      0,
    );
    expect((await run("score", "--model", "model", "bad.csv", "--out", "bad", "--tolerance", "1")).code).toBe(
      3,
    );
    expect(readdirSync(join(home, "bad")).sort()).toEqual(["bad.errors.csv", "manifest.json"]);
  });

  it("refuses a damaged package by name", async () => {
    const damaged = join(home, "damaged");
    mkdirSync(damaged);
    writePackage(damaged, tinyPackage());
    writeFileSync(join(damaged, "spec.json"), "{}");
    const { code, stderr } = await run("score", "--model", "damaged", "leads.csv", "--out", "refused");
    expect(code).toBe(1);
    expect(stderr).toContain("spec.json");
  });

  it("takes paths from where npm was called", async () => {
    const env = { npm_lifecycle_event: "leadgauge", INIT_CWD: home };
    Object.assign(process.env, env);
    try {
      const { code } = await leadgauge(
        home,
        ["score", "--model", "model", "leads.csv", "--out", "by-npm"],
        "/",
      );
      expect(code).toBe(0);
      expect(readdirSync(home)).toContain("by-npm");
    } finally {
      for (const name of Object.keys(env)) delete process.env[name];
    }
  });
});

describe("leadgauge register, models, validate, evaluate", () => {
  it("register a package, list it, score by its name", async () => {
    const registered = await run("register", "--model", "model", "--stage", "production");
    expect(registered).toMatchObject({ code: 0, stderr: "" });
    expect(registered.stdout).toBe(`tiny v1 (${version}) is registered\ntiny v1 is in production\n`);
    expect((await run("models")).stdout).toMatch(new RegExp(`^tiny\\n  v1 +${version}  .* production$`, "m"));
    expect((await run("score", "--model", "tiny", "leads.csv", "--out", "by-name")).code).toBe(0);
    const misspelt = await run("score", "--model", "tinny", "leads.csv", "--out", "by-name");
    expect(misspelt.stderr).toContain('Did you mean "tiny"?');
  });

  it("validate a package and a spec", async () => {
    const valid = await run("validate", "--model", "model");
    expect(valid.code).toBe(0);
    expect(JSON.parse(valid.stdout)).toMatchObject({ status: "valid", model: "tiny", version });
    const spec = join(home, "spec.json");
    writeFileSync(spec, readFileSync(join(model, "spec.json")));
    expect((await run("validate", "--spec", "spec.json")).code).toBe(0);
    const pretty = JSON.stringify(JSON.parse(readFileSync(spec, "utf8")), null, 2);
    writeFileSync(spec, pretty.replace('"encode": "number"', '"encode": "nummer"'));
    const wrong = await run("validate", "--spec", "spec.json");
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/^spec\.json:\d+:\d+: \/features\/0\/encode: /m);
  });

  it("evaluate labelled leads as JSON", async () => {
    const { code, stdout } = await run("evaluate", "--model", "model", "--data", "leads.csv");
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.data.rows).toEqual({ in: 4, used: 3, unlabelled: 0, rejected: 1 });
    expect(report.metrics).toMatchObject({ accuracy: 1, rocAuc: 1 });
    expect((await run("evaluate", "--model", "model", "--data", "bad.csv")).code).toBe(2);
  });
});
