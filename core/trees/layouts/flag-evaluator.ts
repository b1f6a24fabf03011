import type { CompactTrees } from "../compact-trees.ts";
import type { Evaluator } from "../evaluator.ts";
import { FLAGS, NODES, SLACK, walkMode } from "../kernel/kernels.ts";
import { MemoryPlan, ModelMemory } from "../kernel/model-memory.ts";
import { type ColumnTables, planColumns } from "./column-tables.ts";
import { linkedNodes } from "./linked.ts";
import { type NodeTables, placeTrees, reserveTrees } from "./node-tables.ts";
import { perfectNodes } from "./perfect.ts";
import { fewestRows, type PlaneTables, planeTables, ROWS } from "./planes.ts";

/** So many flags fit before the nodes. */
export const mostFlags = NODES - FLAGS - SLACK;

/**
 * Trees in two steps. First every cut that any split asks for is answered by a flag, feature by feature, with one
 * search each: missing values, categories, the kind of number, all that ends here. Then the trees are walked, and a step is two loads and an
 * addition.
 */
export class FlagEvaluator implements Evaluator {
  readonly outputs: number;
  readonly #trees: CompactTrees;
  readonly #memory: ModelMemory;
  readonly #columns: ColumnTables;
  readonly #nodes: NodeTables;
  /** Features that any split asks for are among so many first ones. */
  readonly #width: number;
  readonly #row: number;
  readonly #leaves: number;
  readonly #treeOutputs: number;
  readonly #sums: number;
  /** Null: not asked for yet. */
  #planes: PlaneTables | undefined | null = null;

  constructor(trees: CompactTrees, layout: "perfect" | "linked", webAssembly: boolean) {
    const { outputs, treeOutput, input, flushTiny, listedGo, cuts } = trees;
    const start = (at: number) => new MemoryPlan(at);
    const { plan, nodes } = layout === "perfect" ? perfectNodes(start, trees) : linkedNodes(start, trees);
    this.outputs = outputs;
    this.#trees = trees;
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
    const at = reserveTrees(plan, trees);
    const room = plan.reserve(this.#columns.longest * 9);
    this.#memory = new ModelMemory(plan.size, webAssembly);
    placeTrees(this.#memory, trees, at);
    nodes.write(this.#memory, at);
    this.#columns.write(this.#memory, nodes.raised, room);
    this.#memory.words.set(treeOutput, this.#treeOutputs >> 2);
  }

  margin(features: Float64Array, out: Float64Array): void {
    const { doubles } = this.#memory;
    const row = this.#row >> 3;
    const width = this.#width;
    for (let i = 0; i < width; i++) doubles[row + i] = features[i] as number;
    this.#addRow(out, 0);
  }

  margins(rows: Float64Array, count: number, out: Float64Array): void {
    const width = rows.length / count;
    let done = 0;
    while (count - done >= fewestRows) {
      if (this.#planes === null) {
        this.#planes = planeTables(this.#memory, this.#trees, this.#columns, this.#nodes, this.#width);
      }
      if (this.#planes === undefined) break;
      const block = Math.min(ROWS, count - done);
      this.#addTogether(this.#planes, rows.subarray(done * width), width, block, out, done);
      done += block;
    }
    for (; done < count; done++) {
      this.#memory.doubles.set(rows.subarray(done * width, done * width + this.#width), this.#row >> 3);
      this.#addRow(out, done * this.outputs);
    }
  }

  /** The sums before any tree. */
  #start(output: number): number {
    const { base, baseLast } = this.#trees;
    return baseLast === true ? 0 : (base[output] as number);
  }

  /** The margin of a sum of leaves. */
  #finish(sum: number, output: number): number {
    const { base, baseLast, divide, accumulate } = this.#trees;
    let margin = sum;
    if (baseLast === true) {
      margin += base[output] as number;
      if (accumulate === "float32") margin = Math.fround(margin);
    }
    return divide === null ? margin : margin / divide;
  }

  /** The margins of the row in the memory, to `out` from `first` on. */
  #addRow(out: Float64Array, first: number): void {
    const { accumulate, treeOutput, valuesPerLeaf } = this.#trees;
    const { kernels, singles, doubles } = this.#memory;
    const { columns, end, heads, searches, single } = this.#columns;
    const isSingle = accumulate === "float32";
    kernels.setFlags(columns, end, this.#row, heads, searches, single);
    if (this.outputs === 1) {
      const mode = isSingle ? walkMode.sumSingle : walkMode.sumDouble;
      out[first] = this.#finish(this.#nodes.walk(this.#memory, mode, 0, this.#start(0)), 0);
      return;
    }
    const numbers = isSingle ? singles : doubles;
    const sums = this.#sums / numbers.BYTES_PER_ELEMENT;
    for (let k = 0; k < this.outputs; k++) numbers[sums + k] = this.#start(k);
    this.#nodes.walk(this.#memory, walkMode.leaves, this.#leaves, 0);
    const addLeaves = isSingle ? kernels.addLeavesSingle : kernels.addLeavesDouble;
    addLeaves(
      treeOutput.length,
      this.#leaves,
      this.#treeOutputs,
      this.#nodes.values,
      this.#nodes.scale,
      valuesPerLeaf,
      this.#sums,
    );
    for (let k = 0; k < this.outputs; k++) out[first + k] = this.#finish(numbers[sums + k] as number, k);
  }

  /** The margins of the first `count` rows, at most 128, to `out` from row `first` on. */
  #addTogether(
    planes: PlaneTables,
    rows: Float64Array,
    width: number,
    count: number,
    out: Float64Array,
    first: number,
  ): void {
    const { singles, doubles } = this.#memory;
    const used = this.#width;
    for (let row = 0; row < count; row++) {
      doubles.set(rows.subarray(row * width, row * width + used), (planes.rows >> 3) + row * used);
    }
    const numbers = this.#trees.accumulate === "float32" ? singles : doubles;
    const sums = planes.sums / numbers.BYTES_PER_ELEMENT;
    for (let k = 0; k < this.outputs; k++) {
      numbers.fill(this.#start(k), sums + k * ROWS, sums + k * ROWS + count);
    }
    planes.addTrees(count);
    for (let k = 0; k < this.outputs; k++) {
      for (let row = 0; row < count; row++) {
        const sum = numbers[sums + k * ROWS + row] as number;
        out[(first + row) * this.outputs + k] = this.#finish(sum, k);
      }
    }
  }
}
