import fc from "fast-check";
import { expect, test } from "vitest";
import { awkwardRow, type ForestOptions, randomForest, seededRandom } from "../../test/random-trees.ts";
import { ensembleOf, type ServedTrees } from "../trees/compact-trees.ts";
import type { TreeEnsemble } from "../trees/ensemble.ts";
import { TreeExplainer } from "../trees/explain/tree-explainer.ts";
import { chooseLayout } from "../trees/layouts/choose.ts";
import { DirectEvaluator } from "../trees/layouts/direct-evaluator.ts";
import { treeEvaluator } from "../trees/tree-evaluator.ts";
import { readPredictor } from "./read-predictor.ts";
import type { Column } from "./serving.ts";
import { Shape } from "./shape.ts";

const columns = Array.from({ length: 4 }, (_, i) => ({ name: `c${i}`, op: "number" }) as Column);

type Document = Record<string, unknown>;

function packed(type: "float64" | "uint16" | "uint8", numbers: readonly number[]) {
  const Numbers = { float64: Float64Array, uint16: Uint16Array, uint8: Uint8Array }[type];
  return { type, data: Buffer.from(Numbers.from(numbers).buffer).toString("base64") };
}

/** The compact form of a forest whose nodes are in pre-order, as random ones are. */
function documentOf(forest: TreeEnsemble): Document {
  const { feature, threshold, missingLeft, zeroMissing, value, cover, valuesPerLeaf } = forest;
  const nodes = [...feature.keys()];
  const splits = nodes.filter((node) => (feature[node] as number) >= 0);
  const leaves = nodes.filter((node) => (feature[node] as number) < 0);
  const cutOf = (node: number) =>
    [feature, threshold, zeroMissing ?? [], missingLeft].map((of) => (of[node] ?? 0) + 0);
  const cuts = [...new Map(splits.map((node) => [cutOf(node).join(), cutOf(node)])).values()].sort((a, b) => {
    const first = a.findIndex((number, i) => number !== b[i]);
    return (a[first] as number) - (b[first] as number);
  });
  const place = new Map(cuts.map((cut, i) => [cut.join(), i]));
  const column = [...new Set(cuts.map(([of]) => of as number))];
  const part = (i: number) => cuts.map((cut) => cut[i] as number);
  return {
    ...forest,
    base: [...forest.base],
    treeOutput: packed("uint8", [...forest.treeOutput]),
    cuts: {
      column: packed("uint8", column),
      count: packed(
        "uint16",
        column.map((of) => cuts.filter(([own]) => own === of).length),
      ),
      threshold: packed("float64", part(1)),
      ...(zeroMissing === undefined ? {} : { zeroMissing: packed("uint8", part(2)) }),
      missingLeft: packed("uint8", part(3)),
    },
    leaf: packed(
      "uint8",
      [...feature].map((of) => (of < 0 ? 1 : 0)),
    ),
    split: packed(
      "uint16",
      splits.map((node) => place.get(cutOf(node).join()) as number),
    ),
    leafValue: packed(
      "float64",
      leaves.flatMap((node) => [...value.subarray(node * valuesPerLeaf, (node + 1) * valuesPerLeaf)]),
    ),
    cover: packed("float64", [...cover]),
  };
}

function read(document: Document): ServedTrees {
  const outputs = document.outputs as number;
  return readPredictor(
    new Shape("serving.json", { document }).at("document"),
    columns,
    outputs,
    true,
  ) as ServedTrees;
}

const shapes: fc.Arbitrary<ForestOptions> = fc.record({
  seed: fc.integer(),
  columns: fc.constant(columns.length),
  trees: fc.integer({ min: 0, max: 9 }),
  maximumDepth: fc.integer({ min: 0, max: 8 }),
  float32: fc.boolean(),
  flushTiny: fc.boolean(),
  zeroMissing: fc.boolean(),
  baseLast: fc.boolean(),
  divide: fc.constantFrom(null, 7),
});

test("compact trees are the trees they were made of: margins and contributions to the bit", {
  timeout: 60_000,
}, () => {
  fc.assert(
    fc.property(
      shapes,
      fc.constantFrom([1, 1], [3, 1], [3, 3]),
      (shape, [outputs = 1, valuesPerLeaf = 1]) => {
        const forest = randomForest({ ...shape, outputs, valuesPerLeaf });
        const trees = read(documentOf(forest));
        expect(trees.kind).toBe("compact-trees");
        expect(chooseLayout(trees).kind).toBe(chooseLayout(forest).kind);
        const random = seededRandom(shape.seed);
        const rows = Array.from({ length: 140 }, () => awkwardRow(forest, columns.length, random));
        const flat = Float64Array.from(rows.flatMap((row) => [...row]));
        const expected = new Float64Array(rows.length * outputs);
        new DirectEvaluator(forest).margins(flat, rows.length, expected);
        for (const webAssembly of [true, false]) {
          const found = new Float64Array(expected.length);
          treeEvaluator(trees, { webAssembly }).margins(flat, rows.length, found);
          expect(found).toEqual(expected);
        }
        const fields = Int32Array.from(columns.keys());
        const explained = [forest, ensembleOf(trees)].map((ensemble) => {
          const out = new Float64Array(columns.length);
          const weights = new Float64Array(outputs).fill(0.5);
          new TreeExplainer(ensemble, fields).contributions(rows[0] as Float64Array, weights, out);
          return out;
        });
        expect(explained[1]).toEqual(explained[0]);
      },
    ),
    { numRuns: 60 },
  );
});

test("what is refused, and where", () => {
  // x0 <= 1 ? (x1 <= 2 ? 10 : 20) : 30
  const sound = {
    kind: "trees",
    outputs: 1,
    input: "float32",
    flushTiny: false,
    accumulate: "float32",
    base: [0],
    divide: null,
    valuesPerLeaf: 1,
    treeOutput: packed("uint8", [0]),
    cuts: {
      column: packed("uint8", [0, 1]),
      count: packed("uint8", [2, 1]),
      threshold: packed("float64", [1, 1, 2]),
      missingLeft: packed("uint8", [0, 1, 0]),
    },
    leaf: packed("uint8", [0, 0, 1, 1, 1]),
    split: packed("uint8", [1, 2]),
    leafValue: packed("float64", [10, 20, 30]),
    cover: packed("float64", [3, 2, 1, 1, 1]),
  };
  const margin = new Float64Array(1);
  treeEvaluator(read(sound)).margin(Float64Array.of(Number.NaN, 3, 0, 0), margin);
  expect(margin[0]).toBe(20);

  const refused = (change: Document) => {
    try {
      read({ ...sound, ...change });
      return "nothing";
    } catch (error) {
      return (error as Error).message.replace("The model package is refused: serving.json: /document/", "");
    }
  };
  const cuts = (change: Document) => ({ cuts: { ...sound.cuts, ...change } });
  const leaf = (...numbers: number[]) => ({ leaf: packed("uint8", numbers) });
  const message = {
    columnsFall: refused(cuts({ column: packed("uint8", [1, 0]) })),
    noSuchColumn: refused(cuts({ column: packed("uint8", [0, 4]) })),
    counts: refused(cuts({ count: packed("uint8", [2, 2]) })),
    tooMany: refused(cuts({ count: packed("uint16", [65_000, 65_000]) })),
    equalCuts: refused(cuts({ missingLeft: packed("uint8", [1, 1, 0]) })),
    fallingCuts: refused(cuts({ threshold: packed("float64", [1, 0.5, 2]) })),
    noFloat32: refused(cuts({ threshold: packed("float64", [0.1, 1, 2]) })),
    infinite: refused(cuts({ threshold: packed("float64", [1, 1, Number.POSITIVE_INFINITY]) })),
    noSuchCut: refused({ split: packed("uint8", [1, 3]) }),
    fewSplits: refused({ split: packed("uint8", [1]) }),
    manySplits: refused({ split: packed("uint8", [1, 2, 2]) }),
    fraction: refused({ split: packed("float64", [1, 0.5]) }),
    endsWithin: refused({ ...leaf(0, 0, 1, 1), leafValue: packed("float64", [10, 20]) }),
    nodesLeft: refused({ ...leaf(0, 0, 1, 1, 1, 1) }),
    tooDeep: refused({ ...leaf(...Array(257).fill(0)), split: packed("uint8", Array(257).fill(1)) }),
    values: refused({ leafValue: packed("float64", [10, 20]) }),
    valuesOfDoubles: refused({ leafValue: packed("float64", [10, 20, 0.1]) }),
    base: refused({ base: [0.1] }),
    noWeight: refused({ cover: packed("float64", [0, 2, 1, 1, 1]) }),
    endless: refused({
      cover: { leaves: packed("float64", [3e38, 3e38, 1]), steps: packed("uint8", [0, 0]) },
    }),
    notBase64: refused({ split: { type: "uint8", data: "AQ-=" } }),
    withinNumber: refused({ split: { type: "uint16", data: "AQID" } }),
  };
  expect(message).toMatchInlineSnapshot(`
    {
      "base": "leafValue cannot be added to a base that is no float32 number.",
      "columnsFall": "cuts/column must rise; it does not at 1.",
      "counts": "cuts/threshold has 3 numbers; 4 are needed.",
      "endless": "cover adds up to no finite number from 0 on at node 1.",
      "endsWithin": "leaf ends within a tree, at node 4.",
      "equalCuts": "cuts must rise within a column; cut 1 does not.",
      "fallingCuts": "cuts must rise within a column; cut 1 does not.",
      "fewSplits": "split must hold a cut for every node that is no leaf.",
      "fraction": "split holds 0.5 at 1; it must be a whole number.",
      "infinite": "cuts/threshold holds Infinity at 2; -1.7976931348623157e+308 to 1.7976931348623157e+308 is allowed.",
      "manySplits": "split must hold a cut for every node that is no leaf.",
      "noFloat32": "cuts/threshold must be a float32 number at 0.",
      "noSuchColumn": "cuts/column holds 4 at 1; 0 to 3 is allowed.",
      "noSuchCut": "split holds 3 at 1; 0 to 2 is allowed.",
      "noWeight": "cover must be above 0 in tree 0, node 0.",
      "nodesLeft": "leaf has nodes behind the last tree, at node 5.",
      "notBase64": "split/data is not base64.",
      "tooDeep": "leaf is deeper than 256 levels, at node 256.",
      "tooMany": "cuts/count has 130000 cuts; at most 65000 are allowed.",
      "values": "leafValue has 2 numbers; 3 are needed.",
      "valuesOfDoubles": "leafValue must hold float32 numbers.",
      "withinNumber": "split/data ends within a number.",
    }
  `);
});
