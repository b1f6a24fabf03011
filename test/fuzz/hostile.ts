/** Families of files that ask a reader for more time or memory than they are worth. Each is made when it is asked for. */

const utf8 = (text: string) => new TextEncoder().encode(text);
const list = (count: number, item: (i: number) => string | number, between = ",") =>
  Array.from({ length: count }, (_, i) => item(i)).join(between);

const xgboost = (trees: string, rest = '"tree_info":[0]') =>
  `{"version":[3,2,0],"learner":{"objective":{"name":"binary:logistic"},"learner_model_param":{"base_score":"5E-1",` +
  `"num_class":"0","num_feature":"2"},"gradient_booster":{"name":"gbtree","model":{${rest},"trees":[${trees}]}}}}`;

/** A tree of so many nodes; its children as told. */
function tree(nodes: number, left: (i: number) => number, right: (i: number) => number, rest = ""): string {
  const zeros = list(nodes, () => 0);
  return (
    `{"tree_param":{},"left_children":[${list(nodes, left)}],"right_children":[${list(nodes, right)}],` +
    `"split_indices":[${zeros}],"split_conditions":[${zeros}],"default_left":[${zeros}],"sum_hessian":[${zeros}]${rest}}`
  );
}
const leaf = tree(1, () => -1, () => -1); // biome-ignore format: short

const lightgbmHeader =
  "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=1\nobjective=binary sigmoid:1\nfeature_names=a b\n\n";
const lightgbm = (block: string) => `${lightgbmHeader}${block}\n\nend of trees\n`;
const stump = (rest: string) =>
  `Tree=0\nnum_leaves=2\nsplit_feature=1\nleft_child=-1\nright_child=-2\nleaf_value=0 1\n${rest}`;
const chain = (leaves: number, last: number) =>
  lightgbm(
    `Tree=0\nnum_leaves=${leaves}\nsplit_feature=${list(leaves - 1, () => 0, " ")}\nthreshold=${list(leaves - 1, (i) => i, " ")}\n` +
      `left_child=${list(leaves - 1, (i) => -i - 1, " ")}\nright_child=${list(leaves - 1, (i) => (i < leaves - 2 ? i + 1 : last), " ")}\n` +
      `leaf_value=${list(leaves, () => 0, " ")}`,
  );

const predictor = (rest: string) => `{"format":"leadgauge-predictor","formatVersion":1,${rest}}`;

/** UBJSON: `@` stands for a length of 2^62. */
function ubjson(text: string, fill = "", count = 0): Uint8Array {
  const length = "L\x40\0\0\0\0\0\0\0";
  return Uint8Array.from(`${text.replaceAll("@", length)}${fill.repeat(count)}`, (character) =>
    character.charCodeAt(0),
  );
}
const trees = "{i\x07learner{i\x10gradient_booster{i\x05model{i\x05trees";

export const hostileFiles: Readonly<Record<string, () => Uint8Array>> = {
  "zeros": () => new Uint8Array(20_000_000),
  "white space": () => utf8(" ".repeat(20_000_000)),
  "gzip": () => Uint8Array.from({ length: 1_000_000 }, (_, i) => [0x1f, 0x8b, 8][i] ?? 0),
  "JSON: one text of 100 MB": () => utf8(`{"x":"${"x".repeat(100_000_000)}"}`),
  "JSON: one text without an end": () => utf8(`{"learner":{"objective":{"name":"${"x".repeat(50_000_000)}`),
  "JSON: escapes": () => utf8(`{"x":"${"\\n".repeat(5_000_000)}"}`),
  "JSON: a number of 10 MB": () => utf8(`{"x":[${"9".repeat(10_000_000)}]}`),
  "JSON: a number of 10^9 powers": () => utf8(xgboost(leaf).replace('"5E-1"', '"1E1000000000"')),
  "JSON: brackets": () => utf8(`{"x":${"[".repeat(5_000_000)}${"]".repeat(5_000_000)}}`),
  "JSON: braces": () => utf8(`{"learner":${'{"a":'.repeat(1_000_000)}${"}".repeat(1_000_001)}`),
  "JSON: unknown objects by the million": () => utf8(`{"x":[${list(1_000_000, () => '{"a":1}')}]}`),
  "JSON: unknown members by the million": () => utf8(`{"x":{${list(500_000, (i) => `"k${i}":1`)}}}`),
  "JSON: unknown texts by the million": () => utf8(`{"x":[${list(2_000_000, () => '""')}]}`),
  "JSON: unknown numbers by the million": () => utf8(`{"x":[${list(500_000, () => "1.2345678901234567")}]}`),
  "JSON: a learner of many members": () => utf8(`{"learner":{${list(500_000, (i) => `"k${i}":1`)}}}`),
  "JSON: a key twice": () => utf8(`{"learner":{"a":1,"a":1},"x":[${list(1_000_000, () => "{}")}]}`),
  "JSON: names of features": () => utf8(`{"learner":{"feature_names":[${list(1_000_000, () => '"f"')}]}}`),
  "JSON: empty trees": () => utf8(xgboost(list(1_000_000, () => "{}"))),
  "JSON: leaves for trees, one class too many": () =>
    utf8(xgboost(list(50_000, () => leaf), `"tree_info":[${list(50_000, () => 1)}]`)),
  "JSON: a tree that is a cycle": () =>
    utf8(xgboost(tree(100_001, (i) => (i % 2 === 0 && i < 100_000 ? i + 1 : -1), (i) => (i % 2 !== 0 || i >= 100_000 ? -1 : i < 99_000 ? i + 2 : 0)))), // biome-ignore format: short
  "JSON: more numbers than an array may have": () =>
    utf8(`{"learner":{"gradient_booster":{"model":{"weights":[${"0,".repeat(4_500_000)}0]}}}}`),
  "JSON: categories of categories": () =>
    utf8(`{"learner":{"gradient_booster":{"model":{"cats":{"enc":[{"offsets":[0,${list(100_000, () => 9e15)}],"values":[1]}]}}}}}`),
  "UBJSON: an array of 2^62 numbers": () => ubjson("{i\x01x[$d#@", "\0", 1_000),
  "UBJSON: an object of 2^62 nothings": () => ubjson("{i\x01x{$Z#@}", "}", 1_000),
  "UBJSON: a text of 2^62 bytes": () => ubjson("{i\x01xS@", "}", 1_000),
  "UBJSON: a key of 2^62 bytes": () => ubjson("{@", "}", 1_000),
  "UBJSON: nulls by the million": () => ubjson("{i\x01x[", "Z", 9_999_999),
  "UBJSON: nulls for trees": () => ubjson(`${trees}[`, "Z", 9_999_999),
  "UBJSON: arrays in arrays": () => ubjson("{i\x01x", "[", 5_000_000),
  "UBJSON: empty arrays by the million": () => ubjson("{i\x01x[", "[#i\0", 1_000_000),
  "UBJSON: nothing but no-ops": () => ubjson("{i\x01x[", "N", 20_000_000),
  "LightGBM: line feeds": () => utf8(`${lightgbmHeader}${"\n".repeat(20_000_000)}the end\nend of trees\n`),
  "LightGBM: a line of 20 MB": () => utf8(lightgbm("x".repeat(20_000_000))),
  "LightGBM: names by the million": () =>
    utf8(lightgbm("").replace("_idx=1", "_idx=4194303").replace("a b", "a ".repeat(4_194_302))),
  "LightGBM: keys by the million": () => utf8(lightgbm(`Tree=0\n${list(500_000, (i) => `k${i}=1`, "\n")}`)),
  "LightGBM: leaves that aren't there": () => utf8(lightgbm(stump("threshold=0").replace("leaves=2", "leaves=16777216"))),
  "LightGBM: numbers without an end": () => utf8(lightgbm(stump(`threshold=${"9".repeat(10_000_000)}`))),
  "LightGBM: sets of 2^31 words": () =>
    utf8(lightgbm(stump("threshold=0\ndecision_type=1\nnum_cat=1\ncat_boundaries=0 2147483647\ncat_threshold=1"))),
  "LightGBM: sets of too many categories": () =>
    utf8(lightgbm(stump(`threshold=0\ndecision_type=1\nnum_cat=1\ncat_boundaries=0 200000\ncat_threshold=${"4294967295 ".repeat(200_000)}`))),
  "LightGBM: a chain without an end": () => utf8(chain(100_000, 0)),
  "LightGBM: a chain that is too deep": () => utf8(chain(100_000, -100_000)),
  "LightGBM: cut trees": () => utf8(`${lightgbmHeader}${"Tree=0\nnum_leaves=1\nleaf_value=1\n\n".repeat(200_000)}`),
  "scikit-learn: names by the million": () => utf8(predictor(`"featureNames":[${list(1_500_000, () => '"f"')}]`)),
  "scikit-learn: sets by the million": () => utf8(predictor(`"predictor":{"categorySets":[${list(500_000, () => "[-1]")}]}`)),
  "scikit-learn: members by the million": () =>
    utf8(predictor(`"predictor":{${list(300_000, (i) => `"k${i}":[1]`)}}`)),
}; // biome-ignore format: a list
