import { describe, expect, test } from "vitest";
import { load, ModelFileError } from "../../index.ts";

/** Three leaves: f0 <= 0.5, then f1 in {1, 33}. */
const sample = `tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=binary sigmoid:1
feature_names=f0 f1
feature_infos=[0:1] 0:1:33
tree_sizes=300

Tree=0
num_leaves=3
num_cat=1
split_feature=0 1
split_gain=1 1
threshold=0.5 0
decision_type=10 1
left_child=-1 -2
right_child=1 -3
leaf_value=0.25 -0.5 1e-3
leaf_weight=1 1 1
leaf_count=10 20 30
internal_value=0 0
internal_weight=0 0
internal_count=60 50
cat_boundaries=0 2
cat_threshold=2 2
is_linear=0
shrinkage=0.1


end of trees

feature_importances:
f0=1

parameters:
[boosting: gbdt]
end of parameters

pandas_categorical:[]
`;
const bytes = (text: string) => new TextEncoder().encode(text);

function predict(text: string, row: readonly number[]): number {
  const model = load(bytes(text));
  const margins = new Float64Array(model.outputs);
  model.predict(Float64Array.from(row), margins);
  return margins[0] as number;
}

describe("what is read", () => {
  test("names, objective and rounds", () => {
    const { raw, features, outputs } = load(bytes(sample));
    expect(raw).toMatchObject({ format: "lightgbm-text", objective: "binary", featureNames: ["f0", "f1"] });
    expect({ features, outputs, rounds: raw.rounds }).toEqual({
      features: 2,
      outputs: 1,
      rounds: { total: 1 },
    });
  });

  test("splits: on the threshold, missing, categories by their truncated code", () => {
    const leaves = [
      [0.5, 1],
      [0.5000000000000001, 1],
      [9, 33.9],
      [9, 32],
      [9, -1],
      [9, Number.NaN],
      [Number.NaN, 1],
    ].map((row) => predict(sample, row));
    expect(leaves).toEqual([0.25, -0.5, -0.5, 1e-3, 1e-3, 1e-3, 0.25]);
  });

  test.each([
    ["Windows line ends", (text: string) => text.replaceAll("\n", "\r\n")],
    [
      "any version and any number of the tree",
      (text: string) => text.replace("v4", "v99").replace("Tree=0", "Tree=7"),
    ],
    ["no tree_sizes, or wrong ones", (text: string) => text.replace("tree_sizes=300\n", "")],
    ["spaces between numbers", (text: string) => text.replace("0.25 -0.5 1e-3", " 0.25  -.5 1E-3 ")],
    ["the end of older files", (text: string) => text.replace("end of trees\n\nfeature_imp", "feature imp")],
    ["nothing behind the trees", (text: string) => text.slice(0, text.indexOf("end of trees") + 12)],
    ["an alias of the objective", (text: string) => text.replace("binary sigmoid:1", "custom")],
    ["no objective", (text: string) => text.replace("objective=binary sigmoid:1\n", "")],
  ])("%s", (_, edit) => {
    expect(predict(edit(sample), [0, 1])).toBe(0.25);
  });

  test("categories of a pandas table, where there is no doubt which column has them", () => {
    const told = (list: string) =>
      load(bytes(sample.replace("pandas_categorical:[]", `pandas_categorical:${list}`))).raw.categories;
    expect(told('[["Ad", "Web"]]')).toEqual([
      undefined,
      new Map([
        ["Ad", 0],
        ["Web", 1],
      ]),
    ]);
    expect([...(told("[[3, 5.5]]")?.[1]?.keys() ?? [])]).toEqual([3, 5.5]);
    expect([...(told("[[false, true]]")?.[1]?.keys() ?? [])]).toEqual(["False", "True"]);
    const mixed = ['[["3", "a"]]', '[[3, "a"]]', "[[[]]]"];
    for (const doubtful of ["null", "[]", '[["a"], ["b"]]', '[["3", "5"]]', "[[", "{}", ...mixed]) {
      expect(told(doubtful)).toBeUndefined();
    }
  });

  test("a chain of 5,000 levels", () => {
    const leaves = 5_000;
    const all = (item: (split: number) => number, count = leaves - 1) =>
      Array.from({ length: count }, (_, i) => item(i)).join(" ");
    const chain = sample
      .replace(/Tree=0.*?\n\n/s, "")
      .replace(
        "end of trees",
        `Tree=0\nnum_leaves=${leaves}\nsplit_feature=${all(() => 0)}\nthreshold=${all((i) => i)}\nleft_child=${all((i) => -i - 1)}\n` +
          `right_child=${all((i) => (i < leaves - 2 ? i + 1 : -leaves))}\nleaf_value=${all((i) => i, leaves)}\n\nend of trees`,
      );
    expect([0, 1, 2_500, 1e9].map((value) => predict(chain, [value, 0]))).toEqual([0, 1, 2_500, 4_999]);
  });

  test("a split may have a lower number than the one above it", () => {
    const tree =
      "Tree=0\nnum_leaves=4\nsplit_feature=0 1 1\nthreshold=5 2 7\nleft_child=2 -1 1\nright_child=-4 -2 -3\nleaf_value=1 2 3 4\n\n";
    const model = sample.replace(/Tree=0.*?\n\n/s, "").replace("end of trees", `${tree}end of trees`);
    const rows = [
      [0, 0],
      [0, 3],
      [0, 8],
      [6, 0],
    ];
    expect(rows.map((row) => predict(model, row))).toEqual([1, 2, 3, 4]);
  });

  test("without counts there is no cover: predictions, but no contributions", () => {
    const model = load(bytes(sample.replace(/^(leaf|internal)_count=.*\n/gm, "")));
    expect(() => model.contributions(new Float64Array(2), new Float64Array(3))).toThrow(/internal_count/);
  });
});

describe("what is refused, by line and key", () => {
  const replaced = (from: string | RegExp, to: string) => sample.replace(from, to);
  test.each<[string, string, RegExp]>([
    ["cut within a tree", sample.slice(0, 300), /^line \d+: /],
    [
      "cut between trees",
      sample.slice(0, sample.indexOf("end of trees")),
      /ends before its line "end of trees"/,
    ],
    ["two trees, one cut", replaced("end of trees", "Tree=1"), /line 33: the tree has no num_leaves/],
    ["an unknown objective", replaced("binary", "magic"), /line 7: objective: "magic" is not an objective/],
    ["an objective without its parameter", replaced(" sigmoid:1", ""), /line 7: .*must tell its sigmoid/],
    ["a sigmoid of 0", replaced("sigmoid:1", "sigmoid:0"), /sigmoid must be a number above 0/],
    ["too few outputs", replaced("binary sigmoid:1", "multiclass num_class:3"), /multiclass has 3 outputs/],
    ["words in the header", replaced("label_index=0", "label"), /line 5: label: is neither key=value/],
    [
      "an unknown key of the header",
      replaced("label_index", "label_magic"),
      /line 5: label_magic: is no known key/,
    ],
    [
      "an unknown key of a tree",
      replaced("leaf_weight", "leaf_magic"),
      /line 22: leaf_magic: is no known key/,
    ],
    ["a key told twice", replaced("num_cat=1", "num_leaves=3"), /line 14: num_leaves: is told twice/],
    ["no names", replaced(/feature_names.*\n/, ""), /the header has no feature_names/],
    ["too few names", replaced("f0 f1", "f0"), /line 8: feature_names: holds 1 of the 2 expected words/],
    ["too few infos", replaced("[0:1] 0:1:33", "[0:1]"), /line 9: feature_infos: holds 1 of the 2/],
    ["too many names", replaced("f0 f1", "f0 f1 f2"), /feature_names: holds more than/],
    [
      "a great number of features",
      replaced("feature_idx=1", "feature_idx=2147483647"),
      /line 6: max_feature_idx/,
    ],
    [
      "a great number of leaves",
      replaced("leaves=3", "leaves=16777216"),
      /line 21: leaf_value: holds at most 7 of/,
    ],
    [
      "more leaves than are possible",
      replaced("leaves=3", "leaves=999999999999"),
      /line 13: num_leaves: "9+"/,
    ],
    ["no leaf", replaced("leaves=3", "leaves=0"), /line 13: num_leaves/],
    [
      "too many values",
      replaced("left_child=-1 -2", "left_child=-1 -2 -1"),
      /left_child: holds more than the 2/,
    ],
    ["too few values", replaced("left_child=-1 -2", "left_child=-1   "), /left_child: holds 1 of the 2/],
    [
      "a feature out of range",
      replaced("split_feature=0 1", "split_feature=0 2"),
      /line 15: split_feature: "2"/,
    ],
    ["a child out of range", replaced("right_child=1 -3", "right_child=1 -4"), /line 20: right_child: "-4"/],
    [
      "a cycle",
      replaced("right_child=1 -3", "right_child=1 0"),
      /line 12: .*split 0 is the child of two splits/,
    ],
    ["a split under itself", replaced("left_child=-1 -2", "left_child=0 -2"), /split 0 is the child of two/],
    ["a leaf of two splits", replaced("right_child=1 -3", "right_child=1 -1"), /leaf 0 is the child of two/],
    ["splits nobody reaches", replaced("right_child=1 -3", "right_child=-3 -2"), /only 3 of its 5 nodes/],
    ["a decision type of more bits", replaced("decision_type=10", "decision_type=26"), /decision_type: "26"/],
    [
      "an unknown missing type",
      replaced("decision_type=10", "decision_type=14"),
      /split 0 has the missing type 3/,
    ],
    ["a set that isn't there", replaced("threshold=0.5 0", "threshold=0.5 1"), /asks for category set 1/],
    ["boundaries that fall", replaced("boundaries=0 2", "boundaries=2 0"), /cat_boundaries: must not fall/],
    [
      "boundaries past the end",
      replaced("boundaries=0 2", "boundaries=0 900000000"),
      /cat_threshold: holds at most/,
    ],
    ["no sets", replaced(/cat_threshold.*\n/, ""), /the tree has no cat_threshold/],
    [
      "no number for a leaf",
      replaced("0.25", "-1.#IND"),
      /leaf_value: "-1.#IND" is not a finite decimal num/,
    ],
    ["an infinite leaf", replaced("0.25", "1e999"), /leaf_value: "1e999"/],
    ["hexadecimal", replaced("0.5 0", "0x1p3 0"), /threshold: "0x1p3"/],
    ["NaN for a threshold", replaced("0.5 0", "nan 0"), /threshold: "nan"/],
    ["control characters", replaced("0.25", "\x1b[31m"), /leaf_value: "\?\[31m"/],
    ["linear leaves without their parts", replaced("is_linear=0", "is_linear=1"), /is_linear: is 1, but/],
    [
      "a file of before 2.1",
      replaced("label_index=0", "sigmoid=1"),
      /line 5: sigmoid: is a key of LightGBM before 2\.1/,
    ],
    ["something else behind the trees", replaced("end of trees", "the end"), /neither a tree nor the end/],
    [
      "trees that are no whole iteration",
      replaced("num_tree_per_iteration=1", "num_tree_per_iteration=2").replace("binary sigmoid:1", "custom"),
      /there are 1 trees, but each iteration has 2/,
    ],
    [
      "a forest without trees",
      replaced("tree_sizes=300", "average_output").replace(/Tree=0.*?(?=end of trees)/s, ""),
      /without a tree/,
    ],
  ])("%s", (_, text, message) => {
    const error = refusal(bytes(text));
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/\n/);
  });

  test("every cut of the file is refused or read whole", () => {
    const end = sample.indexOf("end of trees") + "end of trees".length;
    for (let length = 0; length < end; length++) refusal(bytes(sample.slice(0, length)));
    load(bytes(sample.slice(0, end)));
  });

  test("great hostile files are refused at once", () => {
    const long = "1 ".repeat(2_000_000);
    const files = [
      replaced("0.25 -0.5 1e-3", long),
      replaced("f0 f1", long),
      replaced("binary", long),
      replaced("num_class=1", `num_class${"=".repeat(4_000_000)}`),
      `tree\n${"x".repeat(4_000_000)}`,
      replaced("Tree=0", `${"\n".repeat(4_000_000)}Tree=0\nTree=`),
      replaced("cat_threshold=2 2", `cat_threshold=${"4294967295 ".repeat(200_000)}`).replace(
        "boundaries=0 2",
        "boundaries=0 200000",
      ),
    ].map(bytes);
    for (const file of files) {
      const before = process.cpuUsage();
      refusal(file);
      // Processor time, as the machine may be busy; a collection of garbage may fall into it.
      expect(process.cpuUsage(before).user / 1_000).toBeLessThan(500);
    }
  });
});

function refusal(file: Uint8Array): ModelFileError {
  try {
    load(file);
  } catch (error) {
    if (error instanceof ModelFileError) return error;
    throw error;
  }
  throw new Error("the file was read");
}
