/** Models that the real libraries have trained and saved become packages that score as those libraries do. */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { loadPackage } from "../../core/package/load.ts";
import { PackagedModel } from "../../core/scoring/packaged-model.ts";
import { packageDirectory } from "../../local/files/package-directory.ts";
import { leadgauge, scratchDirectory } from "./cli.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const directory = scratchDirectory();

interface Booster {
  readonly library: string;
  readonly spec: string;
  readonly file: string;
}
const boosters: readonly Booster[] = [
  { library: "xgboost", spec: "extraalearn", file: "xgboost.ubj" },
  { library: "lightgbm", spec: "real-estate", file: "lightgbm.txt" },
  { library: "gblinear", spec: "real-estate", file: "gblinear.ubj" },
  { library: "one-vs-rest", spec: "real-estate", file: "one-vs-rest.txt" },
  { library: "linear-leaves", spec: "real-estate", file: "linear-leaves.txt" },
  { library: "xgboost-softmax", spec: "extraalearn", file: "xgboost-softmax.ubj" },
  { library: "lightgbm", spec: "extraalearn", file: "lightgbm-softmax.txt" },
  { library: "logistic", spec: "extraalearn-complete", file: "logistic.json" },
];
const twoSigmoids: Booster = { library: "one-vs-rest", spec: "extraalearn", file: "two-sigmoids.txt" };
/** A spec whose numbers are never missing, as a logistic regression wants them. */
const complete = join(directory, "extraalearn-complete.json");
const specOf = (name: string) =>
  name === "extraalearn-complete" ? complete : join(root, `specs/${name}.json`);

beforeAll(async () => {
  const spec = JSON.parse(await readFile(specOf("extraalearn"), "utf8"));
  for (const field of spec.fields) if (field.type !== "category") field.required = true;
  await writeFile(complete, JSON.stringify(spec));
  for (const { library, spec, file } of [...boosters, twoSigmoids]) {
    const script = join(root, "glue-scripts/tests/booster_of_spec.py");
    await promisify(execFile)(
      join(root, ".venv/bin/python"),
      [
        script,
        "--spec",
        specOf(spec),
        "--library",
        library,
        "--out",
        file,
        "--data",
        `${spec}.csv`,
        "--answers",
        `${file}.json`,
      ],
      { cwd: directory },
    );
  }
});

describe.each(boosters)("$library, $spec", ({ library, spec, file }) => {
  test("without data: the library's margins and probabilities, and a card that says what nobody knows", async () => {
    const out = join(directory, `${file}-alone`);
    const run = await leadgauge(directory, ["import", "--spec", specOf(spec), "--model", file, "--out", out]);
    expect(run, run.stderr).toMatchObject({ code: 0 });
    const model = await loadPackage(packageDirectory(out), { goldenRows: "all" });
    if (!(model instanceof PackagedModel)) throw new Error("a package makes a PackagedModel");
    const answers: { lead: Record<string, string>; margin: number[]; probability: number[] }[] = JSON.parse(
      await readFile(join(directory, `${file}.json`), "utf8"),
    );
    expect(answers.length).toBeGreaterThan(100);
    const isDouble = file.startsWith("logistic");
    const givesReasons = library !== "linear-leaves";
    expect(model.noReasons === null).toBe(givesReasons);
    for (const { lead, margin, probability } of answers) {
      const scored = model.score(lead, 0);
      if (scored.status !== "scored") throw new Error("the lead is rejected");
      const told = scored.probabilities ? Object.values(scored.probabilities) : [scored.probability];
      for (const [k, each] of probability.entries()) expect(told[k]).toBeCloseTo(each, 6);
      const margins = [...model.workings.margins];
      if (!isDouble) expect(margins).toEqual(margin);
      else expect(margins[0]).toBeCloseTo(margin[0] as number, 11);
      const reasoned = model.score(lead, 3);
      if (reasoned.status !== "scored") throw new Error("the lead is rejected");
      const { raises, lowers } = reasoned.reasons ?? { raises: [], lowers: [] };
      expect(raises.length + lowers.length > 0).toBe(givesReasons);
    }
    const results = join(directory, `${file}-scored`);
    const score = ["score", "--model", out, "--out", results, "--reasons", "2", `${spec}.csv`];
    const { code, stdout } = await leadgauge(directory, score);
    expect(code).toBe(0);
    const [header] = (await readFile(join(results, `${spec}.scored.csv`), "utf8")).split("\n", 1);
    expect(header).toContain("leadgauge_raise_2");
    expect(/The columns of reasons are empty: its trees have linear leaves/.test(stdout)).toBe(!givesReasons);
    if (!givesReasons) {
      const judged = await leadgauge(directory, ["evaluate", "--model", out, "--data", `${spec}.csv`]);
      expect(judged, judged.stderr).toMatchObject({ code: 0 });
    }
    const card = JSON.parse(await readFile(join(out, "card.json"), "utf8"));
    expect(card).toMatchObject({ data: null, metrics: {}, imported: { file } });
    expect(card.limits[0]).toMatch(/made up from the spec/);
  });
});

describe.each(boosters.slice(0, 2))("$library, $spec", ({ spec, file }) => {
  test("with data: calibrated and measured; validate accepts it, and so does a second import with --force only", async () => {
    const out = join(directory, `${file}-data`);
    const words = ["import", "--spec", specOf(spec), "--model", file, "--out", out, "--data", `${spec}.csv`];
    expect(await leadgauge(directory, words)).toMatchObject({ code: 0 });
    expect(await leadgauge(directory, ["validate", "--model", out])).toMatchObject({ code: 0 });
    const card = JSON.parse(await readFile(join(out, "card.json"), "utf8"));
    expect(card.metrics.rocAuc.value).toBeGreaterThan(0.8);
    expect(card.metrics.logLoss.value).toBeLessThan(0.6);
    const before = await readFile(join(out, "manifest.json"), "utf8");
    const again = await leadgauge(directory, words);
    expect(again).toMatchObject({ code: 1, stdout: "" });
    expect(again.stderr).toMatch(/^leadgauge import: .*--force.*\n$/);
    expect(await leadgauge(directory, [...words, "--force"])).toMatchObject({ code: 0 });
    const { version } = JSON.parse(before);
    expect(JSON.parse(await readFile(join(out, "manifest.json"), "utf8")).version).toBe(version);
  });
});

describe("what is refused, in one line and without a trace", () => {
  const refusal = async (...words: string[]) => {
    const out = join(directory, "refused");
    const run = await leadgauge(directory, ["import", "--out", out, ...words]);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr.trimEnd()).not.toMatch(/\n/);
    await expect(readFile(join(out, "manifest.json"))).rejects.toThrow();
    return run.stderr;
  };

  test("features that are no fields: all of them are told", async () => {
    const told = await refusal("--spec", specOf("x-education"), "--model", "xgboost.ubj");
    expect(told).toMatch(/of the model's \d+ features are no columns of x-education: "age"; /);
  });

  test("a model without names, and names that are too few", async () => {
    const text = await readFile(join(directory, "lightgbm.txt"), "utf8");
    const features = /max_feature_idx=(\d+)/.exec(text)?.[1];
    const anonymous = text.replace(
      /feature_names=.*/,
      `feature_names=${Array.from({ length: Number(features) + 1 }, (_, i) => `Column_${i}`).join(" ")}`,
    );
    await writeFile(join(directory, "anonymous.txt"), anonymous);
    expect(await refusal("--spec", specOf("real-estate"), "--model", "anonymous.txt")).toMatch(/"Column_0"/);
    await writeFile(join(directory, "names"), "a\nb\n");
    const told = await refusal(
      "--spec",
      specOf("real-estate"),
      "--model",
      "anonymous.txt",
      "--features",
      "names",
    );
    expect(told).toMatch(/holds 2 names; the model has \d+ features/);
  });

  test("a linear model over numbers that may be missing", async () => {
    const told = await refusal("--spec", specOf("extraalearn"), "--model", "logistic.json");
    expect(told).toMatch(/a linear model takes no missing value, .*"required" or "missingAs"/);
  });

  test("a tree with more levels than a package holds", async () => {
    const splits = 300;
    const each = (what: (i: number) => number) => Array.from({ length: splits }, (_, i) => what(i)).join(" ");
    const ones = each(() => 1);
    const text = [
      "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=0\nobjective=binary sigmoid:1",
      `feature_names=age\nfeature_infos=[0:1]\n\nTree=0\nnum_leaves=${splits + 1}\nnum_cat=0`,
      `split_feature=${each(() => 0)}\nthreshold=${each((i) => i)}\ndecision_type=${each(() => 2)}`,
      `left_child=${each((i) => -1 - i)}\nright_child=${each((i) => (i + 1 < splits ? i + 1 : -1 - splits))}`,
      `leaf_value=1 ${ones}\nleaf_count=1 ${ones}\ninternal_count=${ones}\n\nend of trees\n`,
    ].join("\n");
    await writeFile(join(directory, "deep.txt"), text);
    const told = await refusal("--spec", specOf("extraalearn"), "--model", "deep.txt");
    expect(told).toMatch(/deep\.txt: the model: has a tree of 300 levels; a package holds up to 256/);
  });

  test("a damaged file, a pickle, another number of classes", async () => {
    const bytes = await readFile(join(directory, "xgboost.ubj"));
    await writeFile(join(directory, "cut.ubj"), bytes.subarray(0, bytes.length / 2));
    expect(await refusal("--spec", specOf("extraalearn"), "--model", "cut.ubj")).toMatch(
      /cut\.ubj: .*byte \d+/,
    );
    await writeFile(join(directory, "model.pkl"), Buffer.from([0x80, 4, 0x95, 0, 0]));
    expect(await refusal("--spec", specOf("extraalearn"), "--model", "model.pkl")).toMatch(/pickle.*code/);
    const told = await refusal("--spec", specOf("extraalearn"), "--model", "lightgbm.txt");
    expect(told).toMatch(/the model has 3 outputs, but extraalearn needs 1/);
    expect(await refusal("--spec", specOf("extraalearn"), "--model", twoSigmoids.file)).toMatch(
      /multiclassova of two classes gives each a sigmoid of its own/,
    );
  });
});
