import type { CompactTrees } from "../compact-trees.ts";
import { levelFields, NODES } from "../kernel/kernels.ts";
import type { MemoryPlan } from "../kernel/model-memory.ts";
import type { NodeTables } from "./node-tables.ts";

/** As kernel/assembly/perfect.ts walks them. */
const levelsPerRecord = 3;
const bytesPerNode = 2;
const bytesPerNodeBesideLeaves = 4;
const line = 64;

/** A level of all trees: a node is at `at + node`; its left child, or leaf, at `(at << shift) + start`, of the right one `at` is `side` more. */
interface Level {
  readonly node: number;
  readonly side: number;
  readonly shift: number;
  readonly start: number;
}

/** All trees padded to perfect ones of the same depth; see kernel/assembly/perfect.ts. */
export function perfectNodes(
  plan: (start: number) => MemoryPlan,
  { treeOutput, accumulate, measures }: CompactTrees,
): { plan: MemoryPlan; nodes: NodeTables } {
  const trees = treeOutput.length;
  const walked = Math.ceil(trees / 4) * 4;
  const depth = Math.max(measures.depth, 1);
  const first = ((depth - 1) % levelsPerRecord) + 1;
  const stride = bytesPerNode << first;
  const size = accumulate === "float32" ? 4 : 8;
  const nodesPlan = plan(NODES);
  const root = nodesPlan.reserve(walked * stride);
  const levels = levelsOf(nodesPlan, root, { trees: walked, depth, first, size });
  const table = nodesPlan.reserve(depth * levelFields * 4);
  const cursors = nodesPlan.reserve(walked * 4);
  const lowest = levels[depth - 1] as Level;
  return {
    plan: nodesPlan,
    nodes: {
      raised: bytesPerNode,
      write({ kernels, words, singles, doubles }, { flags, leafValues, stack }) {
        words.set(
          levels.flatMap(({ node, side, shift, start }) => [node, side, shift, start]),
          table >> 2,
        );
        const tableEnd = table + depth * levelFields * 4;
        kernels.writePerfect(flags, trees, table, tableEnd, root, stride, leafValues, size, stack);
        // x + -0 is x, of whatever sign: trees that only fill up the last four change nothing.
        for (let tree = trees; tree < walked; tree++) {
          // Addresses are of 32 bits, as the kernel's are, which a step may pass on its way.
          const leaf = levels.reduce(
            (at, { shift, start }) => ((at << shift) + start) >>> 0,
            root + tree * stride,
          );
          (size === 4 ? singles : doubles)[leaf / size] = -0;
        }
      },
      values: lowest.start,
      scale: 1 << lowest.shift,
      isPerfect: true,
      walk: ({ kernels }, mode, leavesAt, sum) =>
        kernels.walkPerfect(
          table,
          depth,
          first,
          root,
          walked,
          leavesAt === 0 ? cursors : leavesAt,
          mode,
          sum,
        ),
    },
  };
}

function levelsOf(
  plan: MemoryPlan,
  root: number,
  { trees, depth, first, size }: { trees: number; depth: number; first: number; size: number },
): Level[] {
  const levels: Level[] = [];
  let layer = root;
  for (let top = 0; top < depth; ) {
    const end = top === 0 ? first : top + levelsPerRecord;
    const hasLeaves = size === 4 && top > 0 && end === depth;
    const bytes = hasLeaves ? bytesPerNodeBesideLeaves : bytesPerNode;
    for (let level = top; level < end - 1; level++)
      levels.push({ ...placeOf(level - top, bytes), shift: 0, start: 0 });
    const last = placeOf(end - 1 - top, bytes);
    if (hasLeaves) levels.push({ ...last, shift: 0, start: bytes * (2 ** levelsPerRecord - 1) });
    else {
      const below = trees * 2 ** end;
      const bytesBelow =
        end === depth
          ? size
          : size === 4 && end + levelsPerRecord === depth
            ? line
            : bytesPerNode * 2 ** levelsPerRecord;
      const shift = Math.log2(bytesBelow / bytesPerNode);
      const next = Math.ceil(plan.reserve(below * bytesBelow + line) / line) * line;
      levels.push({ ...last, shift, start: next - (layer << shift) });
      layer = next;
    }
    top = end;
  }
  return levels;
}

function placeOf(level: number, bytes: number): Pick<Level, "node" | "side"> {
  return { node: (2 ** level - 1) * bytes, side: 2 ** level * bytes };
}
