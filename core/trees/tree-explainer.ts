import type { TreeEnsemble } from "./ensemble.ts";
import type { Explainer } from "./explainer.ts";
import { POINTS, type SplitBlock, splitBlocks } from "./split-blocks.ts";
import { splitTrees } from "./split-trees.ts";
import { TreeInputs } from "./tree-inputs.ts";

/**
 * Path-dependent TreeSHAP (Lundberg et al. 2018), exact, by quadrature.
 *
 * A leaf of value v under splits on the columns S, each with its share z of the training weight that took the leaf's
 * side and with o = 1 where the lead takes that side too (else 0), gives column j the Shapley value
 *
 *     v (o_j - z_j) ∫ Π_{i in S, i ≠ j} f_i(t) dt   over t from 0 to 1,   f_i(t) = z_i (1 - t) + o_i t,
 *
 * a polynomial of degree |S| - 1: Gauss-Legendre with ceil(|S| / 2) points or more integrates it without error. At every
 * point one pass down makes the products of the factors above each split, one pass up the weighted sums of the leaves
 * below it, and each split adds the difference that its two sides make.
 *
 * Where a column splits again below itself, the factor of the upper edge a is replaced by that of the lower edge e, and
 * the lower one adds (o_e z_a - o_a z_e) / f_a² of the product: nothing where the lead has left the path at a (o_a = 0).
 */
export class TreeExplainer implements Explainer {
  readonly #predictor: TreeEnsemble;
  readonly #inputs: TreeInputs;
  readonly #prepared: Float64Array;
  readonly #blocks: readonly SplitBlock[];
  /** Of the block at work: products above its splits; o of their sides, and of the edges into them. */
  readonly #above: Float64Array;
  readonly #takesLeft: Float64Array;
  readonly #takesRight: Float64Array;
  readonly #isTaken: Float64Array;

  constructor(predictor: TreeEnsemble, fieldOfColumn: Int32Array, inputs = new TreeInputs(predictor)) {
    this.#predictor = predictor;
    this.#inputs = inputs;
    this.#prepared = new Float64Array(this.#inputs.slots);
    this.#blocks = splitBlocks(predictor, splitTrees(predictor, this.#inputs.slotOfNode, fieldOfColumn));
    const splits = this.#blocks.reduce((most, block) => Math.max(most, block.splits), 0);
    this.#above = new Float64Array((splits + 1) * POINTS);
    this.#takesLeft = new Float64Array(splits);
    this.#takesRight = new Float64Array(splits);
    this.#isTaken = new Float64Array(splits + 2);
    if (predictor.valuesPerLeaf === 1) {
      for (const block of this.#blocks) writeLeaves(block, (node) => predictor.value[node] as number);
    }
  }

  contributions(features: Float64Array, weights: Float64Array, out: Float64Array): void {
    const { valuesPerLeaf, value, divide } = this.#predictor;
    out.fill(0);
    this.#inputs.prepare(features, this.#prepared);
    for (const block of this.#blocks) {
      const weight = valuesPerLeaf === 1 ? (weights[block.output] as number) : 1;
      if (weight === 0) continue;
      if (valuesPerLeaf > 1) {
        writeLeaves(block, (node) => {
          let sum = 0;
          for (let k = 0; k < valuesPerLeaf; k++) {
            sum += (weights[k] as number) * (value[node * valuesPerLeaf + k] as number);
          }
          return sum;
        });
      }
      this.#decide(block);
      for (let point = 0; point < block.quadrature.points.length; point += POINTS) {
        this.#passDown(block, point, weight);
        this.#passUp(block, point, out);
      }
    }
    if (divide !== null) for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) / divide;
  }

  #decide({ splits, slot, threshold, edgeAbove, left, right }: SplitBlock): void {
    const x = this.#prepared;
    const takesLeft = this.#takesLeft;
    const takesRight = this.#takesRight;
    const isTaken = this.#isTaken;
    isTaken[splits] = 1;
    for (let i = 0; i < splits; i++) {
      const taken = isTaken[edgeAbove[i] as number] as number;
      const goesLeft = (x[slot[i] as number] as number) <= (threshold[i] as number);
      const toLeft = goesLeft ? taken : 0;
      const toRight = taken - toLeft;
      takesLeft[i] = toLeft;
      takesRight[i] = toRight;
      isTaken[left[i] as number] = toLeft;
      isTaken[right[i] as number] = toRight;
    }
  }

  #passDown(block: SplitBlock, point: number, weight: number): void {
    const { edgeAbove, shareAbove, leftShare, rightShare, leftAbove, rightAbove } = block;
    const { points, weights } = block.quadrature;
    const above = this.#above;
    const takesLeft = this.#takesLeft;
    const takesRight = this.#takesRight;
    const isTaken = this.#isTaken;
    const t0 = points[point] as number;
    const t1 = points[point + 1] as number;
    const t2 = points[point + 2] as number;
    const [s0, s1, s2] = [1 - t0, 1 - t1, 1 - t2];
    for (let i = 0; i < block.roots; i++) {
      above[i * 3] = (weights[point] as number) * weight;
      above[i * 3 + 1] = (weights[point + 1] as number) * weight;
      above[i * 3 + 2] = (weights[point + 2] as number) * weight;
    }
    for (const { first, repeated, end } of block.rangesDown) {
      for (let i = first; i < repeated; i++) {
        const p0 = above[i * 3] as number;
        const p1 = above[i * 3 + 1] as number;
        const p2 = above[i * 3 + 2] as number;
        const zl = leftShare[i] as number;
        const zr = rightShare[i] as number;
        const ol = takesLeft[i] as number;
        const or = takesRight[i] as number;
        const l = leftAbove[i] as number;
        const r = rightAbove[i] as number;
        above[l] = p0 * (zl * s0 + ol * t0);
        above[l + 1] = p1 * (zl * s1 + ol * t1);
        above[l + 2] = p2 * (zl * s2 + ol * t2);
        above[r] = p0 * (zr * s0 + or * t0);
        above[r + 1] = p1 * (zr * s1 + or * t1);
        above[r + 2] = p2 * (zr * s2 + or * t2);
      }
      for (let i = repeated; i < end; i++) {
        const za = shareAbove[i] as number;
        const oa = isTaken[edgeAbove[i] as number] as number;
        const p0 = (above[i * 3] as number) / (za * s0 + oa * t0);
        const p1 = (above[i * 3 + 1] as number) / (za * s1 + oa * t1);
        const p2 = (above[i * 3 + 2] as number) / (za * s2 + oa * t2);
        const zl = leftShare[i] as number;
        const zr = rightShare[i] as number;
        const ol = takesLeft[i] as number;
        const or = takesRight[i] as number;
        const l = leftAbove[i] as number;
        const r = rightAbove[i] as number;
        above[l] = p0 * (zl * s0 + ol * t0);
        above[l + 1] = p1 * (zl * s1 + ol * t1);
        above[l + 2] = p2 * (zl * s2 + ol * t2);
        above[r] = p0 * (zr * s0 + or * t0);
        above[r + 1] = p1 * (zr * s1 + or * t1);
        above[r + 2] = p2 * (zr * s2 + or * t2);
      }
    }
  }

  #passUp(block: SplitBlock, point: number, out: Float64Array): void {
    const { edgeAbove, shareAbove, leftShare, rightShare, leftBelow, rightBelow, field, below } = block;
    const { points } = block.quadrature;
    const above = this.#above;
    const takesLeft = this.#takesLeft;
    const takesRight = this.#takesRight;
    const isTaken = this.#isTaken;
    const t0 = points[point] as number;
    const t1 = points[point + 1] as number;
    const t2 = points[point + 2] as number;
    const [s0, s1, s2] = [1 - t0, 1 - t1, 1 - t2];
    for (const { first, repeated, end } of block.rangesUp) {
      for (let i = first; i < repeated; i++) {
        const l = leftBelow[i] as number;
        const r = rightBelow[i] as number;
        const l0 = below[l] as number;
        const l1 = below[l + 1] as number;
        const l2 = below[l + 2] as number;
        const r0 = below[r] as number;
        const r1 = below[r + 1] as number;
        const r2 = below[r + 2] as number;
        const zl = leftShare[i] as number;
        const zr = rightShare[i] as number;
        const ol = takesLeft[i] as number;
        const or = takesRight[i] as number;
        below[i * 3] = (zl * s0 + ol * t0) * l0 + (zr * s0 + or * t0) * r0;
        below[i * 3 + 1] = (zl * s1 + ol * t1) * l1 + (zr * s1 + or * t1) * r1;
        below[i * 3 + 2] = (zl * s2 + ol * t2) * l2 + (zr * s2 + or * t2) * r2;
        const dl = ol - zl;
        const dr = or - zr;
        const target = field[i] as number;
        out[target] =
          (out[target] as number) +
          ((above[i * 3] as number) * (dl * l0 + dr * r0) +
            (above[i * 3 + 1] as number) * (dl * l1 + dr * r1) +
            (above[i * 3 + 2] as number) * (dl * l2 + dr * r2));
      }
      for (let i = repeated; i < end; i++) {
        const l = leftBelow[i] as number;
        const r = rightBelow[i] as number;
        const l0 = below[l] as number;
        const l1 = below[l + 1] as number;
        const l2 = below[l + 2] as number;
        const r0 = below[r] as number;
        const r1 = below[r + 1] as number;
        const r2 = below[r + 2] as number;
        const zl = leftShare[i] as number;
        const zr = rightShare[i] as number;
        const ol = takesLeft[i] as number;
        const or = takesRight[i] as number;
        const za = shareAbove[i] as number;
        const oa = isTaken[edgeAbove[i] as number] as number;
        const u0 = 1 / (za * s0 + oa * t0);
        const u1 = 1 / (za * s1 + oa * t1);
        const u2 = 1 / (za * s2 + oa * t2);
        below[i * 3] = u0 * ((zl * s0 + ol * t0) * l0 + (zr * s0 + or * t0) * r0);
        below[i * 3 + 1] = u1 * ((zl * s1 + ol * t1) * l1 + (zr * s1 + or * t1) * r1);
        below[i * 3 + 2] = u2 * ((zl * s2 + ol * t2) * l2 + (zr * s2 + or * t2) * r2);
        const dl = ol * za - oa * zl;
        const dr = or * za - oa * zr;
        const target = field[i] as number;
        out[target] =
          (out[target] as number) +
          ((above[i * 3] as number) * u0 * u0 * (dl * l0 + dr * r0) +
            (above[i * 3 + 1] as number) * u1 * u1 * (dl * l1 + dr * r1) +
            (above[i * 3 + 2] as number) * u2 * u2 * (dl * l2 + dr * r2));
      }
    }
  }
}

function writeLeaves({ splits, leaves, below }: SplitBlock, leafValue: (node: number) => number): void {
  for (let leaf = 0; leaf < leaves.length; leaf++) {
    const cell = (splits + leaf) * POINTS;
    below.fill(leafValue(leaves[leaf] as number), cell, cell + POINTS);
  }
}
