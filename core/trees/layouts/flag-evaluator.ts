import type { TreeEnsemble } from "../ensemble.ts";
import type { Evaluator } from "../evaluator.ts";
import { FLAGS, NODES, SLACK, walkMode } from "../kernel/kernels.ts";
import { MemoryPlan, type ModelMemory, modelMemory } from "../kernel/model-memory.ts";
import { type ColumnTables, planColumns } from "./column-tables.ts";
import type { Cuts } from "./cuts.ts";
import { linkedNodes } from "./linked.ts";
import type { NodeTables } from "./node-tables.ts";
import { perfectNodes } from "./perfect.ts";

/** So many flags fit before the nodes. */
export const mostFlags = NODES - FLAGS - SLACK;

/**
 * Trees in two steps. First every cut that any split asks for is answered by a flag, feature by feature, with one
 * search each: missing values, categories, the kind of number, all that ends here. Then the trees are walked, and a step is two loads and an
 * addition.
 */
export class FlagEvaluator implements Evaluator {
  readonly outputs: number;
  readonly #ensemble: TreeEnsemble;
  readonly #memory: ModelMemory;
  readonly #columns: ColumnTables;
  readonly #nodes: NodeTables;
  /** Features that any split asks for are among so many first ones. */
  readonly #width: number;
  readonly #row: number;
  readonly #leaves: number;
  readonly #treeOutputs: number;
  readonly #sums: number;

  constructor(
    ensemble: TreeEnsemble,
    cuts: Cuts,
    layout: { readonly kind: "perfect"; readonly depth: number } | { readonly kind: "linked" },
    webAssembly: boolean,
  ) {
    const { outputs, treeOutput, input, flushTiny, listedGo } = ensemble;
    const start = (at: number) => new MemoryPlan(at);
    const { plan, nodes } =
      layout.kind === "perfect" ? perfectNodes(start, ensemble, layout.depth) : linkedNodes(start, ensemble);
    this.outputs = outputs;
    this.#ensemble = ensemble;
    this.#nodes = nodes;
    this.#columns = planColumns(plan, cuts, {
      isSingle: input === "float32",
      flushTiny,
      keepNegativeFraction: listedGo !== "right",
    });
    this.#width = 1 + cuts.columns.reduce((most, { feature }) => Math.max(most, feature), -1);
    this.#row = plan.reserve(this.#width * 8);
    this.#leaves = plan.reserve((treeOutput.length + 8) * 4);
    this.#treeOutputs = plan.reserve(treeOutput.length * 4);
    this.#sums = plan.reserve(outputs * 8);
    this.#memory = modelMemory(plan.size, webAssembly);
    nodes.write(this.#memory, cuts);
    this.#columns.write(this.#memory, nodes.raised);
    this.#memory.words.set(treeOutput, this.#treeOutputs >> 2);
  }

  margin(features: Float64Array, out: Float64Array): void {
    const { doubles } = this.#memory;
    const row = this.#row >> 3;
    for (let i = 0; i < this.#width; i++) doubles[row + i] = features[i] as number;
    this.#add(this.#row, out, 0);
  }

  margins(rows: Float64Array, count: number, out: Float64Array): void {
    const width = rows.length / count;
    for (let i = 0; i < count; i++) {
      this.#memory.doubles.set(rows.subarray(i * width, i * width + this.#width), this.#row >> 3);
      this.#add(this.#row, out, i * this.outputs);
    }
  }

  /** The margins of the row at an address, to `out` from `first` on. */
  #add(row: number, out: Float64Array, first: number): void {
    const { base, baseLast, divide, accumulate, treeOutput, valuesPerLeaf } = this.#ensemble;
    const { kernels, singles, doubles } = this.#memory;
    const isSingle = accumulate === "float32";
    kernels.setFlags(this.#columns.columns, this.#columns.end, row, this.#columns.patterns);
    if (this.outputs === 1) {
      const mode = isSingle ? walkMode.sumSingle : walkMode.sumDouble;
      out[first] = this.#nodes.walk(this.#memory, mode, 0, baseLast === true ? 0 : (base[0] as number));
    } else {
      const sums = isSingle ? singles : doubles;
      const firstSum = this.#sums / sums.BYTES_PER_ELEMENT;
      for (let i = 0; i < this.outputs; i++) sums[firstSum + i] = baseLast === true ? 0 : (base[i] as number);
      this.#nodes.walk(this.#memory, walkMode.leaves, this.#leaves, 0);
      const addLeaves = isSingle ? kernels.addLeavesSingle : kernels.addLeavesDouble;
      addLeaves(
        treeOutput.length,
        this.#leaves,
        this.#treeOutputs,
        this.#nodes.values,
        valuesPerLeaf,
        this.#sums,
      );
      for (let i = 0; i < this.outputs; i++) out[first + i] = sums[firstSum + i] as number;
    }
    for (let i = first; i < first + this.outputs; i++) {
      if (baseLast === true) {
        const sum = (out[i] as number) + (base[i - first] as number);
        out[i] = isSingle ? Math.fround(sum) : sum;
      }
      if (divide !== null) out[i] = (out[i] as number) / divide;
    }
  }
}
