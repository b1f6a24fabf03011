import {
  countsBytes,
  type Descriptor,
  descriptorBytes,
  descriptorFields,
  recordBytes,
  sidesBytes,
} from "./block-layout.ts";
import type { ContributionKernels } from "./contribution-kernels.ts";

/**
 * The kernel in JavaScript, over the same memory: the operations of ../kernel/assembly/contributions.ts in the same order,
 * so that the results are the same to the bit.
 */
export function twinKernels(buffer: ArrayBuffer): ContributionKernels {
  return {
    explainRow: (blocks, end, weights, x, out, above, below, sides, curves) => {
      const numbers = new Float64Array(buffer);
      const words = new Uint32Array(buffer);
      const twin = new Twin(numbers, words, { x, out, above, below, sides, curves });
      for (let at = blocks; at < end; at += descriptorBytes) {
        const block = Object.fromEntries(
          descriptorFields.map((field, i) => [field, words[at / 4 + i]]),
        ) as Descriptor;
        const weight = numbers[weights / 8 + block.output] as number;
        if (weight !== 0) twin.explain(block, weight);
      }
    },
  };
}

/** In numbers, not bytes. */
interface Places {
  readonly x: number;
  readonly out: number;
  readonly above: number;
  readonly below: number;
  readonly sides: number;
  readonly curves: number;
}

class Twin {
  readonly #numbers: Float64Array;
  readonly #words: Uint32Array;
  readonly #places: Places;
  /** Of the block and the pass at work. */
  #points = 0;
  readonly #t = new Float64Array(4);

  constructor(numbers: Float64Array, words: Uint32Array, bytes: Places) {
    this.#numbers = numbers;
    this.#words = words;
    const { x, out, above, below, sides, curves } = bytes;
    this.#places = {
      x: x / 8,
      out: out / 8,
      above: above / 8,
      below: below / 8,
      sides: sides / 8,
      curves: curves / 8,
    };
  }

  explain(block: Descriptor, weight: number): void {
    this.#points = block.points;
    this.#writeLeaves(block);
    for (let pass = 0; pass < block.passes; pass++) {
      const quadrature = block.quadrature / 8 + pass * 2 * block.points;
      this.#t.set(this.#numbers.subarray(quadrature, quadrature + block.points));
      this.#writeRoots(block, quadrature + block.points, weight);
      this.#explainBlock(block);
    }
  }

  #writeLeaves({ leaves, leavesEnd, leafCells }: Descriptor): void {
    let cell = this.#places.below + leafCells / 8;
    for (let at = leaves / 8; at < leavesEnd / 8; at += 2) {
      for (let q = 0; q < this.#points; q++, cell += 2) {
        this.#numbers[cell] = this.#numbers[at] as number;
        this.#numbers[cell + 1] = this.#numbers[at + 1] as number;
      }
    }
  }

  #writeRoots({ roots, rootsEnd }: Descriptor, weights: number, weight: number): void {
    for (let root = roots / 4; root < rootsEnd / 4; root++) {
      const cell = this.#places.above + (this.#words[root] as number) / 8;
      for (let q = 0; q < this.#points; q++) {
        this.#numbers[cell + q * 2] = (this.#numbers[weights + q] as number) * weight;
      }
    }
  }

  /** Items are met in the order of the records; lane is 0 or 1. */
  #explainBlock(block: Descriptor): void {
    const cellsOfRecord = this.#points * 2;
    const sidesOfRecord = sidesBytes / 8;
    let at = block.splits;
    let cell = 0;
    let sides = 0;
    let curve = this.#places.curves;
    const ofLevel: { at: number; cell: number; sides: number; curve: number }[] = [];
    const countsOf = (level: number) => {
      const index = (block.counts + level * countsBytes) / 4;
      const [joined = 0, others = 0, repeated = 0] = this.#words.subarray(index, index + 3);
      return [joined + others, repeated] as const;
    };
    for (let level = 0; level < block.levels; level++) {
      const [splits, repeated] = countsOf(level);
      ofLevel.push({ at, cell, sides, curve });
      for (let i = 0; i < splits + repeated; i++) {
        const isRepeated = i >= splits;
        if (isRepeated) this.#writeCurve(at + 80, curve);
        this.#splitDown(isRepeated, at, 0, cell, sides, curve);
        this.#splitDown(isRepeated, at, 1, cell, sides, curve);
        at += isRepeated ? recordBytes.repeatedSplit : recordBytes.split;
        cell += cellsOfRecord;
        sides += sidesOfRecord;
        if (isRepeated) curve += 2 * cellsOfRecord;
      }
    }
    for (; at < block.pairs; at += recordBytes.quartet, cell += cellsOfRecord) {
      this.#quartet(at, 0, cell);
      this.#quartet(at, 1, cell);
    }
    for (; at < block.repeatedPairs; at += recordBytes.pair, cell += cellsOfRecord) {
      this.#pair(false, at, 0, cell, 0);
      this.#pair(false, at, 1, cell, 0);
    }
    for (; at < block.leaves; at += recordBytes.repeatedPair, cell += cellsOfRecord) {
      this.#writeCurve(at + 96, curve);
      this.#pair(true, at, 0, cell, curve);
      this.#pair(true, at, 1, cell, curve);
    }
    for (let level = block.levels - 1; level >= 0; level--) {
      const [splits, repeated] = countsOf(level);
      ({ at, cell, sides, curve } = ofLevel[level] as (typeof ofLevel)[number]);
      for (let i = 0; i < splits + repeated; i++) {
        const isRepeated = i >= splits;
        this.#splitUp(isRepeated, at, 0, cell, sides, curve);
        this.#splitUp(isRepeated, at, 1, cell, sides, curve);
        at += isRepeated ? recordBytes.repeatedSplit : recordBytes.split;
        cell += cellsOfRecord;
        sides += sidesOfRecord;
        if (isRepeated) curve += 2 * cellsOfRecord;
      }
    }
  }

  #writeCurve(shares: number, curve: number): void {
    for (let lane = 0; lane < 2; lane++) {
      const share = this.#numbers[shares / 8 + lane] as number;
      for (let q = 0; q < this.#points; q++) {
        const t = this.#t[q] as number;
        const factor = share * (1 - t) + t;
        this.#numbers[curve + q * 2 + lane] = t / factor;
        this.#numbers[curve + (this.#points + q) * 2 + lane] = share / (factor * factor);
      }
    }
  }

  #splitDown(
    isRepeated: boolean,
    at: number,
    lane: number,
    cell: number,
    sides: number,
    curve: number,
  ): void {
    const numbers = this.#numbers;
    const { above, sides: allSides } = this.#places;
    const share = numbers[at / 8 + 6 + lane] as number;
    const left = this.#goesLeft(at, at + 32, lane);
    const taken = !isRepeated || (numbers[allSides + this.#offset(at + 64, lane)] as number) !== 0;
    const step = taken ? (left ? 1 : 0) - share : 0;
    const own = allSides + sides + lane;
    numbers[own] = step;
    numbers[own + 2] = taken && left ? 1 : 0;
    numbers[own + 4] = taken && !left ? 1 : 0;
    const leftCell = above + this.#offset(at + 16, lane);
    const rightCell = above + this.#offset(at + 24, lane);
    for (let q = 0; q < this.#points; q++) {
      const product = numbers[above + cell + q * 2 + lane] as number;
      const t = (isRepeated ? numbers[curve + q * 2 + lane] : this.#t[q]) as number;
      const leftProduct = product * (share + t * step);
      numbers[leftCell + q * 2] = leftProduct;
      numbers[rightCell + q * 2] = product - leftProduct;
    }
  }

  #splitUp(isRepeated: boolean, at: number, lane: number, cell: number, sides: number, curve: number): void {
    const numbers = this.#numbers;
    const { above, below, sides: allSides } = this.#places;
    const share = numbers[at / 8 + 6 + lane] as number;
    const step = numbers[allSides + sides + lane] as number;
    const leftCell = below + this.#offset(at + 16, lane);
    const rightCell = below + this.#offset(at + 24, lane);
    let sum = 0;
    for (let q = 0; q < this.#points; q++) {
      const right = numbers[rightCell + q * 2] as number;
      const difference = (numbers[leftCell + q * 2] as number) - right;
      const t = (isRepeated ? numbers[curve + q * 2 + lane] : this.#t[q]) as number;
      numbers[below + cell + q * 2 + lane] = right + (share + t * step) * difference;
      let weight = numbers[above + cell + q * 2 + lane] as number;
      if (isRepeated) weight *= numbers[curve + (this.#points + q) * 2 + lane] as number;
      sum = q === 0 ? weight * difference : sum + weight * difference;
    }
    this.#contribute(at + 8, lane, step * sum);
  }

  #pair(isRepeated: boolean, at: number, lane: number, cell: number, curve: number): void {
    const numbers = this.#numbers;
    const { above, below, sides } = this.#places;
    const taken = !isRepeated || (numbers[sides + this.#offset(at + 80, lane)] as number) !== 0;
    const step = taken ? this.#pairStep(at, at + 16, at + 32, lane) : 0;
    const mean = numbers[at / 8 + 8 + lane] as number;
    let sum = 0;
    for (let q = 0; q < this.#points; q++) {
      const t = (isRepeated ? numbers[curve + q * 2 + lane] : this.#t[q]) as number;
      numbers[below + cell + q * 2 + lane] = mean + t * step;
      let weight = numbers[above + cell + q * 2 + lane] as number;
      if (isRepeated) weight *= numbers[curve + (this.#points + q) * 2 + lane] as number;
      sum = q === 0 ? weight : sum + weight;
    }
    this.#contribute(at + 8, lane, step * sum);
  }

  #quartet(at: number, lane: number, cell: number): void {
    const numbers = this.#numbers;
    const t = this.#t;
    const index = at / 8 + lane;
    const share = numbers[index + 12] as number;
    const step = (this.#goesLeft(at, at + 48, lane) ? 1 : 0) - share;
    const left = this.#pairStep(at + 8, at + 64, at + 112, lane);
    const right = this.#pairStep(at + 16, at + 80, at + 144, lane);
    const above = this.#places.above + cell + lane;
    let sum = 0;
    let moment = 0;
    for (let q = 0; q < this.#points; q++) {
      const product = numbers[above + q * 2] as number;
      sum = q === 0 ? product : sum + product;
      moment = q === 0 ? product * (t[q] as number) : moment + product * (t[q] as number);
    }
    const sumLeft = share * sum + step * moment;
    const means = numbers[index + 22] as number;
    const slopes = left - right;
    this.#contribute(at + 24, lane, step * (means * sum + slopes * moment));
    this.#contribute(at + 32, lane, left * sumLeft);
    this.#contribute(at + 40, lane, right * (sum - sumLeft));
    const mean = numbers[index + 24] as number;
    const linear = right + share * slopes + step * means;
    const square = step * slopes;
    const below = this.#places.below + cell + lane;
    for (let q = 0; q < this.#points; q++) {
      const point = t[q] as number;
      numbers[below + q * 2] = mean + point * (linear + point * square);
    }
  }

  #pairStep(slots: number, thresholds: number, differences: number, lane: number): number {
    const difference = this.#numbers[differences / 8 + lane] as number;
    const shared = this.#numbers[differences / 8 + 2 + lane] as number;
    return (this.#goesLeft(slots, thresholds, lane) ? difference : 0) - shared;
  }

  #goesLeft(slots: number, thresholds: number, lane: number): boolean {
    const value = this.#numbers[this.#places.x + this.#offset(slots, lane)] as number;
    return value <= (this.#numbers[thresholds / 8 + lane] as number);
  }

  #offset(at: number, lane: number): number {
    return (this.#words[at / 4 + lane] as number) / 8;
  }

  #contribute(fields: number, lane: number, value: number): void {
    const at = this.#places.out + this.#offset(fields, lane);
    this.#numbers[at] = (this.#numbers[at] as number) + value;
  }
}
