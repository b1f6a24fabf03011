import type { TreeEnsemble } from "../ensemble.ts";
import {
  type BlockLayout,
  cellOffset,
  countsBytes,
  descriptorFields,
  type ForestLayout,
  recordBytes,
  sidesBytes,
} from "./block-layout.ts";
import { gaussLegendre } from "./quadrature.ts";
import type { SplitForest } from "./split-forest.ts";

/** What blocks are made of. */
export interface BlockSources {
  readonly ensemble: TreeEnsemble;
  readonly forest: SplitForest;
  /** The prepared input that a node compares. */
  readonly slotOfNode: Int32Array;
  readonly fieldOfColumn: Int32Array;
  /** Where what stands for no node adds its nothing. */
  readonly noField: number;
}

/** All of a block but its records and roots; its memory begins at `base`. */
export function writeDescriptor(
  { plan, at, descriptor }: BlockLayout,
  { words, doubles }: { readonly words: Uint32Array; readonly doubles: Float64Array },
  base: number,
): void {
  const { points, passes, levels } = plan;
  words.set(
    descriptorFields.map((field) => descriptor[field]),
    (base + at) / 4,
  );
  levels.forEach(({ joinedSplits, splits, repeatedSplits }, level) => {
    const counts = (base + descriptor.counts + level * countsBytes) / 4;
    words.set([joinedSplits / 2, splits / 2, repeatedSplits / 2], counts);
  });
  const quadrature = gaussLegendre(points * passes);
  for (let pass = 0; pass < passes; pass++) {
    const [from, to] = [pass * points, (pass + 1) * points];
    const first = (base + descriptor.quadrature) / 8;
    doubles.set(quadrature.points.subarray(from, to), first + 2 * from);
    doubles.set(quadrature.weights.subarray(from, to), first + from + to);
  }
}

/** Fills the records of blocks. Lane 0 is a record's first item, lane 1 its second. */
export class BlockWriter {
  readonly #blocks: readonly BlockLayout[];
  readonly #sources: BlockSources;
  readonly #numbers: Float64Array;
  readonly #integers: Uint32Array;
  /** By node, in offsets: its cell; of a split, what it keeps between the passes. */
  readonly #cell: Uint32Array;
  readonly #sides: Uint32Array;

  constructor(buffer: ArrayBuffer, layout: ForestLayout, sources: BlockSources) {
    this.#blocks = layout.blocks;
    this.#sources = sources;
    this.#numbers = new Float64Array(buffer);
    this.#integers = new Uint32Array(buffer);
    this.#cell = new Uint32Array(sources.ensemble.feature.length);
    this.#sides = new Uint32Array(sources.ensemble.feature.length);
  }

  /** All but what depends on the values of the leaves. */
  writeStructure(): void {
    for (const block of this.#blocks) this.#structure(block);
  }

  /** What depends on the values of the leaves. */
  writeValues(leafValue: (node: number) => number): void {
    for (const block of this.#blocks) this.#values(block, leafValue);
  }

  #structure(block: BlockLayout): void {
    const { plan, descriptor, noCell } = block;
    const { nodes, points, levels, roots } = plan;
    writeDescriptor(block, { words: this.#integers, doubles: this.#numbers }, 0);
    nodes.forEach((node, cell) => {
      if (node >= 0) this.#cell[node] = cellOffset(cell, points);
    });
    let next = 0;
    let record: number = descriptor.splits;
    let sides = 0;
    const write = (count: number, bytes: number, writeItem: (node: number, lane: number) => void) => {
      for (let i = 0; i < count; i += 2) {
        writeItem(nodes[next++] as number, 0);
        writeItem(nodes[next++] as number, 1);
        record += bytes;
      }
    };
    const split = (node: number, lane: number) => {
      this.#split(node, record, lane, noCell);
      if (node >= 0) this.#sides[node] = sides + lane * 8;
      if (lane === 1) sides += sidesBytes;
    };
    for (const { joinedSplits, splits, repeatedSplits } of levels) {
      write(joinedSplits + splits, recordBytes.split, split);
      write(repeatedSplits, recordBytes.repeatedSplit, (node, lane) => {
        split(node, lane);
        this.#repeated(node, record + 64, lane);
      });
    }
    write(plan.quartets, recordBytes.quartet, (node, lane) => this.#quartet(node, record, lane));
    write(plan.pairs, recordBytes.pair, (node, lane) => this.#pair(node, record, lane));
    write(plan.repeatedPairs, recordBytes.repeatedPair, (node, lane) => {
      this.#pair(node, record, lane);
      this.#repeated(node, record + 80, lane);
    });
    roots.forEach((node, i) => {
      this.#integers[descriptor.roots / 4 + i] = this.#cell[node] as number;
    });
  }

  #values({ plan, descriptor }: BlockLayout, leafValue: (node: number) => number): void {
    const { nodes, quartets, pairs, repeatedPairs, leaves } = plan;
    let next = nodes.length - leaves - repeatedPairs - pairs - quartets;
    const write = (
      count: number,
      at: number,
      bytes: number,
      writeItem: (node: number, at: number) => void,
    ) => {
      for (let i = 0; i < count; i++) {
        writeItem(nodes[next++] as number, (at + (i >> 1) * bytes) / 8 + (i & 1));
      }
    };
    const pair = (node: number, at: number) => this.#pairValues(node, at, leafValue);
    write(quartets, descriptor.quartets, recordBytes.quartet, (node, at) => {
      this.#quartetValues(node, at, leafValue);
    });
    write(pairs, descriptor.pairs, recordBytes.pair, pair);
    write(repeatedPairs, descriptor.repeatedPairs, recordBytes.repeatedPair, pair);
    write(leaves, descriptor.leaves, recordBytes.leaves, (node, at) => {
      this.#numbers[at] = node < 0 ? 0 : leafValue(node);
    });
  }

  /** Slots at 0, fields at 8, cells of the sides at 16 and 24, thresholds at 32, shares of the left side at 48. */
  #split(node: number, record: number, lane: number, noCell: number): void {
    const { left, right } = this.#sources.forest;
    this.#slot(node, record, lane);
    this.#field(node, record + 8, lane);
    const cellOf = (side: Int32Array) => (node < 0 ? noCell : (this.#cell[side[node] as number] as number));
    this.#integers[(record + 16) / 4 + lane] = cellOf(left);
    this.#integers[(record + 24) / 4 + lane] = cellOf(right);
    this.#threshold(node, record + 32, lane);
    this.#numbers[(record + 48) / 8 + lane] = this.#shareOf(node);
  }

  /** At 0, whether the row takes the side of the split above that leads here; at 16, that side's share. */
  #repeated(node: number, at: number, lane: number): void {
    const { splitAbove, isLeftOfAbove, shareAbove } = this.#sources.forest;
    const sides = node < 0 ? 0 : (this.#sides[splitAbove[node] as number] as number);
    this.#integers[at / 4 + lane] = sides + (node >= 0 && isLeftOfAbove[node] === 1 ? 16 : 32);
    this.#numbers[(at + 16) / 8 + lane] = node < 0 ? 1 : (shareAbove[node] as number);
  }

  /** Of the split, its left and its right side: slots at 0, 8, 16, fields from 24, thresholds from 48; share at 96. */
  #quartet(node: number, record: number, lane: number): void {
    const { left, right } = this.#sources.forest;
    const parts = node < 0 ? [-1, -1, -1] : [node, left[node] as number, right[node] as number];
    parts.forEach((part, i) => {
      this.#slot(part, record + i * 8, lane);
      this.#field(part, record + 24 + i * 8, lane);
      this.#threshold(part, record + 48 + i * 16, lane);
    });
    this.#numbers[(record + 96) / 8 + lane] = this.#shareOf(node);
  }

  /** Slots at 0, fields at 8, thresholds at 16. */
  #pair(node: number, record: number, lane: number): void {
    this.#slot(node, record, lane);
    this.#field(node, record + 8, lane);
    this.#threshold(node, record + 16, lane);
  }

  #slot(node: number, at: number, lane: number): void {
    this.#integers[at / 4 + lane] = node < 0 ? 0 : (this.#sources.slotOfNode[node] as number) * 8;
  }

  #field(node: number, at: number, lane: number): void {
    const { ensemble, fieldOfColumn, noField } = this.#sources;
    const field = node < 0 ? noField : (fieldOfColumn[ensemble.feature[node] as number] as number);
    this.#integers[at / 4 + lane] = field * 8;
  }

  #threshold(node: number, at: number, lane: number): void {
    this.#numbers[at / 8 + lane] = node < 0 ? 0 : (this.#sources.ensemble.threshold[node] as number);
  }

  #shareOf(node: number): number {
    return node < 0 ? 0.5 : (this.#sources.forest.leftShare[node] as number);
  }

  /** Of the left side at 112 and of the right one at 144 as a pair's; the difference of their means at 176, the mean at 192. */
  #quartetValues(node: number, at: number, leafValue: (node: number) => number): void {
    const { left, right } = this.#sources.forest;
    const leftMean = this.#difference(node < 0 ? -1 : (left[node] as number), at + 14, leafValue);
    const rightMean = this.#difference(node < 0 ? -1 : (right[node] as number), at + 18, leafValue);
    this.#numbers[at + 22] = leftMean - rightMean;
    this.#numbers[at + 24] = rightMean + this.#shareOf(node) * (leftMean - rightMean);
  }

  /** At 32 as `#difference` says, the mean at 64. */
  #pairValues(node: number, at: number, leafValue: (node: number) => number): void {
    this.#numbers[at + 8] = this.#difference(node, at + 4, leafValue);
  }

  /** The left leaf less the right one; after it, the same times the left side's share. Returns the mean. */
  #difference(node: number, at: number, leafValue: (node: number) => number): number {
    const { left, right } = this.#sources.forest;
    const other = node < 0 ? 0 : leafValue(right[node] as number);
    const difference = node < 0 ? 0 : leafValue(left[node] as number) - other;
    const shared = this.#shareOf(node) * difference;
    this.#numbers[at] = difference;
    this.#numbers[at + 2] = shared;
    return other + shared;
  }
}
