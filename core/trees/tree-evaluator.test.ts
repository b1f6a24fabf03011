import fc from "fast-check";
import { expect, test } from "vitest";
import {
  awkwardRow,
  type ForestOptions,
  goesLeft,
  randomForest,
  seededRandom,
} from "../../test/random-trees.ts";
import type { TreeEnsemble } from "./ensemble.ts";
import { TreeEvaluator } from "./tree-evaluator.ts";

/** The margins by plain recursion, tree after tree. */
function reference(predictor: TreeEnsemble, row: Float64Array): number[] {
  const round = predictor.accumulate === "float32" ? Math.fround : (value: number) => value;
  const sums = [...predictor.base];
  const leafBelow = (start: number, node: number): number => {
    const index = start + node;
    if (predictor.feature[index] === -1) return index;
    const side = goesLeft(predictor, index, row) ? predictor.left : predictor.right;
    return leafBelow(start, side[index] as number);
  };
  predictor.treeOutput.forEach((output, tree) => {
    const leaf = leafBelow(predictor.treeStart[tree] as number, 0);
    for (let k = 0; k < predictor.valuesPerLeaf; k++) {
      const value = predictor.value[leaf * predictor.valuesPerLeaf + k] as number;
      sums[output + k] = round((sums[output + k] as number) + value);
    }
  });
  return sums.map((sum) => (predictor.divide === null ? sum : sum / predictor.divide));
}

const shapes: fc.Arbitrary<ForestOptions> = fc.record({
  seed: fc.integer(),
  trees: fc.integer({ min: 0, max: 9 }),
  maximumDepth: fc.integer({ min: 0, max: 8 }),
  float32: fc.boolean(),
  flushTiny: fc.boolean(),
  withSets: fc.boolean(),
  divide: fc.constantFrom(null, 7),
});

test("margins are those of plain recursion, to the bit", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(
      shapes,
      fc.constantFrom([1, 1], [3, 1], [3, 3]),
      (shape, [outputs = 1, valuesPerLeaf = 1]) => {
        const predictor = randomForest({ ...shape, outputs, valuesPerLeaf });
        const evaluator = new TreeEvaluator(predictor);
        const random = seededRandom(shape.seed + 1);
        const margins = new Float64Array(outputs);
        const rows = Array.from({ length: 30 }, () => awkwardRow(predictor, 4, random));
        const found = rows.map((row) => {
          evaluator.margin(row, margins);
          return [...margins];
        });
        expect(found).toEqual(rows.map((row) => reference(predictor, row)));
      },
    ),
    { numRuns: 80 },
  );
});
