/** What works on a model's memory row by row: WebAssembly (assembly/), or its twin in JavaScript. All addresses are bytes. */
export interface RowKernels {
  /** Sets the flags of all cuts for a row of float64; `single`: 1, cuts are float32. See assembly/flags.ts for the rest. */
  setFlags(columns: number, end: number, row: number, heads: number, searches: number, single: number): void;
  /** Returns the sum of the leaves in the order of the trees, or leaves at `cursors` where each ended. `trees`: a multiple of 4. */
  walkPerfect(
    levels: number,
    depth: number,
    first: number,
    root: number,
    trees: number,
    cursors: number,
    mode: WalkMode,
    sum: number,
  ): number;
  walkLinked(roots: number, end: number, mode: WalkMode, values: number, leaves: number, sum: number): number;
  addLeavesSingle: AddLeaves;
  addLeavesDouble: AddLeaves;
}

/** What is done once with a model; see assembly/checks.ts and tables.ts. Trees are in pre-order, 2 bytes a node. */
export interface LoadingKernels {
  /** Returns the first of the numbers that is outside the limits, or -1. `type`: a place in `numberTypes`. */
  firstOutside(type: number, at: number, count: number, minimum: number, maximum: number): number;
  /** Returns the first cut that is not above the one before it in its column, or -1. */
  firstFalling(thresholds: number, kinds: number, starts: number, columns: number): number;
  /** From which nodes are leaves and which cuts the others ask to the flags of nodes. Returns how many cuts were needed. */
  joinFlags(leaves: number, nodes: number, splits: number, count: number, flags: number): number;
  /** Returns a `treeProblem`; writes where trees start, and four numbers: depth, most nodes, leaves, last node. */
  measureTrees(
    flags: number,
    nodes: number,
    trees: number,
    mostDepth: number,
    starts: number,
    stack: number,
    result: number,
  ): number;
  /** From the covers of leaves to those of all nodes. Returns a node whose cover is no number from 0 on, or -1. */
  addCovers(
    flags: number,
    nodes: number,
    leavesEnd: number,
    stepsEnd: number,
    covers: number,
    stack: number,
  ): number;
  /** Arrays by node, of flags by node and what the flags stand for. */
  expandTrees(
    flags: number,
    nodes: number,
    starts: number,
    columns: number,
    thresholds: number,
    missing: number,
    zero: number,
    feature: number,
    threshold: number,
    left: number,
    right: number,
    missingLeft: number,
    zeroMissing: number,
    stack: number,
  ): void;
  writeBlocks(cuts: number, count: number, levels: number, to: number, single: number): void;
  writePattern(bytes: number, count: number, to: number, raised: number): void;
  writePerfect(
    flags: number,
    trees: number,
    levels: number,
    levelsEnd: number,
    root: number,
    stride: number,
    values: number,
    size: number,
    stack: number,
  ): void;
  writeLinked(
    flags: number,
    starts: number,
    trees: number,
    leafValues: number,
    leafBytes: number,
    values: number,
    links: number,
    queue: number,
    stack: number,
  ): void;
}

export const treeProblem = { none: 0, endsWithin: 1, tooDeep: 2, nodesLeft: 3 } as const;

/** The types of packed numbers, in the order of assembly/checks.ts's firstOutside. */
export const numberTypes = [
  { name: "float64", array: Float64Array },
  { name: "float32", array: Float32Array },
  { name: "int32", array: Int32Array },
  { name: "uint16", array: Uint16Array },
  { name: "int16", array: Int16Array },
  { name: "uint8", array: Uint8Array },
  { name: "int8", array: Int8Array },
] as const;

export type NumberType = (typeof numberTypes)[number]["name"];

export function arrayOf(type: NumberType): (typeof numberTypes)[number]["array"] {
  return (numberTypes.find(({ name }) => name === type) as (typeof numberTypes)[number]).array;
}

/** What prepares explanations; without WebAssembly, explain/split-forest.ts and block-writer.ts do the same. */
export interface ForestKernels {
  /** `forest`: the addresses that assembly/forest.ts's Forest tells. */
  splitForest(forest: number): void;
  /** `sources`: the addresses that assembly/blocks.ts's Sources tells. */
  writeBlock(
    sources: number,
    descriptor: number,
    base: number,
    nodes: number,
    count: number,
    roots: number,
  ): void;
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
    work: number,
  ): void;
  addTreesSingle: AddTrees;
  addTreesDouble: AddTrees;
  addPerfectSingle: AddPerfect;
  addPerfectDouble: AddPerfect;
  /** Writes the trees in the form that `addPerfect` takes. */
  writeHeap(
    flags: number,
    trees: number,
    depth: number,
    values: number,
    size: number,
    nodes: number,
    firstLeaf: number,
    stack: number,
  ): void;
  /** Writes the trees in the form that `addTrees` takes. */
  writeProgram(
    flags: number,
    starts: number,
    trees: number,
    outputs: number,
    bytesPerOutput: number,
    leafValues: number,
    leafBytes: number,
    program: number,
    values: number,
    planes: number,
    nodePlanes: number,
    links: number,
    queue: number,
    stack: number,
  ): void;
}

/** What reads files: WebAssembly only, for without it JavaScript reads number by number (formats/number-runs.ts) and text by text. */
export interface TextKernels {
  /** Decodes blocks of 16 characters of base64. Returns 0 where one is none of the alphabet, 1 otherwise; see assembly/base64.ts. */
  decodeBlocks(at: number, blocks: number, to: number): number;
  /** Reads numbers with a separator behind each, up to one that it leaves; see assembly/numbers.ts. */
  readNumbers(at: number, end: number, separator: number, whole: number, to: number, stop: number): number;
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

/** The same of perfect trees as one heap. `outputs`: by tree, an int32. */
type AddPerfect = (
  trees: number,
  depth: number,
  outputs: number,
  planes: number,
  nodes: number,
  firstLeaf: number,
  work: number,
  sums: number,
) => void;

type AddLeaves = (
  trees: number,
  leaves: number,
  outputs: number,
  values: number,
  scale: number,
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
/** Of assembly/flags.ts's Search. */
export const searchBytes = 16;
export const columnKind = {
  single: 1,
  flushTiny: 2,
  zeroPattern: 4,
  categories: 8,
  keepNegativeFraction: 16,
} as const;
/** The fields of assembly/perfect.ts's Level, in int32. */
export const levelFields = 4;
/** Numbers in a block of cuts. */
export const BLOCK = 16;
/** What a kernel may read or write beyond what it needs. */
export const SLACK = 64;
