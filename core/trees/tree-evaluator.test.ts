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
import type { Evaluator } from "./evaluator.ts";
import { chooseLayout, type Layout } from "./layouts/choose.ts";
import { DirectEvaluator } from "./layouts/direct-evaluator.ts";
import { FlagEvaluator } from "./layouts/flag-evaluator.ts";
import { treeEvaluator } from "./tree-evaluator.ts";

/** The margins by plain recursion, tree after tree. */
function reference(ensemble: TreeEnsemble, row: Float64Array): number[] {
  const { baseLast = false, base, divide, valuesPerLeaf } = ensemble;
  const round = ensemble.accumulate === "float32" ? Math.fround : (value: number) => value;
  const sums = baseLast ? [...base].fill(0) : [...base];
  const leafBelow = (start: number, node: number): number => {
    const index = start + node;
    if (ensemble.feature[index] === -1) return index;
    const side = goesLeft(ensemble, index, row) ? ensemble.left : ensemble.right;
    return leafBelow(start, side[index] as number);
  };
  ensemble.treeOutput.forEach((output, tree) => {
    const leaf = leafBelow(ensemble.treeStart[tree] as number, 0);
    for (let k = 0; k < valuesPerLeaf; k++) {
      const value = ensemble.value[leaf * valuesPerLeaf + k] as number;
      sums[output + k] = round((sums[output + k] as number) + value);
    }
  });
  const based = baseLast ? sums.map((sum, k) => round(sum + (base[k] as number))) : sums;
  return based.map((sum) => (divide === null ? sum : sum / divide));
}

/** A model in every layout that can hold it, by WebAssembly and by its twin, and in the one that is chosen. */
function evaluators(ensemble: TreeEnsemble): Record<string, Evaluator> {
  const layout = chooseLayout(ensemble);
  const chosen = { chosen: treeEvaluator(ensemble), direct: new DirectEvaluator(ensemble) };
  if (layout.kind === "direct") return chosen;
  const { trees } = layout;
  return {
    ...chosen,
    linked: new FlagEvaluator(trees, "linked", true),
    "linked, twin": new FlagEvaluator(trees, "linked", false),
    ...(layout.kind === "perfect" && {
      perfect: new FlagEvaluator(trees, "perfect", true),
      "perfect, twin": new FlagEvaluator(trees, "perfect", false),
    }),
  };
}

function expectAll(ensemble: TreeEnsemble, rows: readonly Float64Array[]): void {
  const expected = rows.map((row) => reference(ensemble, row));
  const margins = new Float64Array(ensemble.outputs);
  const flat = Float64Array.from(rows.flatMap((row) => [...row]));
  for (const [name, evaluator] of Object.entries(evaluators(ensemble))) {
    const found = rows.map((row) => {
      evaluator.margin(row, margins);
      return [...margins];
    });
    expect(found, name).toEqual(expected);
    const together = new Float64Array(rows.length * ensemble.outputs);
    evaluator.margins(flat, rows.length, together);
    expect([...together], `${name}, many rows`).toEqual(expected.flat());
  }
}

const columns = 4;
const shapes: fc.Arbitrary<ForestOptions> = fc.record({
  seed: fc.integer(),
  columns: fc.constant(columns),
  trees: fc.integer({ min: 0, max: 19 }),
  maximumDepth: fc.integer({ min: 0, max: 9 }),
  earlyLeaves: fc.constantFrom(0, 0.02, 0.15, 0.4),
  float32: fc.boolean(),
  flushTiny: fc.boolean(),
  withSets: fc.boolean(),
  zeroMissing: fc.boolean(),
  listedGo: fc.constantFrom("left", "right"),
  baseLast: fc.boolean(),
  divide: fc.constantFrom(null, 7),
});

test("margins are those of plain recursion, to the bit, in every layout", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(
      shapes,
      fc.constantFrom([1, 1], [3, 1], [3, 3]),
      (shape, [outputs = 1, valuesPerLeaf = 1]) => {
        const ensemble = randomForest({ ...shape, outputs, valuesPerLeaf });
        const random = seededRandom(shape.seed + 1);
        expectAll(ensemble, rowsFor(ensemble, columns, 150, random));
      },
    ),
    { numRuns: 80 },
  );
});

test("margins of deep chains and of many cuts a column are exact too", { timeout: 120_000 }, () => {
  const deep = { maximumDepth: 256, earlyLeaves: 0, chains: true, columns, trees: 20 };
  const wide = { maximumDepth: 8, earlyLeaves: 0, columns: 2, trees: 30 };
  const deepest = { maximumDepth: 12, earlyLeaves: 0.01, columns, trees: 3 };
  for (const float32 of [true, false]) {
    for (const [seed, shape] of [deep, wide, deepest].entries()) {
      const ensemble = randomForest({ ...shape, float32, seed, zeroMissing: seed === 0 });
      expectAll(ensemble, rowsFor(ensemble, shape.columns, 200, seededRandom(seed)));
    }
  }
});

test("the layout follows the shape", () => {
  const kindOf = (options: ForestOptions, change: Partial<TreeEnsemble> = {}): Layout["kind"] =>
    chooseLayout({ ...randomForest(options), ...change }).kind;
  const full = { seed: 1, maximumDepth: 6, earlyLeaves: 0.01 };
  expect(kindOf(full)).toBe("perfect");
  expect(kindOf({ ...full, outputs: 3, valuesPerLeaf: 3 })).toBe("linked");
  expect(kindOf({ ...full, maximumDepth: 60, chains: true })).toBe("linked");
  expect(kindOf({ ...full, maximumDepth: 14, earlyLeaves: 0, trees: 1 })).toBe("direct");
  // Sums in float32 of numbers that are none.
  expect(kindOf({ ...full, float32: true }, { base: Float64Array.of(0.1) })).toBe("direct");
  // A table of all codes would be huge.
  const sets = { withSets: true, columns, seed: 3 };
  expect(kindOf(sets, { categorySets: [[0], [1], [2], [], [5_000_000]] })).toBe("direct");
});

function rowsFor(ensemble: TreeEnsemble, width: number, count: number, random: () => number): Float64Array[] {
  return Array.from({ length: count }, () => awkwardRow(ensemble, width, random));
}
