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
import { gaussLegendre } from "./quadrature.ts";
import { treeEvaluator } from "./tree-evaluator.ts";
import { TreeExplainer } from "./tree-explainer.ts";

const columns = 5;
const fieldOfColumn = Int32Array.from({ length: columns }, (_, column) => column);

/** What a forest is expected to give when only the columns of a set are known: the others follow the training weight. */
function expectation(predictor: TreeEnsemble, row: Float64Array, known: number, output: number): number {
  const { feature, left, right, cover, treeStart, treeOutput, value, valuesPerLeaf } = predictor;
  const visit = (start: number, node: number): number => {
    const index = start + node;
    const column = feature[index] as number;
    if (column < 0) return value[index * valuesPerLeaf + (valuesPerLeaf > 1 ? output : 0)] as number;
    const [l, r] = [left[index] as number, right[index] as number];
    if ((known >> column) & 1) return visit(start, goesLeft(predictor, index, row) ? l : r);
    const weight = cover[index] as number;
    const share = (child: number) => (weight > 0 ? (cover[start + child] as number) / weight : 0);
    return share(l) * visit(start, l) + share(r) * visit(start, r);
  };
  let sum = 0;
  treeOutput.forEach((of, tree) => {
    if (valuesPerLeaf > 1 || of === output) sum += visit(treeStart[tree] as number, 0);
  });
  return predictor.divide === null ? sum : sum / predictor.divide;
}

/** Shapley values by their definition: the mean over all sets of the other columns. */
function shapley(predictor: TreeEnsemble, row: Float64Array, output: number): number[] {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const games = Array.from({ length: 1 << columns }, (_, known) =>
    expectation(predictor, row, known, output),
  );
  return Array.from({ length: columns }, (_, column) => {
    let total = 0;
    games.forEach((game, known) => {
      if ((known >> column) & 1) return;
      const size = known.toString(2).replaceAll("0", "").length;
      const weight = (factorial(size) * factorial(columns - 1 - size)) / factorial(columns);
      total += weight * ((games[known | (1 << column)] as number) - game);
    });
    return total;
  });
}

const shapes: fc.Arbitrary<ForestOptions> = fc.record({
  seed: fc.integer(),
  trees: fc.integer({ min: 0, max: 6 }),
  maximumDepth: fc.integer({ min: 0, max: 9 }),
  withSets: fc.boolean(),
  emptySides: fc.boolean(),
  divide: fc.constantFrom(null, 3),
});

test("contributions are Shapley values by their definition, within 1e-12", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(
      shapes,
      fc.constantFrom([1, 1], [3, 1], [3, 3]),
      (shape, [outputs = 1, valuesPerLeaf = 1]) => {
        const predictor = randomForest({ ...shape, columns, outputs, valuesPerLeaf });
        const explainer = new TreeExplainer(predictor, fieldOfColumn);
        const random = seededRandom(shape.seed + 1);
        const found = new Float64Array(columns);
        for (let i = 0; i < 4; i++) {
          const row = awkwardRow(predictor, columns, random);
          for (let output = 0; output < outputs; output++) {
            const weights = Float64Array.from({ length: outputs }, (_, k) => (k === output ? 1 : 0));
            explainer.contributions(row, weights, found);
            const expected = shapley(predictor, row, output);
            const differences = expected.map((value, column) => Math.abs((found[column] as number) - value));
            expect(Math.max(...differences)).toBeLessThan(1e-12);
          }
        }
      },
    ),
    { numRuns: 50 },
  );
});

test("deep trees over many columns: contributions add up to the margin less the baseline", () => {
  const many = 40;
  const predictor = randomForest({ seed: 3, columns: many, trees: 5, maximumDepth: 14 });
  const explainer = new TreeExplainer(
    predictor,
    Int32Array.from({ length: many }, (_, column) => column),
  );
  const evaluator = treeEvaluator(predictor);
  const random = seededRandom(4);
  const none = new Float64Array(many);
  const baseline = (predictor.base[0] as number) + expectation(predictor, none, 0, 0);
  const margin = new Float64Array(1);
  const found = new Float64Array(many);
  for (let i = 0; i < 20; i++) {
    const row = awkwardRow(predictor, many, random);
    explainer.contributions(row, Float64Array.of(1), found);
    evaluator.margin(row, margin);
    const total = found.reduce((sum, value) => sum + value, baseline);
    expect(Math.abs(total - (margin[0] as number))).toBeLessThan(1e-12);
  }
});

test("columns of one field are told together", () => {
  const predictor = randomForest({ seed: 8, columns });
  const row = Float64Array.of(1, 2, -1, 0, 3);
  const apart = new Float64Array(columns);
  const together = new Float64Array(2);
  new TreeExplainer(predictor, fieldOfColumn).contributions(row, Float64Array.of(1), apart);
  new TreeExplainer(predictor, Int32Array.of(0, 1, 0, 1, 1)).contributions(row, Float64Array.of(1), together);
  expect(together[0]).toBeCloseTo((apart[0] as number) + (apart[2] as number), 12);
});

test("Gauss-Legendre integrates polynomials of degree 2 x points - 1 exactly", () => {
  for (let count = 1; count <= 30; count++) {
    const { points, weights } = gaussLegendre(count);
    for (let degree = 0; degree < 2 * count; degree++) {
      const integral = points.reduce((sum, point, i) => sum + (weights[i] as number) * point ** degree, 0);
      expect(Math.abs(integral - 1 / (degree + 1))).toBeLessThan(1e-14);
    }
  }
});
