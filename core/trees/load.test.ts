import { expect, test } from "vitest";
import { randomForest } from "../../test/random-trees.ts";
import { identity } from "./links/link.ts";
import { modelOf } from "./load.ts";
import type { RawModel } from "./raw-model.ts";

const features = 4;
const count = 9;
const rows = Float64Array.from({ length: count * features }, (_, i) => ((i * 29) % 13) / 5 - 1.3);

/** Pairs of equal trees, of which the second takes away what the first adds, and one tree that stays. */
function cancelling(scale: number, float32: boolean, outputs = 1) {
  const trees = randomForest({ seed: 4, columns: features, trees: 7, maximumDepth: 4, outputs, float32 });
  const value = trees.value.map((each, at) => (at < (trees.treeStart[6] as number) ? each * scale : each));
  const twice = Float64Array.of(
    ...value,
    ...value.map((each, at) => (at < (trees.treeStart[6] as number) ? -each : 0)),
  );
  const starts = trees.treeStart;
  const end = starts[7] as number;
  const both = <T extends Int32Array | Float64Array>(array: T) => [...array, ...array];
  const predictor = {
    ...trees,
    treeStart: Int32Array.from([...starts, ...starts.subarray(1).map((each) => each + end)]),
    treeOutput: Int32Array.from(both(trees.treeOutput)),
    feature: Int32Array.from(both(trees.feature)),
    threshold: Float64Array.from(both(trees.threshold)),
    left: Int32Array.from(both(trees.left)),
    right: Int32Array.from(both(trees.right)),
    missingLeft: Int32Array.from(both(trees.missingLeft)),
    value: float32 ? twice.map(Math.fround) : twice,
    cover: Float64Array.from(both(trees.cover)),
  };
  return modelOf({
    format: "leadgauge-predictor",
    objective: "",
    features,
    predictor,
    link: identity(outputs),
    rounds: { total: 14 },
  } satisfies RawModel);
}

/** What contributions and bias miss the margin by, at most, as a share of the greatest of them; and the biases. */
function missOf(model: ReturnType<typeof cancelling>): { miss: number; biases: Set<number> } {
  const { outputs } = model;
  const width = features + 1;
  const margins = new Float64Array(count * outputs);
  const out = new Float64Array(count * outputs * width);
  model.predict(rows, margins);
  model.contributions(rows, out);
  const biases = new Set<number>();
  let miss = 0;
  margins.forEach((margin, i) => {
    const part = out.subarray(i * width, (i + 1) * width);
    const greatest = part.reduce((most, each) => Math.max(most, Math.abs(each)), 1);
    miss = Math.max(miss, Math.abs(part.reduce((a, b) => a + b, 0) - margin) / greatest);
    biases.add(part[features] as number);
  });
  return { miss, biases };
}

test.each([false, true])("contributions add up, whatever leaves cancel; float32: %s", (float32) => {
  for (const scale of [1e10, 1e17, 1e25]) {
    expect(missOf(cancelling(scale, float32)).miss, `${scale}`).toBeLessThan(1e-15);
    expect(missOf(cancelling(scale, float32, 2)).miss, `${scale}`).toBeLessThan(1e-15);
  }
});

test("of leaves of usual size the bias is the same for all rows", () => {
  const { miss, biases } = missOf(cancelling(1e3, false));
  expect(miss).toBeLessThan(1e-9);
  expect(biases.size).toBe(1);
});
