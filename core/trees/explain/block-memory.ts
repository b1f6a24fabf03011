import { instantiate } from "../kernel/instantiate.ts";
import { type ForestLayout, layBlocks, upTo16 } from "./block-layout.ts";
import type { BlockPlan } from "./block-plan.ts";
import type { ContributionKernels } from "./contribution-kernels.ts";
import { twinKernels } from "./twin.ts";

/** Rows that are worked on at once: their inputs and results stay in the caches, and a block is read once for all. */
export const pairsAtOnce = 16;

/** A memory for the blocks of a forest, which block-writer.ts fills, with the kernels that work on them and room for some rows. */
export class BlockMemory {
  readonly buffer: ArrayBuffer;
  readonly layout: ForestLayout;
  /** Of one row: prepared inputs, and the contributions that were found. */
  readonly inputs: Float64Array;
  readonly result: Float64Array;
  /** By output: how much its trees count. */
  readonly weights: Float64Array;
  /** Of pairs of rows: inputs and results of the two alternate, pair after pair. Undefined: rows are taken one by one. */
  readonly pairs:
    | {
        readonly inputs: Float64Array;
        readonly inputsOfPair: number;
        readonly results: Float64Array;
        readonly resultsOfPair: number;
      }
    | undefined;
  readonly #kernels: ContributionKernels;
  readonly #at: ReturnType<typeof addresses>;

  constructor(
    plans: readonly BlockPlan[],
    size: { readonly outputs: number; readonly slots: number; readonly fields: number },
    webAssembly: boolean,
  ) {
    this.layout = layBlocks(plans, 0);
    this.#at = addresses(this.layout, size);
    const at = this.#at;
    const instance = webAssembly ? instantiate(at.end, "later") : undefined;
    const buffer = instance?.memory.buffer ?? new ArrayBuffer(at.end);
    this.buffer = buffer;
    this.#kernels = (instance?.exports as ContributionKernels | undefined) ?? twinKernels(buffer);
    const view = (from: number, length: number) => new Float64Array(buffer, from, length);
    this.inputs = view(at.inputs, size.slots);
    this.result = view(at.results, size.fields);
    this.weights = view(at.weights, size.outputs);
    if (this.#kernels.explainPairs !== undefined) {
      this.pairs = {
        inputs: view(at.inputs, (at.inputsOfPair / 8) * pairsAtOnce),
        inputsOfPair: at.inputsOfPair / 8,
        results: view(at.results, (at.resultsOfPair / 8) * pairsAtOnce),
        resultsOfPair: at.resultsOfPair / 8,
      };
    }
  }

  /** Writes into `result` what the row in `inputs` contributes. */
  explainRow(): void {
    const { descriptors, descriptorsEnd } = this.layout;
    const { weights, inputs, results, above, below, sides, curves } = this.#at;
    this.result.fill(0);
    this.#kernels.explainRow(
      descriptors,
      descriptorsEnd,
      weights,
      inputs,
      results,
      above,
      below,
      sides,
      curves,
    );
  }

  /** The same of so many pairs, `pairsAtOnce` at most. */
  explainPairs(count: number): void {
    const { descriptors, descriptorsEnd } = this.layout;
    const at = this.#at;
    this.pairs?.results.fill(0, 0, count * this.pairs.resultsOfPair);
    this.#kernels.explainPairs?.(
      descriptors,
      descriptorsEnd,
      at.weights,
      count,
      at.inputs,
      at.inputsOfPair,
      at.results,
      at.resultsOfPair,
      at.above,
      at.below,
      at.sides,
      at.curves,
    );
  }
}

/** Where things lie behind the blocks, in bytes. */
function addresses(
  { end, cellBytes, sideBytes, curveBytes }: ForestLayout,
  { outputs, slots, fields }: { readonly outputs: number; readonly slots: number; readonly fields: number },
) {
  const inputsOfPair = slots * 16;
  // One more: where what stands for no node adds its nothing.
  const resultsOfPair = (fields + 1) * 16;
  const weights = end;
  const inputs = upTo16(weights + outputs * 8);
  const results = inputs + inputsOfPair * pairsAtOnce;
  const above = results + resultsOfPair * pairsAtOnce;
  const below = above + 2 * cellBytes;
  const sides = below + 2 * cellBytes;
  const curves = sides + 2 * sideBytes;
  return {
    weights,
    inputs,
    inputsOfPair,
    results,
    resultsOfPair,
    above,
    below,
    sides,
    curves,
    end: curves + curveBytes,
  };
}
