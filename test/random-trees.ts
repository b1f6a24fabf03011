/** Made-up forests, as hostile as a package may be, for tests of what evaluates and explains them. */
import type { TreeEnsemble } from "../core/trees/ensemble.ts";

export interface ForestOptions {
  readonly seed: number;
  readonly columns?: number;
  readonly trees?: number;
  readonly maximumDepth?: number;
  readonly outputs?: number;
  readonly valuesPerLeaf?: number;
  readonly float32?: boolean;
  readonly flushTiny?: boolean;
  readonly divide?: number | null;
  /** The last column holds codes 0 to 5, and is split by sets. */
  readonly withSets?: boolean;
  /** Some sides were taken by no training weight. */
  readonly emptySides?: boolean;
  /** LightGBM's missing type Zero, at some nodes. */
  readonly zeroMissing?: boolean;
  /** XGBoost's way with sets. */
  readonly listedGo?: "left" | "right";
  readonly baseLast?: boolean;
  /** The share of nodes that are leaves though they need not be; 0.15 by default. */
  readonly earlyLeaves?: number;
  /** One side of every split is a leaf: trees as deep as they have splits. */
  readonly chains?: boolean;
  /** The training weights of two sides do not add up to that of their split. */
  readonly unevenSides?: boolean;
}

/** mulberry32: numbers in [0, 1) that only depend on the seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Node {
  feature: number;
  threshold: number;
  left: number;
  right: number;
  missingLeft: number;
  zeroMissing: number;
  values: number[];
  cover: number;
  set: number;
}

export function randomForest(options: ForestOptions): TreeEnsemble {
  const {
    seed,
    columns = 4,
    trees = 7,
    maximumDepth = 6,
    outputs = 1,
    valuesPerLeaf = 1,
    float32 = false,
    flushTiny = false,
    divide = null,
    withSets = false,
    emptySides = false,
    zeroMissing = false,
    listedGo = "left",
    baseLast = false,
    earlyLeaves = 0.15,
    chains = false,
    unevenSides = false,
  } = options;
  const random = seededRandom(seed);
  const round = (value: number) => (float32 ? Math.fround(value) : value);
  const sets = [[0, 2], [1], [0, 1, 2, 3], [], [5]];
  const nodes: Node[] = [];
  const treeStart = [0];
  const grow = (start: number, depth: number, cover: number, isLeaf = false): number => {
    const index = nodes.length - start;
    const node: Node = {
      feature: -1,
      threshold: 0,
      left: -1,
      right: -1,
      missingLeft: 0,
      zeroMissing: 0,
      values: Array.from({ length: valuesPerLeaf }, () => 0),
      cover,
      set: -1,
    };
    nodes.push(node);
    if (isLeaf || depth === maximumDepth || random() < earlyLeaves) {
      node.values = node.values.map(() => round(random() * 2 - 1));
      return index;
    }
    node.feature = Math.floor(random() * columns);
    node.missingLeft = random() < 0.5 ? 1 : 0;
    node.zeroMissing = zeroMissing && random() < 0.5 ? 1 : 0;
    node.threshold = round(interesting(random));
    if (withSets && node.feature === columns - 1) node.set = Math.floor(random() * sets.length);
    const share = emptySides && random() < 0.2 ? Math.round(random()) : 0.05 + 0.9 * random();
    const endsAt = chains ? Math.floor(random() * 2) : -1;
    const lost = unevenSides && random() < 0.2 ? 0.9 : 1;
    node.left = grow(start, depth + 1, cover * share, endsAt === 0);
    node.right = grow(start, depth + 1, cover * (1 - share) * lost, endsAt === 1);
    return index;
  };
  for (let tree = 0; tree < trees; tree++) {
    grow(nodes.length, 0, 1 + random() * 100);
    treeStart.push(nodes.length);
  }
  return {
    kind: "trees",
    outputs,
    input: float32 ? "float32" : "float64",
    flushTiny,
    accumulate: float32 ? "float32" : "float64",
    base: Float64Array.from({ length: outputs }, () => round(random() - 0.5)),
    divide,
    valuesPerLeaf,
    treeOutput: Int32Array.from({ length: trees }, (_, tree) => (valuesPerLeaf > 1 ? 0 : tree % outputs)),
    treeStart: Int32Array.from(treeStart),
    feature: Int32Array.from(nodes, ({ feature }) => feature),
    threshold: Float64Array.from(nodes, ({ threshold }) => threshold),
    left: Int32Array.from(nodes, ({ left }) => left),
    right: Int32Array.from(nodes, ({ right }) => right),
    missingLeft: Int32Array.from(nodes, ({ missingLeft }) => missingLeft),
    value: Float64Array.from(nodes.flatMap(({ values }) => values)),
    cover: Float64Array.from(nodes, ({ cover }) => cover),
    ...(zeroMissing && { zeroMissing: Int32Array.from(nodes, (node) => node.zeroMissing) }),
    listedGo,
    baseLast,
    categorySet: withSets ? Int32Array.from(nodes, ({ set }) => set) : undefined,
    categorySets: withSets ? sets : [],
  };
}

/** Rows of ordinary and awkward numbers: on thresholds and one ulp beside them, missing, infinite, tiny. */
export function awkwardRow(predictor: TreeEnsemble, columns: number, random: () => number): Float64Array {
  const thresholds = predictor.threshold;
  const pick = () => thresholds[Math.floor(random() * thresholds.length)] as number;
  const row = Float64Array.from({ length: columns }, () => {
    switch (Math.floor(random() * 8)) {
      case 0:
        return Number.NaN;
      case 1:
        return pick();
      case 2:
        return nextUp(pick());
      case 3:
        return -nextUp(-pick());
      case 4:
        return [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 5e-324, 1e-35, 1e300][
          Math.floor(random() * 6)
        ] as number;
      case 5:
        return Math.fround(pick()) * (1 + 2 ** -23);
      default:
        return interesting(random);
    }
  });
  if (predictor.categorySet !== undefined) {
    const strange = [Number.NaN, -1, -0.5, -0, 2.9999999999999, 1e9, Number.POSITIVE_INFINITY, 1.5];
    row[columns - 1] =
      random() < 0.2 ? (strange[Math.floor(random() * strange.length)] as number) : Math.floor(random() * 6);
  }
  return row;
}

function interesting(random: () => number): number {
  const value = (random() - 0.5) * 10;
  return random() < 0.3 ? Math.round(value) : value;
}

/** The next greater double. */
function nextUp(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return view.getFloat64(0);
}

/** Whether a row goes left, as docs/model-package.md says it. */
export function goesLeft(predictor: TreeEnsemble, node: number, row: Float64Array): boolean {
  let value = row[predictor.feature[node] as number] as number;
  if (predictor.input === "float32") value = Math.fround(value);
  if (predictor.flushTiny && Math.abs(value) <= 1.0000000180025095e-35) value = 0;
  if (Number.isNaN(value)) return predictor.missingLeft[node] === 1;
  const set = predictor.categorySet?.[node] ?? -1;
  if (set >= 0) {
    const isListed = (predictor.categorySets[set] as readonly number[]).includes(Math.trunc(value));
    return predictor.listedGo === "right" ? !(isListed && value >= 0) : isListed;
  }
  if (value === 0 && predictor.zeroMissing?.[node] === 1) return predictor.missingLeft[node] === 1;
  return value <= (predictor.threshold[node] as number);
}
