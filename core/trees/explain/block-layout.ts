/**
 * Where blocks lie in the memory of a kernel, in bytes. Records hold two items side by side, number by number;
 * block-writer.ts fills them, ../kernel/assembly/contributions.ts and twin.ts read them.
 */
import type { BlockPlan } from "./block-plan.ts";

/** Bytes of two items. */
export const recordBytes = {
  split: 64,
  repeatedSplit: 96,
  quartet: 208,
  pair: 80,
  repeatedPair: 112,
  leaves: 16,
} as const;
/** Of two splits, between the passes: their steps, and whether the row takes their left and their right sides. */
export const sidesBytes = 48;

/** Of a level: how many records of joined splits, of other splits, and of repeated splits. */
export const countsBytes = 12;

/** The fields of a block's descriptor, each an int32, in the order of their bytes. */
export const descriptorFields = [
  "points",
  "passes",
  "output",
  "levels",
  "counts",
  "splits",
  "quartets",
  "pairs",
  "repeatedPairs",
  "leaves",
  "leavesEnd",
  "roots",
  "rootsEnd",
  "quadrature",
  "leafCells",
] as const;
export const descriptorBytes = descriptorFields.length * 4;

export type Descriptor = Readonly<Record<(typeof descriptorFields)[number], number>>;

export interface BlockLayout {
  readonly plan: BlockPlan;
  readonly at: number;
  readonly descriptor: Descriptor;
  /** The offset of the cell of what stands for no node. */
  readonly noCell: number;
}

export interface ForestLayout {
  readonly blocks: readonly BlockLayout[];
  readonly descriptors: number;
  readonly descriptorsEnd: number;
  /** What a kernel writes, of one row (of a pair of rows, cells and sides are twice as long). */
  readonly cellBytes: number;
  readonly sideBytes: number;
  readonly curveBytes: number;
  /** The first byte behind it all. */
  readonly end: number;
}

/** Cells of two neighbours alternate, point by point. */
export function cellOffset(cell: number, points: number): number {
  return (cell >> 1) * points * 16 + (cell & 1) * 8;
}

/** @param start the first byte that is free */
export function layBlocks(plans: readonly BlockPlan[], start: number): ForestLayout {
  const descriptors = start;
  const descriptorsEnd = descriptors + plans.length * descriptorBytes;
  let end = upTo16(descriptorsEnd);
  const take = (bytes: number) => {
    const at = end;
    end = upTo16(end + bytes);
    return at;
  };
  let cellBytes = 0;
  let sideBytes = 0;
  let curveBytes = 0;
  const blocks = plans.map((plan, index): BlockLayout => {
    const { points, passes, output, levels, quartets, pairs, repeatedPairs, leaves, nodes } = plan;
    const splits = levels.reduce((sum, level) => sum + level.joinedSplits + level.splits, 0);
    const repeatedSplits = levels.reduce((sum, level) => sum + level.repeatedSplits, 0);
    const noCell = cellOffset(nodes.length, points);
    cellBytes = Math.max(cellBytes, noCell + points * 16);
    sideBytes = Math.max(sideBytes, ((splits + repeatedSplits) / 2) * sidesBytes);
    curveBytes = Math.max(curveBytes, (repeatedSplits + repeatedPairs) * points * 16);
    const counts = take(levels.length * countsBytes);
    const roots = take(plan.roots.length * 4);
    const quadrature = take(passes * points * 16);
    const descriptor = {
      points,
      passes,
      output,
      levels: levels.length,
      counts,
      splits: take((splits * recordBytes.split + repeatedSplits * recordBytes.repeatedSplit) / 2),
      quartets: take((quartets / 2) * recordBytes.quartet),
      pairs: take((pairs / 2) * recordBytes.pair),
      repeatedPairs: take((repeatedPairs / 2) * recordBytes.repeatedPair),
      leaves: take((leaves / 2) * recordBytes.leaves),
      leavesEnd: end,
      roots,
      rootsEnd: roots + plan.roots.length * 4,
      quadrature,
      leafCells: cellOffset(nodes.length - leaves, points),
    };
    return { plan, at: descriptors + index * descriptorBytes, descriptor, noCell };
  });
  return { blocks, descriptors, descriptorsEnd, cellBytes, sideBytes, curveBytes, end };
}

export function upTo16(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
