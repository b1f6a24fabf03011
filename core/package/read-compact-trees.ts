import {
  addCovers,
  firstFalling,
  joinFlags,
  measureTrees,
  type ServedTrees,
} from "../trees/compact-trees.ts";
import { FIRST_FLAG, type NumericCuts } from "../trees/layouts/cuts.ts";
import type { TreesHeader } from "./read-trees-header.ts";
import type { Shape } from "./shape.ts";
import { maximumDepth, maximumNodes } from "./tree-limits.ts";

/** What the flags of a row have room for: with more questions, trees are written node by node. */
const maximumCuts = 65_000;
const largestSingle = 3.4028234663852886e38;

/** Trees as their distinct questions and, in pre-order, which of them each node asks: docs/model-package.md. */
export function readCompactTrees(
  shape: Shape,
  columns: number,
  header: TreesHeader,
  explains: boolean,
): ServedTrees {
  const { cuts, flags } = readCuts(shape.at("cuts"), columns, header.input === "float32");
  const flagOfNode = readNodes(shape, flags - FIRST_FLAG);
  const measured = measureTrees(flagOfNode, header.treeOutput.length, maximumDepth);
  if ("problem" in measured) return shape.at("leaf").refuse(`${measured.problem}, at node ${measured.node}`);
  const { treeStart, measures } = measured;
  return {
    kind: "compact-trees",
    ...header,
    cuts: { flags, columns: cuts },
    flagOfNode,
    treeStart,
    leafValue: readLeafValues(shape.at("leafValue"), measures.leaves, header),
    measures,
    cover: explains ? readCover(shape.at("cover"), { flagOfNode, treeStart, measures }) : new Float32Array(0),
  };
}

/** The flag of each node; 0 for leaves. */
function readNodes(shape: Shape, cuts: number): Uint16Array {
  const leaf = shape.at("leaf").packedIntegersAs(Uint8Array, undefined, 0, 1);
  if (leaf.length > maximumNodes) shape.at("leaf").refuse(`has more than ${maximumNodes} nodes`);
  const split = shape.at("split").packedIntegersAs(Uint16Array, undefined, 0, cuts - 1);
  return joinFlags(leaf, split) ?? shape.at("split").refuse("must hold a cut for every node that is no leaf");
}

function readCuts(shape: Shape, columns: number, isSingle: boolean) {
  const column = shape.at("column").packedIntegers(undefined, 0, columns - 1);
  const count = shape.at("count").packedIntegers(column.length, 1, maximumCuts);
  const start = new Int32Array(column.length + 1);
  for (let i = 0; i < column.length; i++) {
    if (i > 0 && (column[i] as number) <= (column[i - 1] as number)) {
      shape.at("column").refuse(`must rise; it does not at ${i}`);
    }
    start[i + 1] = (start[i] as number) + (count[i] as number);
  }
  const all = start[column.length] as number;
  if (all > maximumCuts) shape.at("count").refuse(`has ${all} cuts; at most ${maximumCuts} are allowed`);
  const thresholds = shape.at("threshold").packed(all, -Number.MAX_VALUE, Number.MAX_VALUE);
  if (isSingle && thresholds instanceof Float64Array) {
    const wrong = thresholds.findIndex((limit) => Math.fround(limit) !== limit);
    if (wrong >= 0) shape.at("threshold").refuse(`must be a float32 number at ${wrong}`);
  }
  const threshold = new Float64Array(thresholds);
  const missingLeft = shape.at("missingLeft").packedIntegersAs(Uint8Array, all, 0, 1);
  const zeroMissing = shape
    .at("zeroMissing")
    .optional((each) => each.packedIntegersAs(Uint8Array, all, 0, 1));
  const kinds =
    zeroMissing === null ? missingLeft : missingLeft.map((left, i) => left + 2 * (zeroMissing[i] as number));
  const falling = firstFalling(threshold, kinds, start);
  if (falling >= 0) shape.refuse(`must rise within a column; cut ${falling} does not`);
  const cuts = Array.from(column, (feature, i): NumericCuts => {
    const [from, to] = [start[i] as number, start[i + 1] as number];
    return {
      kind: "numeric",
      feature,
      firstFlag: FIRST_FLAG + from,
      cuts: threshold.subarray(from, to),
      missingLeft: missingLeft.subarray(from, to),
      ...(zeroMissing?.subarray(from, to).includes(1) ? { zeroMissing: zeroMissing.subarray(from, to) } : {}),
    };
  });
  return { cuts, flags: FIRST_FLAG + all };
}

function readLeafValues(
  shape: Shape,
  leaves: number,
  { accumulate, base, valuesPerLeaf }: TreesHeader,
): Float32Array | Float64Array {
  const values = shape.packed(leaves * valuesPerLeaf, -Number.MAX_VALUE, Number.MAX_VALUE);
  if (accumulate === "float64") return values instanceof Float64Array ? values : new Float64Array(values);
  const singles = values instanceof Float32Array ? values : new Float32Array(values);
  // Sums in float32 are those of the library only where all that is added is float32.
  if (singles !== values && !singles.every((value, i) => value === values[i]))
    return shape.refuse("must hold float32 numbers");
  if (!base.every((value) => Math.fround(value) === value))
    return shape.refuse("cannot be added to a base that is no float32 number");
  return singles;
}

function readCover(
  shape: Shape,
  { flagOfNode, treeStart, measures }: Pick<ServedTrees, "flagOfNode" | "treeStart" | "measures">,
): Float32Array | Float64Array {
  const nodes = flagOfNode.length;
  const cover = Object.hasOwn(shape.object(), "leaves")
    ? addUp(shape, flagOfNode, measures)
    : shape.packedDoubles(nodes, 0, Number.MAX_VALUE);
  for (let tree = 0; tree < treeStart.length - 1; tree++) {
    if (!((cover[treeStart[tree] as number] as number) > 0)) {
      shape.refuse(`must be above 0 in tree ${tree}, node 0`);
    }
  }
  return cover;
}

function addUp(
  shape: Shape,
  flagOfNode: Uint16Array,
  { leaves, depth }: ServedTrees["measures"],
): Float32Array {
  const ofLeaves = shape.at("leaves").packed(leaves, 0, largestSingle);
  const steps = shape.at("steps").packedIntegersAs(Int8Array, flagOfNode.length - leaves, -127, 127);
  const cover = addCovers(flagOfNode, new Float32Array(ofLeaves), steps, depth);
  return "problem" in cover ? shape.refuse(`${cover.problem} at node ${cover.node}`) : cover;
}
