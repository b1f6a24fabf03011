import fc from "fast-check";
import { expect, test } from "vitest";
import { classicTreeShap } from "../../../test/classic-tree-shap.ts";
import {
  awkwardRow,
  type ForestOptions,
  goesLeft,
  randomForest,
  seededRandom,
} from "../../../test/random-trees.ts";
import { baseline } from "../baseline.ts";
import type { TreeEnsemble } from "../ensemble.ts";
import { treeEvaluator } from "../tree-evaluator.ts";
import { gaussLegendre } from "./quadrature.ts";
import { TreeExplainer } from "./tree-explainer.ts";

const columns = 5;
const fieldOfColumn = Int32Array.from({ length: columns }, (_, column) => column);

/** What a forest is expected to give when only the columns of a set are known: the others follow the training weight. */
function expectation(ensemble: TreeEnsemble, row: Float64Array, known: number, output: number): number {
  const { feature, left, right, cover, treeStart, treeOutput, value, valuesPerLeaf } = ensemble;
  const visit = (start: number, node: number): number => {
    const index = start + node;
    const column = feature[index] as number;
    if (column < 0) return value[index * valuesPerLeaf + (valuesPerLeaf > 1 ? output : 0)] as number;
    const [l, r] = [left[index] as number, right[index] as number];
    if ((known >> column) & 1) return visit(start, goesLeft(ensemble, index, row) ? l : r);
    const weight = cover[index] as number;
    const share = (child: number) => (weight > 0 ? (cover[start + child] as number) / weight : 0.5);
    return share(l) * visit(start, l) + share(r) * visit(start, r);
  };
  let sum = 0;
  treeOutput.forEach((of, tree) => {
    if (valuesPerLeaf > 1 || of === output) sum += visit(treeStart[tree] as number, 0);
  });
  return ensemble.divide === null ? sum : sum / ensemble.divide;
}

/** Shapley values by their definition: the mean over all sets of the other columns. */
function shapley(ensemble: TreeEnsemble, row: Float64Array, output: number): number[] {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const games = Array.from({ length: 1 << columns }, (_, known) => expectation(ensemble, row, known, output));
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
  unevenSides: fc.boolean(),
  divide: fc.constantFrom(null, 3),
});
const outputsAndValues = fc.constantFrom([1, 1], [3, 1], [3, 3]);

function onlyOutput(output: number, outputs: number): Float64Array {
  return Float64Array.from({ length: outputs }, (_, k) => (k === output ? 1 : 0));
}

test("contributions are Shapley values by their definition, within 1e-12", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(shapes, outputsAndValues, (shape, [outputs = 1, valuesPerLeaf = 1]) => {
      const ensemble = randomForest({ ...shape, columns, outputs, valuesPerLeaf });
      const explainer = new TreeExplainer(ensemble, fieldOfColumn);
      const random = seededRandom(shape.seed + 1);
      const found = new Float64Array(columns);
      for (let i = 0; i < 4; i++) {
        const row = awkwardRow(ensemble, columns, random);
        for (let output = 0; output < outputs; output++) {
          explainer.contributions(row, onlyOutput(output, outputs), found);
          expect(greatestDifference(found, shapley(ensemble, row, output))).toBeLessThan(1e-12);
          // The reference of other tests, which is not this slow.
          const classic = classicTreeShap(ensemble, row, columns, output);
          expect(greatestDifference(classic, shapley(ensemble, row, output))).toBeLessThan(1e-12);
        }
      }
    }),
    { numRuns: 100 },
  );
});

test("contributions are those of classic TreeSHAP, deep trees over many columns", { timeout: 60_000 }, () => {
  const many = 40;
  const fieldOfColumn = Int32Array.from({ length: many }, (_, column) => column);
  fc.assert(
    fc.property(shapes, fc.integer({ min: 6, max: 10 }), fc.boolean(), (shape, maximumDepth, webAssembly) => {
      const ensemble = randomForest({ ...shape, columns: many, maximumDepth });
      const explainer = new TreeExplainer(ensemble, fieldOfColumn, { webAssembly });
      const random = seededRandom(shape.seed);
      const found = new Float64Array(many);
      for (let i = 0; i < 3; i++) {
        const row = awkwardRow(ensemble, many, random);
        explainer.contributions(row, Float64Array.of(1), found);
        const expected = classicTreeShap(ensemble, row, many, 0);
        expect(greatestDifference(found, expected)).toBeLessThan(1e-11);
      }
    }),
    { numRuns: 20 },
  );
});

test("a chain of splits as deep as they may be: exact, and within a moment", () => {
  const many = 200;
  const ensemble = randomForest({
    seed: 5,
    columns: many,
    trees: 1,
    maximumDepth: 256,
    earlyLeaves: 0,
    chains: true,
  });
  const row = Float64Array.from({ length: many }, (_, column) => (column % 7 === 0 ? 0 : 1));
  const found = new Float64Array(many);
  new TreeExplainer(
    ensemble,
    Int32Array.from({ length: many }, (_, column) => column),
  ).contributions(row, Float64Array.of(1), found);
  const margin = new Float64Array(1);
  treeEvaluator(ensemble).margin(row, margin);
  const total = found.reduce((sum, value) => sum + value, baseline(ensemble)[0] as number);
  expect(Math.abs(total - (margin[0] as number))).toBeLessThan(1e-12);
});

test("rows together, rows alone and the twin in JavaScript: the same bits", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(
      shapes,
      outputsAndValues,
      fc.integer({ min: 1, max: 70 }),
      (shape, [outputs = 1, valuesPerLeaf = 1], rows) => {
        const ensemble = randomForest({ ...shape, columns, outputs, valuesPerLeaf });
        const random = seededRandom(shape.seed + 1);
        const features = new Float64Array(rows * columns);
        const weights = new Float64Array(rows * outputs);
        for (let row = 0; row < rows; row++) {
          features.set(awkwardRow(ensemble, columns, random), row * columns);
          weights.set(onlyOutput(Math.floor(random() * outputs), outputs), row * outputs);
        }
        // One field more than the model uses.
        const fields = columns + 1;
        const together = new Float64Array(rows * fields).fill(Number.NaN);
        const explainer = new TreeExplainer(ensemble, fieldOfColumn);
        explainer.contributionsOfRows(features, weights, rows, together);
        const twinTogether = together.slice().fill(Number.NaN);
        const twin = new TreeExplainer(ensemble, fieldOfColumn, { webAssembly: false });
        twin.contributionsOfRows(features, weights, rows, twinTogether);
        const alone = new Float64Array(fields).fill(Number.NaN);
        for (let row = 0; row < rows; row++) {
          explainer.contributions(
            features.subarray(row * columns, (row + 1) * columns),
            weights.subarray(row * outputs, (row + 1) * outputs),
            alone,
          );
          const expected = bytesOf(alone);
          expect(bytesOf(together.slice(row * fields, (row + 1) * fields))).toEqual(expected);
          expect(bytesOf(twinTogether.slice(row * fields, (row + 1) * fields))).toEqual(expected);
        }
      },
    ),
    { numRuns: 60 },
  );
});

function bytesOf(numbers: Float64Array): Uint8Array {
  return new Uint8Array(numbers.slice().buffer);
}

function greatestDifference(found: Float64Array, expected: ArrayLike<number>): number {
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected[i] as number))), 0);
}

test("columns of one field are told together", () => {
  const ensemble = randomForest({ seed: 8, columns });
  const row = Float64Array.of(1, 2, -1, 0, 3);
  const apart = new Float64Array(columns);
  const together = new Float64Array(2);
  new TreeExplainer(ensemble, fieldOfColumn).contributions(row, Float64Array.of(1), apart);
  new TreeExplainer(ensemble, Int32Array.of(0, 1, 0, 1, 1)).contributions(row, Float64Array.of(1), together);
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

test("trees with linear leaves are refused", () => {
  const leaves = { start: new Int32Array(2), features: new Int32Array(), coefficients: new Float64Array() };
  const linearLeaves = { ...leaves, constants: Float64Array.of(1) };
  const ensemble = { ...randomForest({ seed: 1, trees: 1, maximumDepth: 0 }), linearLeaves };
  expect(() => new TreeExplainer(ensemble, fieldOfColumn)).toThrow("linear leaves");
});
