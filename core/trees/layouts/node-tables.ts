import type { WalkMode } from "../kernel/kernels.ts";
import type { ModelMemory } from "../kernel/model-memory.ts";
import type { Cuts } from "./cuts.ts";

/** The nodes and leaves of a model in one of the layouts. */
export interface NodeTables {
  /** The value of a raised flag. */
  readonly raised: number;
  /** Where the leaf at place 0 would have its values. */
  readonly values: number;
  write(memory: ModelMemory, cuts: Cuts): void;
  /** From the flags to the leaves: returns `sum` plus theirs, or writes the place of each. */
  walk(memory: ModelMemory, mode: WalkMode, leaves: number, sum: number): number;
}
