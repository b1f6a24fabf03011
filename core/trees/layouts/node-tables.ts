import type { CompactTrees } from "../compact-trees.ts";
import type { WalkMode } from "../kernel/kernels.ts";
import type { MemoryPlan, ModelMemory } from "../kernel/model-memory.ts";

/** The nodes and leaves of a model in one of the layouts. */
export interface NodeTables {
  /** The value of a raised flag. */
  readonly raised: number;
  /** The values of a leaf are at `values + at * scale`, where a walk ended at `at`. */
  readonly values: number;
  readonly scale: number;
  /** Perfect trees of one depth stand for them. */
  readonly isPerfect: boolean;
  /** `at`: where the trees' flags, starts and values are for a moment. */
  write(memory: ModelMemory, at: TreesAt): void;
  /** From the flags to the leaves: returns `sum` plus theirs, or writes where each tree ended. */
  walk(memory: ModelMemory, mode: WalkMode, leaves: number, sum: number): number;
}

/** Addresses of what CompactTrees hold, and of room to work in. */
export interface TreesAt {
  readonly flags: number;
  readonly starts: number;
  readonly leafValues: number;
  readonly links: number;
  readonly queue: number;
  readonly stack: number;
}

export function reserveTrees(
  plan: MemoryPlan,
  { flagOfNode, treeStart, leafValue, measures }: CompactTrees,
): TreesAt {
  return {
    flags: plan.reserve(flagOfNode.byteLength),
    starts: plan.reserve(treeStart.byteLength),
    leafValues: plan.reserve(leafValue.byteLength),
    links: plan.reserve(measures.largest * 4),
    queue: plan.reserve(measures.largest * 4),
    stack: plan.reserve((measures.depth + 1) * 8),
  };
}

export function placeTrees(memory: ModelMemory, trees: CompactTrees, at: TreesAt): void {
  memory.halves.set(trees.flagOfNode, at.flags >> 1);
  memory.words.set(trees.treeStart, at.starts >> 2);
  if (trees.leafValue instanceof Float32Array) memory.singles.set(trees.leafValue, at.leafValues >> 2);
  else memory.doubles.set(trees.leafValue, at.leafValues >> 3);
}
