import type { LinearLeaves, TreeEnsemble } from "../trees/ensemble.ts";
import type { Shape } from "./shape.ts";

/** Leaves that are linear models, of trees that are otherwise checked: docs/model-package.md. */
export function readLinearLeaves(
  shape: Shape,
  { feature, valuesPerLeaf }: Pick<TreeEnsemble, "feature" | "valuesPerLeaf">,
  columns: number,
): LinearLeaves {
  if (valuesPerLeaf !== 1) shape.refuse("needs leaves of one value");
  const nodes = shape.at("node").packedIntegers(undefined, 0, feature.length - 1);
  const ofLeaves = shape.at("constant").packedDoubles(nodes.length, -Number.MAX_VALUE, Number.MAX_VALUE);
  const counts = shape.at("count").packedIntegers(nodes.length, 0, columns);
  const constants = new Float64Array(feature.length).fill(Number.NaN);
  const start = new Int32Array(feature.length + 1);
  nodes.forEach((node, i) => {
    if (i > 0 && node <= (nodes[i - 1] as number)) shape.at("node").refuse(`must rise; it does not at ${i}`);
    if ((feature[node] as number) >= 0) shape.at("node").refuse(`names node ${node}, which is no leaf`);
    constants[node] = ofLeaves[i] as number;
    start[node + 1] = counts[i] as number;
  });
  for (let node = 0; node < feature.length; node++) {
    start[node + 1] = (start[node + 1] as number) + (start[node] as number);
  }
  const terms = counts.reduce((sum, count) => sum + count, 0);
  return {
    start,
    features: shape.at("column").packedIntegers(terms, 0, columns - 1),
    coefficients: shape.at("coefficient").packedDoubles(terms, -Number.MAX_VALUE, Number.MAX_VALUE),
    constants,
  };
}
