import {
  columnFields,
  columnKind,
  FLAGS,
  levelFields,
  NODES,
  type RowKernels,
  type WalkMode,
  walkMode,
} from "./kernels.ts";

/** LightGBM counts values up to (double)1e-35f as 0. */
const tiny = 1.0000000180025095e-35;

/** The kernels in JavaScript, over the same memory, with the same results to the bit. */
export function twinKernels(buffer: ArrayBuffer): RowKernels {
  const bytes = new Uint8Array(buffer);
  const halves = new Uint16Array(buffer);
  const words = new Uint32Array(buffer);
  const singles = new Float32Array(buffer);
  const doubles = new Float64Array(buffer);

  /** How many cuts are below x: only the lowest level of blocks is needed here, all cuts in a row. */
  function rank(column: number, x: number): number {
    const isSingle = ((words[column] as number) & columnKind.single) !== 0;
    const numbers = isSingle ? singles : doubles;
    let first = (words[column + 2] as number) / (isSingle ? 4 : 8);
    for (let level = words[column + 3] as number, blocks = 1; level > 1; level--, blocks *= 16)
      first += blocks * 16;
    let low = 0;
    let high = words[column + 5] as number;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((numbers[first + middle] as number) < x) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function patternOfCategory(column: number, kind: number, value: number): number {
    if (Number.isNaN(value)) return words[column + 7] as number;
    const lowest = (kind & columnKind.keepNegativeFraction) !== 0 ? -1 : -Number.MIN_VALUE;
    if (!(value > lowest && value < (words[column + 3] as number))) return words[column + 6] as number;
    return words[((words[column + 2] as number) >> 2) + Math.trunc(value)] as number;
  }

  function patternOf(column: number, feature: number): number {
    const kind = words[column] as number;
    let x = (kind & columnKind.single) !== 0 ? Math.fround(feature) : feature;
    if ((kind & columnKind.categories) !== 0) return patternOfCategory(column, kind, x);
    if ((kind & columnKind.flushTiny) !== 0 && Math.abs(x) <= tiny) x = 0;
    const patterns = words[column + 7] as number;
    if ((kind & columnKind.zeroPattern) !== 0 && x === 0) return patterns + (words[column + 5] as number);
    return Number.isNaN(x) ? patterns : (words[column + 6] as number) - rank(column, x);
  }

  /** Adds the value at the address, or keeps where the walk ended. */
  function leave(to: number, mode: WalkMode, address: number, at: number, sum: number): number {
    if (mode === walkMode.sumSingle) return Math.fround(sum + (singles[address >> 2] as number));
    if (mode === walkMode.sumDouble) return sum + (doubles[address >> 3] as number);
    words[to >> 2] = at;
    return sum;
  }

  const nodes = NODES >> 1;

  return {
    setFlags(columns, end, row) {
      for (let column = columns >> 2; column < end >> 2; column += columnFields) {
        const from = patternOf(column, doubles[(row + (words[column + 1] as number)) >> 3] as number);
        bytes.copyWithin(FLAGS + (words[column + 4] as number), from, from + (words[column + 5] as number));
      }
    },

    walkPerfect(levels, depth, first, root, trees, cursors, mode, sum) {
      const from = cursors >> 2;
      for (let tree = 0; tree < trees; tree++) words[from + tree] = root + (tree << (first + 1));
      let [shift, start] = [0, 0];
      for (let level = levels >> 2; level < (levels >> 2) + depth * levelFields; level += levelFields) {
        const node = words[level] as number;
        const perFlag = (words[level + 1] as number) >> 1;
        for (let cursor = from; cursor < from + trees; cursor++) {
          const at = ((words[cursor] as number) << shift) + start;
          words[cursor] = at + (bytes[halves[(at + node) >> 1] as number] as number) * perFlag;
        }
        shift = words[level + 2] as number;
        start = (words[level + 3] as number) | 0;
      }
      let total = sum;
      if (mode === walkMode.leaves) return total;
      for (let cursor = from; cursor < from + trees; cursor++) {
        total = leave(0, mode, ((words[cursor] as number) << shift) + start, 0, total);
      }
      return total;
    },

    walkLinked(roots, end, mode, values, leaves, sum) {
      let total = sum;
      const scale = mode === walkMode.sumDouble ? 2 : 1;
      for (let root = roots, out = leaves; root < end; root += 4, out += 4) {
        let at = words[root >> 2] as number;
        for (;;) {
          const toChild = halves[nodes + (at >> 1) + 1] as number;
          if (toChild === 0) break;
          at += toChild + (bytes[halves[nodes + (at >> 1)] as number] as number);
        }
        total = leave(out, mode, values + at * scale, at, total);
      }
      return total;
    },

    addLeavesSingle: addLeaves(words, singles),
    addLeavesDouble: addLeaves(words, doubles),
  };
}

function addLeaves(words: Uint32Array, numbers: Float32Array | Float64Array): RowKernels["addLeavesSingle"] {
  const size = numbers.BYTES_PER_ELEMENT;
  return (trees, leaves, outputs, values, scale, valuesPerLeaf, sums) => {
    for (let tree = 0; tree < trees; tree++) {
      const value = (values + (words[(leaves >> 2) + tree] as number) * scale) / size;
      const sum = sums / size + (words[(outputs >> 2) + tree] as number);
      for (let i = 0; i < valuesPerLeaf; i++) {
        numbers[sum + i] = (numbers[sum + i] as number) + (numbers[value + i] as number);
      }
    }
  };
}
