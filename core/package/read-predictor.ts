import type { TreeEnsemble } from "../trees/ensemble.ts";
import { readCompactTrees } from "./read-compact-trees.ts";
import { readCover } from "./read-cover.ts";
import { readLinearLeaves } from "./read-linear-leaves.ts";
import { readNumbers, readTreesHeader } from "./read-trees-header.ts";
import type { Column, LinearPredictor, Predictor } from "./serving.ts";
import type { Shape } from "./shape.ts";
import { maximumDepth, maximumNodes } from "./tree-limits.ts";

const maximumSetCells = 10_000_000;

/** @param explains false: the package says that the model has no contributions; then nothing of their cover is read */
export function readPredictor(
  shape: Shape,
  columns: readonly Column[],
  outputs: number,
  explains: boolean,
): Predictor {
  const isLinear = shape.at("kind").oneOf(["linear", "trees"]) === "linear";
  if (isLinear) return readLinear(shape, columns.length, outputs);
  return Object.hasOwn(shape.object(), "cuts")
    ? readCompactTrees(shape, columns.length, readTreesHeader(shape, outputs), explains)
    : readTrees(shape, columns, outputs, explains);
}

function readLinear(shape: Shape, columns: number, outputs: number): LinearPredictor {
  const coefficients = shape
    .at("coefficients")
    .packedDoubles(outputs * columns, -Number.MAX_VALUE, Number.MAX_VALUE);
  const intercepts = readNumbers(shape.at("intercepts"), outputs);
  const precision = shape.at("precision").optional((each) => each.oneOf(["float32", "float64"])) ?? "float64";
  return { kind: "linear", outputs, precision, coefficients, intercepts };
}

function readTrees(
  shape: Shape,
  columns: readonly Column[],
  outputs: number,
  explains: boolean,
): TreeEnsemble {
  const header = readTreesHeader(shape, outputs);
  const largest = Number.MAX_VALUE;
  const trees = header.treeOutput.length;
  const treeStart = shape.at("treeStart").packedIntegers(trees + 1, 0, maximumNodes);
  if (treeStart[0] !== 0) shape.at("treeStart").refuse("must start with 0");
  for (let tree = 0; tree < trees; tree++) {
    if ((treeStart[tree + 1] as number) <= (treeStart[tree] as number)) {
      shape.at("treeStart").refuse(`must rise; it does not at ${tree + 1}`);
    }
  }
  const nodes = treeStart[trees] as number;
  const categorySets = (shape.at("categorySets").optional((each) => each.items(0, maximumNodes)) ?? []).map(
    (set) => set.items(0, 100_000).map((code) => code.integer(0, 100_000)),
  );
  const zeroMissing = shape.at("zeroMissing").optional((each) => each.packedIntegers(nodes, 0, 1));
  const predictor: TreeEnsemble = {
    kind: "trees",
    ...header,
    treeStart,
    feature: shape.at("feature").packedIntegers(nodes, -1, columns.length - 1),
    threshold: shape.at("threshold").packedDoubles(nodes, -largest, largest),
    left: shape.at("left").packedIntegers(nodes, -1, nodes),
    right: shape.at("right").packedIntegers(nodes, -1, nodes),
    missingLeft: shape.at("missingLeft").packedIntegers(nodes, 0, 1),
    ...(zeroMissing ? { zeroMissing } : {}),
    value: shape.at("value").packedDoubles(nodes * header.valuesPerLeaf, -largest, largest),
    cover: new Float64Array(explains ? nodes : 0),
    categorySet:
      shape.at("categorySet").optional((each) => each.packedIntegers(nodes, -1, categorySets.length - 1)) ??
      undefined,
    categorySets,
  };
  for (let tree = 0; tree < trees; tree++) checkTree(shape, predictor, tree, columns);
  if (explains) readCover(shape.at("cover"), predictor);
  checkSets(shape, predictor, columns);
  const linearLeaves = shape.at("linearLeaves").optional((each) => {
    if (explains) each.refuse("has no contributions, and the package must say so");
    return readLinearLeaves(each, predictor, columns.length);
  });
  return linearLeaves === null ? predictor : { ...predictor, linearLeaves };
}

/** Every node but the first is the child of exactly one node before it, so that walks end and each node is met once. */
function checkTree(shape: Shape, predictor: TreeEnsemble, tree: number, columns: readonly Column[]): void {
  const { treeStart, feature, threshold, left, right, categorySet, input } = predictor;
  const start = treeStart[tree] as number;
  const size = (treeStart[tree + 1] as number) - start;
  const where = (node: number) => `in tree ${tree}, node ${node}`;
  const depth = new Int32Array(size);
  for (let node = 0; node < size; node++) {
    const index = start + node;
    if (node > 0 && depth[node] === 0) shape.refuse(`has a node without a parent ${where(node)}`);
    const column = feature[index] as number;
    if (column === -1) continue;
    if ((depth[node] as number) >= maximumDepth)
      shape.refuse(`is deeper than ${maximumDepth} ${where(node)}`);
    const isSetSplit = categorySet !== undefined && categorySet[index] !== -1;
    if (isSetSplit && columns[column]?.op !== "category-code") {
      shape.at("categorySet").refuse(`splits a column that is no category-code ${where(node)}`);
    }
    const limit = threshold[index] as number;
    if (input === "float32" && !isSetSplit && Math.fround(limit) !== limit) {
      shape.at("threshold").refuse(`must be a float32 number ${where(node)}`);
    }
    for (const side of [left, right]) {
      const child = side[index] as number;
      const name = side === left ? "left" : "right";
      if (child <= node || child >= size)
        shape.at(name).refuse(`must be a later node of the tree ${where(node)}`);
      if (depth[child] !== 0) shape.at(name).refuse(`is the child of two nodes ${where(node)}`);
      depth[child] = (depth[node] as number) + 1;
    }
  }
}

/** Sets hold codes of their column, and not so many that looking them up would take much memory. */
function checkSets(shape: Shape, predictor: TreeEnsemble, columns: readonly Column[]): void {
  const { feature, categorySet, categorySets } = predictor;
  if (categorySet === undefined) return;
  const highest = categorySets.map((set) => set.reduce((a, b) => Math.max(a, b), -1));
  let cells = 0;
  for (let node = 0; node < feature.length; node++) {
    const column = columns[feature[node] as number];
    const set = categorySet[node] as number;
    if (set < 0 || column?.op !== "category-code") continue;
    cells += column.known.length + 1;
    if ((highest[set] as number) > column.known.length) {
      shape
        .at("categorySets")
        .refuse(`holds a code in set ${set} that the column ${column.name} does not have`);
    }
  }
  if (cells > maximumSetCells)
    shape.at("categorySet").refuse("splits too often by sets of too many categories");
}
