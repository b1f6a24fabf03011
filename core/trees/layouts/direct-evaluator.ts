import type { LinearLeaves, TreeEnsemble } from "../ensemble.ts";
import type { Evaluator } from "../evaluator.ts";
import { flushed, TreeInputs } from "../tree-inputs.ts";

/**
 * The layout for whatever fits no other: thresholds stand in the nodes. Flat arrays, without branches: siblings lie side by side, so that a step is `child + (goes right)`; a leaf is
 * its own child, so that a walk may take more steps than it needs, and four trees of like depth walk in step, each
 * hiding the latency of the others. Leaves are then added up in the order of the trees, with the rounding of the library
 * that grew them.
 */
export class DirectEvaluator implements Evaluator {
  readonly outputs: number;
  readonly #predictor: TreeEnsemble;
  readonly #inputs: TreeInputs;
  /** The prepared inputs, and one more that leaves compare: 0. */
  readonly #prepared: Float64Array;
  readonly #slot: Int32Array;
  /** Infinity at leaves, so that they stay where they are. */
  readonly #threshold: Float64Array;
  /** The left child; the right one follows it. */
  readonly #child: Int32Array;
  /** The node in the predictor. */
  readonly #node: Int32Array;
  readonly #root: Int32Array;
  readonly #depth: Int32Array;
  /** The trees from the flattest to the deepest. */
  readonly #order: Int32Array;
  /** By tree: the leaf that the lead reaches. */
  readonly #leaf: Int32Array;

  constructor(predictor: TreeEnsemble, inputs = new TreeInputs(predictor)) {
    const { feature, threshold, left, right, treeStart, treeOutput } = predictor;
    const trees = treeOutput.length;
    this.outputs = predictor.outputs;
    this.#predictor = predictor;
    this.#inputs = inputs;
    this.#prepared = new Float64Array(this.#inputs.slots + 1);
    this.#slot = new Int32Array(feature.length).fill(this.#inputs.slots);
    this.#threshold = new Float64Array(feature.length).fill(Number.POSITIVE_INFINITY);
    this.#child = new Int32Array(feature.length);
    this.#node = new Int32Array(feature.length);
    this.#root = treeStart.slice(0, trees);
    this.#depth = new Int32Array(trees);
    this.#leaf = new Int32Array(trees);
    const level = new Int32Array(feature.length);
    for (let tree = 0; tree < trees; tree++) {
      const start = treeStart[tree] as number;
      const end = treeStart[tree + 1] as number;
      this.#node[start] = start;
      let free = start + 1;
      // Breadth first: a node's place is settled before its children get theirs.
      for (let place = start; place < end; place++) {
        const node = this.#node[place] as number;
        this.#depth[tree] = Math.max(this.#depth[tree] as number, level[place] as number);
        if ((feature[node] as number) < 0) {
          this.#child[place] = place;
          continue;
        }
        this.#slot[place] = this.#inputs.slotOfNode[node] as number;
        this.#threshold[place] = threshold[node] as number;
        this.#child[place] = free;
        for (const side of [left, right]) {
          this.#node[free] = start + (side[node] as number);
          level[free] = (level[place] as number) + 1;
          free++;
        }
      }
    }
    const depth = this.#depth;
    this.#order = Int32Array.from(depth.keys()).sort(
      (a, b) => (depth[a] as number) - (depth[b] as number) || a - b,
    );
  }

  margin(features: Float64Array, out: Float64Array): void {
    this.#inputs.prepare(features, this.#prepared);
    this.#walk();
    this.#add(features, out);
  }

  margins(rows: Float64Array, count: number, out: Float64Array): void {
    const width = rows.length / count;
    for (let i = 0; i < count; i++) {
      const margins = out.subarray(i * this.outputs, (i + 1) * this.outputs);
      this.margin(rows.subarray(i * width, (i + 1) * width), margins);
    }
  }

  #walk(): void {
    const x = this.#prepared;
    const slot = this.#slot;
    const threshold = this.#threshold;
    const child = this.#child;
    const order = this.#order;
    const last = order.length - 1;
    for (let k = 0; k <= last; k += 4) {
      // The last group may hold a tree several times.
      const a = order[k] as number;
      const b = order[Math.min(k + 1, last)] as number;
      const c = order[Math.min(k + 2, last)] as number;
      const d = order[Math.min(k + 3, last)] as number;
      let i = this.#root[a] as number;
      let j = this.#root[b] as number;
      let m = this.#root[c] as number;
      let n = this.#root[d] as number;
      // Negated, so that NaN goes right; a number, so that there is no branch.
      for (let steps = this.#depth[d] as number; steps > 0; steps--) {
        i = (child[i] as number) + +!((x[slot[i] as number] as number) <= (threshold[i] as number));
        j = (child[j] as number) + +!((x[slot[j] as number] as number) <= (threshold[j] as number));
        m = (child[m] as number) + +!((x[slot[m] as number] as number) <= (threshold[m] as number));
        n = (child[n] as number) + +!((x[slot[n] as number] as number) <= (threshold[n] as number));
      }
      this.#leaf[a] = i;
      this.#leaf[b] = j;
      this.#leaf[c] = m;
      this.#leaf[d] = n;
    }
  }

  #add(features: Float64Array, out: Float64Array): void {
    const {
      value,
      valuesPerLeaf,
      treeOutput,
      base,
      baseLast = false,
      divide,
      linearLeaves,
    } = this.#predictor;
    const rounds = this.#predictor.accumulate === "float32";
    if (baseLast) out.fill(0);
    else out.set(base);
    for (let tree = 0; tree < treeOutput.length; tree++) {
      const node = this.#node[this.#leaf[tree] as number] as number;
      const first = treeOutput[tree] as number;
      for (let i = 0; i < valuesPerLeaf; i++) {
        const leaf = linearLeaves
          ? linearValue(this.#predictor, linearLeaves, node, features)
          : (value[node * valuesPerLeaf + i] as number);
        const sum = (out[first + i] as number) + leaf;
        out[first + i] = rounds ? Math.fround(sum) : sum;
      }
    }
    if (baseLast) {
      for (let i = 0; i < this.outputs; i++) {
        const sum = (out[i] as number) + (base[i] as number);
        out[i] = rounds ? Math.fround(sum) : sum;
      }
    }
    if (divide !== null) for (let i = 0; i < this.outputs; i++) out[i] = (out[i] as number) / divide;
  }
}

/** Constant + sum of coefficient x feature, term by term; the leaf's plain value where it has none or a feature is missing. */
function linearValue(
  { value, flushTiny }: TreeEnsemble,
  { start, features: columns, coefficients, constants }: LinearLeaves,
  node: number,
  features: Float64Array,
): number {
  let sum = constants[node] as number;
  if (Number.isNaN(sum)) return value[node] as number;
  for (let at = start[node] as number; at < (start[node + 1] as number); at++) {
    const feature = features[columns[at] as number] as number;
    if (Number.isNaN(feature)) return value[node] as number;
    sum += (coefficients[at] as number) * (flushTiny ? flushed(feature) : feature);
  }
  return sum;
}
