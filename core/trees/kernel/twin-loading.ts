import { BLOCK, type LoadingKernels, levelFields, NODES, numberTypes, treeProblem } from "./kernels.ts";

/** assembly/checks.ts, tables.ts and expandTrees of forest.ts in JavaScript, over the same memory, with the same results to the bit. */
export function twinLoadingKernels(buffer: ArrayBuffer): LoadingKernels {
  const bytes = new Uint8Array(buffer);
  const halves = new Uint16Array(buffer);
  const words = new Int32Array(buffer);
  const singles = new Float32Array(buffer);
  const doubles = new Float64Array(buffer);

  /** By node of a tree: where its right side starts; of a leaf, which leaf it is. Both are counted within the tree. */
  function link(flags: number, nodes: number): Int32Array {
    const links = new Int32Array(nodes);
    const open: number[] = [];
    for (let node = 0, leaves = 0; node < nodes; node++) {
      if (halves[flags + node] !== 0) {
        open.push(node);
        continue;
      }
      links[node] = leaves++;
      const parent = open.pop();
      if (parent !== undefined) links[parent] = node + 1;
    }
    return links;
  }

  return {
    firstOutside(type, at, count, minimum, maximum) {
      const view = numberTypes[type] as (typeof numberTypes)[number];
      const numbers = new view.array(buffer, at, count);
      // Written so that NaN is outside as well.
      return numbers.findIndex((value) => !(value >= minimum && value <= maximum));
    },

    firstFalling(thresholds, kinds, starts, columns) {
      for (let column = 0; column < columns; column++) {
        const first = words[(starts >> 2) + column] as number;
        const end = words[(starts >> 2) + column + 1] as number;
        for (let cut = first + 1; cut < end; cut++) {
          const before = doubles[(thresholds >> 3) + cut - 1] as number;
          const own = doubles[(thresholds >> 3) + cut] as number;
          const isOfHigherKind = (bytes[kinds + cut] as number) > (bytes[kinds + cut - 1] as number);
          if (!(own > before || (own === before && isOfHigherKind))) return cut;
        }
      }
      return -1;
    },

    joinFlags(leaves, nodes, splits, count, flags) {
      let split = 0;
      for (let node = 0; node < nodes; node++) {
        let flag = 0;
        if (bytes[leaves + node] === 0) {
          if (split < count) flag = (halves[(splits >> 1) + split] as number) + 1;
          split++;
        }
        halves[(flags >> 1) + node] = flag;
      }
      return split;
    },

    measureTrees(flags, nodes, trees, mostDepth, starts, _stack, result) {
      let node = 0;
      let depth = 0;
      let largest = 0;
      let leaves = 0;
      let wrong: number = treeProblem.none;
      for (let tree = 0; tree < trees && wrong === treeProblem.none; tree++) {
        const start = node;
        words[(starts >> 2) + tree] = start;
        const levels = [0];
        while (levels.length > 0) {
          const level = levels.pop() as number;
          if (node === nodes) wrong = treeProblem.endsWithin;
          else if (halves[(flags >> 1) + node] === 0) {
            node++;
            leaves++;
            depth = Math.max(depth, level);
            continue;
          } else if (level === mostDepth) wrong = treeProblem.tooDeep;
          if (wrong !== treeProblem.none) break;
          node++;
          levels.push(level + 1, level + 1);
        }
        largest = Math.max(largest, node - start);
      }
      if (wrong === treeProblem.none && node < nodes) wrong = treeProblem.nodesLeft;
      words[(starts >> 2) + trees] = node;
      words.set([depth, largest, leaves, node], result >> 2);
      return wrong;
    },

    addCovers(flags, nodes, leavesEnd, stepsEnd, covers) {
      const single = new Float32Array(1);
      const bits = new Int32Array(single.buffer);
      const stack: number[] = [];
      let leaf = leavesEnd >> 2;
      let step = stepsEnd;
      // Backwards, the sides of a split are known before it, the left one last.
      for (let node = nodes - 1; node >= 0; node--) {
        if (halves[(flags >> 1) + node] === 0) single[0] = singles[--leaf] as number;
        else {
          single[0] = (stack.pop() as number) + (stack.pop() as number);
          bits[0] = (bits[0] as number) + (((bytes[--step] as number) << 24) >> 24);
          const cover = single[0] as number;
          if (!(cover >= 0 && cover < Number.POSITIVE_INFINITY)) return node;
        }
        stack.push(single[0] as number);
        singles[(covers >> 2) + node] = single[0] as number;
      }
      return -1;
    },

    expandTrees(...addresses) {
      const [flags, nodes, starts, columns, thresholds, missing, zero, ...to] = addresses;
      const [feature, threshold, left, right, missingLeft, zeroMissing] = to;
      const open: number[] = [];
      for (let node = 0, start = 0, tree = 0; node < nodes; node++) {
        if (node === words[(starts >> 2) + tree]) {
          start = node;
          tree++;
        }
        const flag = halves[(flags >> 1) + node] as number;
        words[(feature >> 2) + node] = words[(columns >> 2) + flag] as number;
        doubles[(threshold >> 3) + node] = doubles[(thresholds >> 3) + flag] as number;
        words[(missingLeft >> 2) + node] = bytes[missing + flag] as number;
        words[(zeroMissing >> 2) + node] = bytes[zero + flag] as number;
        if (flag !== 0) {
          words[(left >> 2) + node] = node + 1 - start;
          open.push(node);
          continue;
        }
        const parent = open.pop();
        if (parent !== undefined) words[(right >> 2) + parent] = node + 1 - start;
      }
    },

    writeBlocks(cuts, count, levels, to, single) {
      const numbers = single === 1 ? singles : doubles;
      let next = to / numbers.BYTES_PER_ELEMENT;
      for (let level = levels - 1, blocks = 1; level >= 0; level--, blocks *= BLOCK) {
        const perChild = BLOCK ** level;
        const end = level === 0 ? count : count - 1;
        const places = (level === 0 ? Math.ceil(count / BLOCK) : blocks) * BLOCK;
        for (let i = 0; i < places; i++) {
          const lastUnder = (i + 1) * perChild - 1;
          numbers[next++] =
            lastUnder < end ? (doubles[(cuts >> 3) + lastUnder] as number) : Number.POSITIVE_INFINITY;
        }
      }
    },

    writePattern(from, count, to, raised) {
      for (let i = 0; i < count; i++) bytes[to + i] = bytes[from + i] === 0 ? raised : 0;
    },

    writePerfect(flags, trees, levels, levelsEnd, root, stride, values, size) {
      const numbers = size === 4 ? singles : doubles;
      const below = (at: number, level: number, isRight: boolean): number => {
        const [, side = 0, shift = 0, start = 0] = words.subarray(level >> 2, (level >> 2) + levelFields);
        return ((isRight ? at + side : at) << shift) + start;
      };
      const next = levelFields * 4;
      let node = flags >> 1;
      let leaf = values / size;
      /** Reads a node and all below it; with a `value`, all that is below a leaf. */
      const write = (at: number, level: number, value?: number): void => {
        const flag = value === undefined ? (halves[node++] as number) : 0;
        const own = flag === 0 && value === undefined ? (numbers[leaf++] as number) : value;
        if (level === levelsEnd) {
          numbers[at / size] = own as number;
          return;
        }
        if (flag !== 0) halves[(at + (words[level >> 2] as number)) >> 1] = flag;
        write(below(at, level, false), level + next, own);
        write(below(at, level, true), level + next, own);
      };
      for (let tree = 0; tree < trees; tree++) write(root + tree * stride, levels);
    },

    writeLinked(flags, starts, trees, leafValues, leafBytes, values) {
      let firstValue = leafValues;
      for (let tree = 0; tree < trees; tree++) {
        const start = words[(starts >> 2) + tree] as number;
        const nodes = (words[(starts >> 2) + tree + 1] as number) - start;
        const own = (flags >> 1) + start;
        const links = link(own, nodes);
        const queue = [0];
        // Breadth first: a node's place is settled before its children get theirs.
        for (let place = 0; place < nodes; place++) {
          const node = queue[place] as number;
          const flag = halves[own + node] as number;
          const linked = links[node] as number;
          if (flag === 0) {
            const from = firstValue + linked * leafBytes;
            bytes.copyWithin(values + (start + place) * leafBytes, from, from + leafBytes);
            continue;
          }
          const to = (NODES >> 1) + (start + place) * 2;
          halves[to] = flag;
          halves[to + 1] = (queue.length - place) * 4;
          queue.push(node + 1, linked);
        }
        firstValue += ((nodes + 1) / 2) * leafBytes;
      }
    },
  };
}
