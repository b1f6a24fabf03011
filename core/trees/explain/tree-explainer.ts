import type { TreeEnsemble } from "../ensemble.ts";
import type { Explainer } from "../explainer.ts";
import { TreeInputs } from "../tree-inputs.ts";
import { BlockMemory, pairsAtOnce } from "./block-memory.ts";
import { planBlocks } from "./block-plan.ts";
import { BlockWriter } from "./block-writer.ts";
import { splitForest } from "./split-forest.ts";
import { UnevenTrees } from "./uneven-trees.ts";
import { writeBlocks } from "./write-blocks.ts";

export interface TreeExplainerOptions {
  /** False: the twin in JavaScript, which gives the same bits. Default: WebAssembly where there is any. */
  readonly webAssembly?: boolean;
}

/**
 * Path-dependent TreeSHAP (Lundberg et al. 2018), exact, by quadrature: README.md tells how. Throws an `Error` for an
 * ensemble with linear leaves, for which it is not defined.
 */
export class TreeExplainer implements Explainer {
  readonly #ensemble: Pick<TreeEnsemble, "outputs" | "valuesPerLeaf" | "treeOutput" | "value" | "divide">;
  readonly #inputs: TreeInputs;
  readonly #memory: BlockMemory;
  readonly #uneven: UnevenTrees | undefined;
  /** Where leaves have several values, memory holds their sums, weighed for the row before. */
  readonly #mix: { readonly writer: BlockWriter; readonly weights: Float64Array } | undefined;
  /** The inputs of one row, on their way into a pair's. */
  readonly #prepared: Float64Array;

  /** @param fieldOfColumn by column, the field that its contribution is added to */
  constructor(ensemble: TreeEnsemble, fieldOfColumn: Int32Array, options: TreeExplainerOptions = {}) {
    if (ensemble.linearLeaves !== undefined) {
      throw new Error("Contributions are not defined for trees with linear leaves.");
    }
    const { webAssembly = true } = options;
    const inputs = new TreeInputs(ensemble);
    const { slots, slotOfNode } = inputs;
    const { outputs, valuesPerLeaf, treeOutput, value, divide } = ensemble;
    const fields = 1 + fieldOfColumn.reduce((most, field) => Math.max(most, field), -1);
    const forest = splitForest(ensemble, webAssembly);
    this.#ensemble = { outputs, valuesPerLeaf, treeOutput, value, divide };
    this.#inputs = inputs;
    this.#prepared = new Float64Array(slots);
    this.#memory = new BlockMemory(planBlocks(ensemble, forest), { outputs, slots, fields }, webAssembly);
    const { buffer, layout } = this.#memory;
    const sources = { ensemble, forest, slotOfNode, fieldOfColumn, noField: fields };
    if (valuesPerLeaf > 1 || !webAssembly || !writeBlocks(buffer, layout, sources)) {
      const writer = new BlockWriter(buffer, layout, sources);
      writer.writeStructure();
      if (valuesPerLeaf === 1) writer.writeValues((node) => value[node] as number);
      else this.#mix = { writer, weights: new Float64Array(outputs).fill(Number.NaN) };
    }
    if (forest.even.includes(0)) {
      const trees = [...forest.even.keys()].filter((tree) => forest.even[tree] === 0);
      this.#uneven = new UnevenTrees(ensemble, trees, slotOfNode, fieldOfColumn);
    }
  }

  contributions(features: Float64Array, weights: Float64Array, out: Float64Array): void {
    const { inputs, result } = this.#memory;
    this.#weigh(weights);
    this.#inputs.prepare(features, inputs);
    this.#memory.explainRow();
    this.#uneven?.add(inputs, (node, tree) => this.#leafValue(node, tree, weights), result);
    const { divide } = this.#ensemble;
    out.fill(0, result.length);
    for (let field = 0; field < result.length; field++) {
      const sum = result[field] as number;
      out[field] = divide === null ? sum : sum / divide;
    }
  }

  contributionsOfRows(rows: Float64Array, weights: Float64Array, count: number, out: Float64Array): void {
    const { outputs } = this.#ensemble;
    const columns = rows.length / count;
    const fields = out.length / count;
    if (this.#memory.pairs === undefined || this.#uneven !== undefined) {
      for (let row = 0; row < count; row++) {
        this.contributions(
          rows.subarray(row * columns, (row + 1) * columns),
          weights.subarray(row * outputs, (row + 1) * outputs),
          out.subarray(row * fields, (row + 1) * fields),
        );
      }
      return;
    }
    for (const group of groupsOfEqual(weights, outputs, count)) {
      const first = group[0] as number;
      this.#weigh(weights.subarray(first * outputs, (first + 1) * outputs));
      for (let start = 0; start < group.length; start += 2 * pairsAtOnce) {
        const together = group.slice(start, start + 2 * pairsAtOnce);
        this.#preparePairs(together, rows, columns);
        this.#memory.explainPairs(Math.ceil(together.length / 2));
        this.#takeResults(together, out, fields);
      }
    }
  }

  #weigh(weights: Float64Array): void {
    if (this.#mix === undefined) {
      this.#memory.weights.set(weights);
      return;
    }
    const { writer, weights: before } = this.#mix;
    if (before.every((weight, k) => weight === weights[k])) return;
    before.set(weights);
    this.#memory.weights.fill(1);
    writer.writeValues((node) => this.#leafValue(node, 0, weights));
  }

  #leafValue(node: number, tree: number, weights: Float64Array): number {
    const { valuesPerLeaf, treeOutput, value } = this.#ensemble;
    if (valuesPerLeaf === 1) return (weights[treeOutput[tree] as number] as number) * (value[node] as number);
    let sum = 0;
    for (let k = 0; k < valuesPerLeaf; k++) {
      sum += (weights[k] as number) * (value[node * valuesPerLeaf + k] as number);
    }
    return sum;
  }

  #preparePairs(chosen: readonly number[], rows: Float64Array, columns: number): void {
    const { inputs, inputsOfPair } = this.#memory.pairs as NonNullable<BlockMemory["pairs"]>;
    const prepared = this.#prepared;
    chosen.forEach((row, i) => {
      this.#inputs.prepare(rows.subarray(row * columns, (row + 1) * columns), prepared);
      const to = (i >> 1) * inputsOfPair + (i & 1);
      for (let slot = 0; slot < prepared.length; slot++) inputs[to + 2 * slot] = prepared[slot] as number;
    });
  }

  #takeResults(chosen: readonly number[], out: Float64Array, fields: number): void {
    const { results, resultsOfPair } = this.#memory.pairs as NonNullable<BlockMemory["pairs"]>;
    const { divide } = this.#ensemble;
    const found = this.#memory.result.length;
    chosen.forEach((row, i) => {
      const from = (i >> 1) * resultsOfPair + (i & 1);
      const to = row * fields;
      out.fill(0, to + found, to + fields);
      for (let field = 0; field < found; field++) {
        const sum = results[from + 2 * field] as number;
        out[to + field] = divide === null ? sum : sum / divide;
      }
    });
  }
}

/** The rows whose weights are the same, group by group. There are about as many groups as outputs. */
function groupsOfEqual(weights: Float64Array, outputs: number, count: number): number[][] {
  const groups: number[][] = [];
  for (let row = 0; row < count; row++) {
    const group = groups.find((rowsBefore) => {
      const first = rowsBefore[0] as number;
      for (let k = 0; k < outputs; k++) {
        if (weights[first * outputs + k] !== weights[row * outputs + k]) return false;
      }
      return true;
    });
    if (group === undefined) groups.push([row]);
    else group.push(row);
  }
  return groups;
}
