import type { Shape } from "./shape.ts";
import { maximumTrees } from "./tree-limits.ts";

/** What models of trees have besides the trees. */
export type TreesHeader = ReturnType<typeof readTreesHeader>;

export function readTreesHeader(shape: Shape, outputs: number) {
  shape.at("outputs").integer(outputs, outputs);
  const valuesPerLeaf = shape.at("valuesPerLeaf").integer(1, outputs);
  if (valuesPerLeaf !== 1 && valuesPerLeaf !== outputs) {
    shape.at("valuesPerLeaf").refuse(`must be 1 or the number of outputs, ${outputs}`);
  }
  const divide = shape.at("divide").optional((each) => each.number());
  if (divide !== null && divide <= 0) shape.at("divide").refuse("must be above 0");
  const treeOutput = shape.at("treeOutput").packedIntegers(undefined, 0, valuesPerLeaf > 1 ? 0 : outputs - 1);
  if (treeOutput.length > maximumTrees) shape.at("treeOutput").refuse(`has more than ${maximumTrees} trees`);
  return {
    outputs,
    input: shape.at("input").oneOf(["float32", "float64"]),
    flushTiny: shape.at("flushTiny").boolean(),
    accumulate: shape.at("accumulate").oneOf(["float32", "float64"]),
    base: readNumbers(shape.at("base"), outputs),
    baseLast: shape.at("baseLast").optional((each) => each.boolean()) ?? false,
    divide,
    valuesPerLeaf,
    treeOutput,
    listedGo: shape.at("listedGo").optional((each) => each.oneOf(["left", "right"])) ?? "left",
  } as const;
}

/** Packed, or an array of JSON numbers: a few numbers may be either. */
export function readNumbers(shape: Shape, length: number): Float64Array {
  return Array.isArray(shape.value)
    ? shape.numbers(length, length)
    : shape.packedDoubles(length, -Number.MAX_VALUE, Number.MAX_VALUE);
}
