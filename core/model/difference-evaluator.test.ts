import { expect, test } from "vitest";
import { randomForest } from "../../test/random-trees.ts";
import { DifferenceExplainer } from "../explain/difference-explainer.ts";
import { baseline } from "../trees/baseline.ts";
import { TreeExplainer } from "../trees/explain/tree-explainer.ts";
import { treeEvaluator } from "../trees/tree-evaluator.ts";
import { DifferenceEvaluator } from "./difference-evaluator.ts";

const columns = 5;
const count = 7;
const trees = randomForest({ seed: 3, columns, trees: 8, maximumDepth: 5, outputs: 2 });
const rows = Float64Array.from({ length: count * columns }, (_, i) => ((i * 37) % 11) / 4 - 1.2);
const rowOf = (row: number) => rows.subarray(row * columns, (row + 1) * columns);
const evaluator = new DifferenceEvaluator(treeEvaluator(trees));
const margins = new Float64Array(count);
evaluator.margins(rows, count, margins);

test("the margin is the second output less the first, of a row alone as of many", () => {
  const both = new Float64Array(2 * count);
  treeEvaluator(trees).margins(rows, count, both);
  expect([...margins]).toEqual(
    Array.from(margins, (_, row) => (both[2 * row + 1] as number) - (both[2 * row] as number)),
  );
  expect(new Set(margins).size).toBeGreaterThan(3);
  const alone = new Float64Array(1);
  for (let row = 0; row < count; row++) {
    evaluator.margin(rowOf(row), alone);
    expect(alone[0]).toBe(margins[row]);
  }
});

test("contributions add up to it, less the baseline", () => {
  const explainer = new DifferenceExplainer(new TreeExplainer(trees, Int32Array.of(0, 1, 2, 3, 4)));
  const [first = 0, second = 0] = baseline(trees);
  const together = new Float64Array(count * columns);
  explainer.contributionsOfRows(rows, new Float64Array(count).fill(1), count, together);
  const alone = new Float64Array(columns);
  for (let row = 0; row < count; row++) {
    explainer.contributions(rowOf(row), Float64Array.of(1), alone);
    expect([...alone]).toEqual([...together.subarray(row * columns, (row + 1) * columns)]);
    const sum = alone.reduce((total, each) => total + each, second - first);
    expect(sum).toBeCloseTo(margins[row] as number, 12);
  }
});
