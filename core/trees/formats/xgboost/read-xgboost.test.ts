import { describe, expect, test } from "vitest";
import { ubjsonOf } from "../../../../test/ubjson.ts";
import { load, ModelFileError } from "../../index.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** f0 < 0.5 ? -1 : (f1 in {1, 3} ? 2 : 0.25), in one round; missing goes right, then left. */
function sample() {
  const tree = {
    left_children: [1, -1, 3, -1, -1],
    right_children: [2, -1, 4, -1, -1],
    split_indices: [0, 0, 1, 0, 0],
    split_conditions: [0.5, -1, 0, 0.25, 2],
    default_left: [0, 0, 1, 0, 0],
    split_type: [0, 0, 1, 0, 0],
    categories: [1, 3],
    categories_nodes: [2],
    categories_segments: [0],
    categories_sizes: [2],
    sum_hessian: [8, 2, 6, 2, 4],
    tree_param: { num_nodes: "5", size_leaf_vector: "1" },
  };
  return {
    learner: {
      attributes: {} as Record<string, Json>,
      feature_names: ["f0", "f1"],
      gradient_booster: {
        name: "gbtree",
        model: {
          cats: { enc: [] as Json[] },
          gbtree_model_param: { num_trees: "1", num_parallel_tree: "1" },
          iteration_indptr: [0, 1],
          tree_info: [0],
          trees: [tree],
        },
      },
      learner_model_param: { base_score: "5E-1", num_class: "0", num_feature: "2", num_target: "1" },
      objective: { name: "reg:squarederror" },
    },
    version: [3, 0, 0],
  };
}
type Sample = ReturnType<typeof sample>;

function changed(change: (model: Sample) => unknown): string {
  const model = sample();
  change(model);
  return JSON.stringify(model);
}
function ofObjective(name: string, baseScore: string, version: number[]): string {
  return changed((model) => {
    model.learner.objective.name = name;
    model.learner.learner_model_param.base_score = baseScore;
    model.version = version;
  });
}
const treeOf = (model: Sample) =>
  model.learner.gradient_booster.model.trees[0] as Sample["learner"]["gradient_booster"]["model"]["trees"][0];
const textOf = (part: string, other: string) => JSON.stringify(sample()).replace(part, other);
const bytes = (text: string) => new TextEncoder().encode(text);

function refusal(file: Uint8Array): string {
  try {
    load(file);
  } catch (error) {
    if (error instanceof ModelFileError) return error.message;
    throw error;
  }
  throw new Error("the file was read");
}

function margin(file: Uint8Array, row: readonly number[]): number {
  const out = new Float64Array(1);
  load(file).predict(Float64Array.from(row), out);
  return out[0] as number;
}

describe.each([
  ["JSON", (model: Json) => bytes(JSON.stringify(model))],
  ["UBJSON", (model: Json) => ubjsonOf(model)],
  ["UBJSON with types and counts", (model: Json) => ubjsonOf(model, true)],
])("%s", (_, encode) => {
  test("is read", () => {
    const file = encode(sample());
    expect([
      margin(file, [0.4, 1]),
      margin(file, [0.5, 1]),
      margin(file, [0.5, 2]),
      margin(file, [Number.NaN, 1.9]),
      margin(file, [1, Number.NaN]),
      margin(file, [1, -1]),
    ]).toEqual([-0.5, 2.5, 0.75, 2.5, 0.75, 0.75]);
    expect(load(file).raw).toMatchObject({ objective: "reg:squarederror", featureNames: ["f0", "f1"] });
  });

  test("every cut of the file is refused", () => {
    const file = encode(sample());
    for (let length = 0; length < file.length; length++) refusal(file.subarray(0, length));
  });

  test("names of categories become codes", () => {
    const model = sample();
    const texts = { offsets: [0, 3, 8], values: [...bytes("redgrün")] };
    model.learner.gradient_booster.model.cats.enc = [{ offsets: [], values: [] }, texts];
    const numbers = { type: 15, values: [7, 9] };
    expect(load(encode(model)).raw.categories).toEqual([
      undefined,
      new Map([
        ["red", 0],
        ["grün", 1],
      ]),
    ]);
    model.learner.gradient_booster.model.cats.enc = [numbers, texts];
    expect(load(encode(model)).raw.categories?.[0]).toEqual(
      new Map([
        [7, 0],
        [9, 1],
      ]),
    );
  });
});

test("trees may number a child before its parent, and have nodes that nobody can reach", () => {
  // f0 < 0.5 ? (f1 < 2 ? 3 : 4) : 5, the split by f1 behind its leaves, and a node that asks for children out of all bounds.
  const model = changed((each) => {
    Object.assign(treeOf(each), {
      left_children: [4, -1, -1, -1, 2, 70],
      right_children: [1, -1, -1, -1, 3, 70],
      split_indices: [0, 0, 0, 0, 1, 9],
      split_conditions: [0.5, 5, 3, 4, 2, 0],
      default_left: [0, 0, 0, 0, 0, 0],
      split_type: [0, 0, 0, 0, 0, 0],
      categories: [],
      categories_nodes: [],
      categories_segments: [],
      categories_sizes: [],
      sum_hessian: [9, 3, 3, 3, 6, 1],
      tree_param: { num_nodes: "6", size_leaf_vector: "1" },
    });
  });
  const rows = [
    [0, 1],
    [0, 2],
    [1, 0],
  ];
  expect(rows.map((row) => margin(bytes(model), row))).toEqual([3.5, 4.5, 5.5]);
});

test("columns of hashed words go into the millions", () => {
  const file = changed((model) => {
    model.learner.feature_names = [];
    model.learner.learner_model_param.num_feature = "2000000";
  });
  const row = new Array(2_000_000).fill(0);
  expect(margin(bytes(file), [0.5, 1, ...row.slice(2)])).toBe(2.5);
});

test("a category that a split has no bit for goes with the missing ones in files of 1.6 only", () => {
  const strays = [
    [1, 4],
    [1, 5],
    [1, 6],
    [1, 7],
    [3, 2],
  ].map((version) => {
    const file = bytes(
      changed((model) => {
        model.version = [...version, 0];
        treeOf(model).default_left[2] = 0;
      }),
    );
    return margin(file, [1, 32]);
  });
  expect(strays).toEqual([0.75, 0.75, 2.5, 0.75, 0.75]);
});

test("thresholds below which nothing lies, and bare words for numbers", () => {
  for (const word of ["-Infinity", "NaN"]) {
    const file = bytes(textOf("[0.5,", `[${word},`));
    expect([-Infinity, Infinity, 0].map((value) => margin(file, [value, 1]))).toEqual([2.5, 2.5, 2.5]);
    expect(margin(bytes(textOf("[0.5,", `[${word},`).replace('t":[0,', 't":[1,')), [Number.NaN, 1])).toBe(
      -0.5,
    );
  }
  expect(margin(bytes(textOf("[0.5,", "[Infinity,")), [3e38, 1])).toBe(-0.5);
});

describe("what is refused, with what is wrong and where", () => {
  const tree = "/learner/gradient_booster/model/trees/0";
  test.each<[string, string, string]>([
    [
      "an unknown objective",
      textOf("reg:squarederror", "reg:cubederror"),
      '/learner/objective/name: the objective "reg:cubederror"',
    ],
    [
      "an unknown booster",
      textOf('"gbtree"', '"gbforest"'),
      '/learner/gradient_booster/name (byte 93): the booster "gbforest"',
    ],
    ["no version", textOf('"version"', '"edition"'), "/version: is not in the file"],
    ["a version to come", textOf("[3,0,0]", "[4,0,0]"), "/version (byte"],
    [
      "a cycle",
      changed((m) => (treeOf(m).left_children[2] = 0)),
      `${tree}/left_children/2: is 0, which is the root`,
    ],
    [
      "two parents",
      changed((m) => (treeOf(m).right_children[2] = 3)),
      `${tree}/right_children/2: is 3, which is`,
    ],
    [
      "a child outside",
      changed((m) => (treeOf(m).right_children[0] = 5)),
      `${tree}/right_children/0: is 5; the tree has 5 nodes`,
    ],
    ["half a child", changed((m) => (treeOf(m).right_children[0] = 2.5)), "is 2.5"],
    [
      "a leaf with a child",
      changed((m) => (treeOf(m).right_children[1] = 4)),
      `${tree}/right_children/1: a leaf has`,
    ],
    [
      "a feature outside",
      changed((m) => (treeOf(m).split_indices[2] = 2)),
      `${tree}/split_indices/2: is 2; the model has 2`,
    ],
    [
      "arrays of unlike lengths",
      changed((m) => treeOf(m).default_left.pop()),
      "default_left has 4 entries, left_children 5",
    ],
    ["an array too few", textOf('"split_indices"', '"slit_indices"'), "this tree has no split_indices"],
    ["categories outside", changed((m) => (treeOf(m).categories_sizes[0] = 3)), "lie outside categories"],
    ["a category below 0", changed((m) => (treeOf(m).categories[1] = -3)), "categories/1 is no category"],
    [
      "a category too great",
      changed((m) => (treeOf(m).categories[1] = 2 ** 24)),
      "categories/1 is no category",
    ],
    [
      "a split without its categories",
      changed((m) => (treeOf(m).categories_nodes[0] = 0)),
      "categories_nodes/0 is no node",
    ],
    [
      "a tree of no output",
      changed((m) => (m.learner.gradient_booster.model.tree_info[0] = 1)),
      "/tree_info/0: is 1; the model has 1",
    ],
    [
      "trees that were cut off",
      changed((m) => (m.learner.gradient_booster.model.gbtree_model_param.num_trees = "2")),
      '/num_trees: is "2"; it must be 1',
    ],
    [
      "rounds of other trees",
      changed((m) => (m.learner.gradient_booster.model.iteration_indptr = [0, 2])),
      "/iteration_indptr: does not rise",
    ],
    [
      "too many features",
      changed((m) => (m.learner.learner_model_param.num_feature = "4294967295")),
      '/num_feature: is "4294967295"',
    ],
    [
      "names of other features",
      changed((m) => m.learner.feature_names.push("f2")),
      "/learner/feature_names: 3 names for 2",
    ],
    [
      "no number for a base",
      changed((m) => (m.learner.learner_model_param.base_score = "0x1p-1")),
      '/base_score: "0x1p-1" is no number',
    ],
    [
      "bases of other outputs",
      changed((m) => (m.learner.learner_model_param.base_score = "[1,2]")),
      "/base_score: 2 numbers for 1",
    ],
    [
      "a base that is no probability",
      ofObjective("binary:logistic", "2E0", [3, 2, 0]),
      "/base_score: is 2; binary:logistic takes one that is a probability between 0 and 1",
    ],
    [
      "a certain base of before 3.2",
      ofObjective("reg:logistic", "1E0", [3, 1, 0]),
      "/base_score: is 1; reg:logistic takes one that is a probability between 0 and 1",
    ],
    [
      "a base of 0 where it is a mean of positive numbers",
      ofObjective("reg:gamma", "0E0", [3, 1, 0]),
      "/base_score: is 0; reg:gamma takes one that is above 0",
    ],
    [
      "a leaf vector of another width",
      changed((m) => (treeOf(m).tree_param.size_leaf_vector = "2")),
      "/trees/0: leaves of 2 values for 1 output",
    ],
    ["a key twice", textOf('"tree_info":[0]', '"tree_info":[0],"tree_info":[0]'), "/tree_info (byte"],
    ["a text for a number", textOf("[0.5,", '["0.5",'), "a number is expected"],
    ["a number of other kinds", textOf("[0.5,", "[0x5,"), 'a comma or "]" is expected'],
    ["deep nesting", `{"x":${"[".repeat(5_000)}`, "nested deeper than 64 levels"],
    ["text behind the end", `${JSON.stringify(sample())}{}`, "text after the document's end"],
    ["control characters in a key", textOf('"learner"', '"\\u001b[31m":[[{}]],"learner'), "byte"],
    ["a dump", '[{"nodeid":0}]', "this is XGBoost's JSON dump"],
    ["a dump behind a base score", '0.5\n[\n{"nodeid":0}]', "this is XGBoost's JSON dump"],
    ["LightGBM's dump", '{"name":"tree","version":"v4"}', "this is LightGBM's JSON dump"],
    ["LightGBM of 2016", "gbdt\nnum_class=1\n", "this is a model of LightGBM before 2.0"],
    [
      "a booster with its training's state",
      '{"Config":{},"Model":{}}',
      "this is a booster as pickles hold it",
    ],
    ["a pickle", "\x80\x04\x95", "this is no model file"],
    ["an old binary", `${"\0".repeat(136)}\x0c${"\0".repeat(7)}reg:logistic`, "XGBoost's old binary format"],
    ["an ONNX model", "\x08\x08\x12\x08skl2onnx", "this is an ONNX model"],
    ["PMML", '<?xml version="1.0"?><PMML/>', "this is XML, such as PMML"],
    ["nothing", "", "the file is empty"],
  ])("%s", (_, text, message) => {
    const found = refusal(bytes(text));
    expect(found).toContain(message);
    expect(found).not.toMatch(/[\p{Cc}]/u);
  });

  test("great and false lengths are refused at once", () => {
    const many = 2_000_000;
    const files = [
      bytes(`{"learner":${"[".repeat(many)}`),
      bytes(`{"learner":${'{"a":'.repeat(many / 4)}`),
      bytes(`{"learner":{"feature_names":[${'"",'.repeat(many)}`),
      bytes(`{"learner":{"attributes":{${Array.from({ length: 100_000 }, (_, i) => `"${i}":0`).join()}`),
      bytes(`{"learner":{"gradient_booster":{"model":{"trees":[${"{},".repeat(many)}`),
      bytes(textOf("[0.5,", `[${"9".repeat(many)},`)),
      bytes(textOf('"f0"', `"${"x".repeat(many)}"`)),
      Uint8Array.of(0x7b, 0x24, 0x5a, 0x23, 0x6c, 0x7f, 0, 0, 0),
      // Lengths of 2^62.
      Uint8Array.of(0x7b, 0x4c, 0x40, 0, 0, 0, 0, 0, 0, 0),
      Uint8Array.of(0x7b, 0x69, 1, 0x61, 0x5b, 0x24, 0x64, 0x23, 0x4c, 0x40, 0, 0, 0, 0, 0, 0, 0),
      Uint8Array.of(0x7b, 0x69, 1, 0x61, 0x5b, 0x23, 0x4c, 0x40, 0, 0, 0, 0, 0, 0, 0, 0x5a),
      Uint8Array.of(0x7b, 0x69, 1, 0x61, 0x53, 0x4c, 0xc0, 0, 0, 0, 0, 0, 0, 0),
    ];
    for (const file of files) {
      const before = process.cpuUsage();
      expect(refusal(file)).toMatch(/byte \d+\)?: /);
      // Processor time, as the machine may be busy; a collection of garbage may fall into it.
      expect(process.cpuUsage(before).user / 1_000).toBeLessThan(500);
    }
  });
});
