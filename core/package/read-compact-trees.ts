import {
  addCovers,
  firstFalling,
  joinFlags,
  measureTrees,
  type ServedTrees,
} from "../trees/compact-trees.ts";
import type { Span, Workspace } from "../trees/kernel/workspace.ts";
import { FIRST_FLAG, type NumericCuts } from "../trees/layouts/cuts.ts";
import type { TreesHeader } from "./read-trees-header.ts";
import type { Shape } from "./shape.ts";
import { maximumDepth, maximumNodes } from "./tree-limits.ts";

/** What the flags of a row have room for: with more questions, trees are written node by node. */
const maximumCuts = 65_000;
const largestSingle = 3.4028234663852886e38;

/**
 * Trees as their distinct questions and, in pre-order, which of them each node asks: docs/model-package.md. Arrays are told by their places
 * in the workspace until all are there; what is kept are views of it.
 */
export function readCompactTrees(
  shape: Shape,
  columns: number,
  header: TreesHeader,
  explains: boolean,
): ServedTrees {
  const { workspace } = shape;
  const cuts = readCuts(shape.at("cuts"), columns, header.input === "float32");
  const flags = readNodes(shape, cuts.threshold.length);
  const measured = measureTrees(workspace, flags, header.treeOutput.length, maximumDepth);
  if ("problem" in measured) return shape.at("leaf").refuse(`${measured.problem}, at node ${measured.node}`);
  const { measures, treeStart } = measured;
  const leafValue = readLeafValues(shape.at("leafValue"), measures.leaves, header);
  const cover = explains ? readCover(shape.at("cover"), flags, measured) : undefined;
  return {
    kind: "compact-trees",
    ...header,
    cuts: { flags: FIRST_FLAG + cuts.threshold.length, columns: cutColumns(workspace, cuts) },
    flagOfNode: workspace.numbers(flags) as Uint16Array,
    treeStart,
    leafValue: workspace.numbers(leafValue) as Float32Array | Float64Array,
    measures,
    cover:
      cover === undefined ? new Float32Array(0) : (workspace.numbers(cover) as Float32Array | Float64Array),
  };
}

/** The flag of each node (uint16); 0 for leaves. */
function readNodes(shape: Shape, cuts: number): Span {
  const leaf = shape.at("leaf").integerSpan("uint8", undefined, 0, 1);
  if (leaf.length > maximumNodes) shape.at("leaf").refuse(`has more than ${maximumNodes} nodes`);
  const split = shape.at("split").integerSpan("uint16", undefined, 0, cuts - 1);
  return (
    joinFlags(shape.workspace, leaf, split) ??
    shape.at("split").refuse("must hold a cut for every node that is no leaf")
  );
}

interface CutSpans {
  readonly column: Int32Array;
  /** Where each column's cuts start, and one more. */
  readonly start: Int32Array<ArrayBuffer>;
  /** float64. */
  readonly threshold: Span;
  readonly missingLeft: Span;
  readonly zeroMissing: Span | null;
}

function readCuts(shape: Shape, columns: number, isSingle: boolean): CutSpans {
  const { workspace } = shape;
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
  const threshold = readThresholds(shape.at("threshold"), all, isSingle);
  const missingLeft = shape.at("missingLeft").integerSpan("uint8", all, 0, 1);
  const zeroMissing = shape.at("zeroMissing").optional((each) => each.integerSpan("uint8", all, 0, 1));
  let kinds = missingLeft;
  if (zeroMissing !== null) {
    const zero = workspace.numbers(zeroMissing);
    const left = workspace.numbers(missingLeft) as Uint8Array;
    kinds = workspace.placeNumbers(left.map((each, i) => each + 2 * (zero[i] as number)));
  }
  const falling = firstFalling(workspace, threshold, kinds, start);
  if (falling >= 0) shape.refuse(`must rise within a column; cut ${falling} does not`);
  return { column, start, threshold, missingLeft, zeroMissing };
}

/** As float64. */
function readThresholds(shape: Shape, count: number, isSingle: boolean): Span {
  const { workspace } = shape;
  const span = shape.span(count, -Number.MAX_VALUE, Number.MAX_VALUE);
  if (span.type === "float64") {
    const wrong = isSingle
      ? (workspace.numbers(span) as Float64Array).findIndex((limit) => Math.fround(limit) !== limit)
      : -1;
    return wrong >= 0 ? shape.refuse(`must be a float32 number at ${wrong}`) : span;
  }
  return converted(workspace, span, "float64");
}

function cutColumns(
  workspace: Workspace,
  { column, start, threshold, missingLeft, zeroMissing }: CutSpans,
): NumericCuts[] {
  const thresholds = workspace.numbers(threshold) as Float64Array;
  const left = workspace.numbers(missingLeft) as Uint8Array;
  const zero = zeroMissing === null ? undefined : (workspace.numbers(zeroMissing) as Uint8Array);
  return Array.from(column, (feature, i): NumericCuts => {
    const [from, to] = [start[i] as number, start[i + 1] as number];
    const own = zero?.subarray(from, to);
    return {
      kind: "numeric",
      feature,
      firstFlag: FIRST_FLAG + from,
      cuts: thresholds.subarray(from, to),
      missingLeft: left.subarray(from, to),
      ...(own?.includes(1) ? { zeroMissing: own } : {}),
    };
  });
}

/** Float32 where that is what is added up. */
function readLeafValues(
  shape: Shape,
  leaves: number,
  { accumulate, base, valuesPerLeaf }: TreesHeader,
): Span {
  const { workspace } = shape;
  const span = shape.span(leaves * valuesPerLeaf, -Number.MAX_VALUE, Number.MAX_VALUE);
  if (accumulate === "float64") return converted(workspace, span, "float64");
  // Sums in float32 are those of the library only where all that is added is float32.
  if (span.type !== "float32" && workspace.numbers(span).some((value) => Math.fround(value) !== value))
    return shape.refuse("must hold float32 numbers");
  if (!base.every((value) => Math.fround(value) === value))
    return shape.refuse("cannot be added to a base that is no float32 number");
  return converted(workspace, span, "float32");
}

function readCover(
  shape: Shape,
  flags: Span,
  { treeStart, measures }: Pick<ServedTrees, "treeStart" | "measures">,
): Span {
  const { workspace } = shape;
  const span = Object.hasOwn(shape.object(), "leaves")
    ? addUp(shape, flags, measures)
    : converted(workspace, shape.span(flags.length, 0, Number.MAX_VALUE), "float64");
  const cover = workspace.numbers(span);
  for (let tree = 0; tree < treeStart.length - 1; tree++) {
    if (!((cover[treeStart[tree] as number] as number) > 0)) {
      shape.refuse(`must be above 0 in tree ${tree}, node 0`);
    }
  }
  return span;
}

function addUp(shape: Shape, flags: Span, { leaves, depth }: ServedTrees["measures"]): Span {
  const { workspace } = shape;
  const ofLeaves = converted(workspace, shape.at("leaves").span(leaves, 0, largestSingle), "float32");
  const steps = shape.at("steps").integerSpan("int8", flags.length - leaves, -127, 127);
  const cover = addCovers(workspace, flags, ofLeaves, steps, depth);
  return "problem" in cover ? shape.refuse(`${cover.problem} at node ${cover.node}`) : cover;
}

function converted(workspace: Workspace, span: Span, type: "float32" | "float64"): Span {
  if (span.type === type) return span;
  const to = { type, at: workspace.reserve(span.length * (type === "float32" ? 4 : 8)), length: span.length };
  workspace.numbers(to).set(workspace.numbers(span));
  return to;
}
