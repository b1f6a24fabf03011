/** What works on a model's memory row by row: WebAssembly (assembly/), or its twin in JavaScript. All addresses are bytes. */
export interface RowKernels {
  /** Sets the flags of all cuts for a row of float64. `patterns`: room for an address a column. */
  setFlags(columns: number, end: number, row: number, patterns: number): void;
  /** Returns the sum of the leaves in the order of the trees, or writes their places. `trees`: a multiple of 8. */
  walkPerfect(
    trees: number,
    depth: number,
    mode: WalkMode,
    values: number,
    leaves: number,
    sum: number,
  ): number;
  walkLinked(roots: number, end: number, mode: WalkMode, values: number, leaves: number, sum: number): number;
  addLeavesSingle: AddLeaves;
  addLeavesDouble: AddLeaves;
}

/** What works on 128 rows at once: WebAssembly only, for without vector instructions it would gain nothing. */
export interface PlaneKernels {
  /** Writes the planes of all flags for up to 128 rows of float64, `stride` bytes apart. */
  setPlanes(
    columns: number,
    end: number,
    rows: number,
    stride: number,
    count: number,
    planes: number,
    buckets: number,
  ): void;
  addTreesSingle: AddTrees;
  addTreesDouble: AddTrees;
}

/** Adds the leaves of all trees, in their order, to 128 sums an output. */
type AddTrees = (
  trees: number,
  end: number,
  nodes: number,
  values: number,
  valuesPerLeaf: number,
  sums: number,
) => void;

type AddLeaves = (
  trees: number,
  leaves: number,
  outputs: number,
  values: number,
  valuesPerLeaf: number,
  sums: number,
) => void;

export const walkMode = { sumSingle: 0, sumDouble: 1, leaves: 2 } as const;
export type WalkMode = (typeof walkMode)[keyof typeof walkMode];

/** The constants of assembly/layout.ts. */
export const FLAGS = 0;
export const NODES = 0x10000;

/** The fields of assembly/flags.ts's Column, in int32. */
export const columnFields = 8;
export const columnKind = {
  single: 1,
  flushTiny: 2,
  zeroPattern: 4,
  categories: 8,
  keepNegativeFraction: 16,
} as const;
/** Numbers in a block of cuts. */
export const BLOCK = 16;
/** What a kernel may read or write beyond what it needs. */
export const SLACK = 64;
