import type { DocumentReader } from "../document-reader.ts";
import { readParameters } from "./parameters.ts";

export const maximumTrees = 1_000_000;

/** One tree, as it stands in the file: an entry a node, deleted nodes included. Nothing is checked but the lengths. */
export interface TreeArrays {
  readonly nodes: number;
  /** Values of a leaf; 1, or more for trees of several targets. */
  readonly leafSize: number;
  readonly leftChildren: Int32Array;
  readonly rightChildren: Int32Array;
  readonly splitIndices: Int32Array;
  /** Thresholds, and the values of leaves of size 1. */
  readonly splitConditions: Float32Array;
  readonly defaultLeft: Uint8Array;
  /** Absent where the file has none: then nothing can be explained. */
  readonly cover: Float32Array | undefined;
  /** Values of leaves of several targets, by leaf (since 3.2) or by node (before). */
  readonly leafWeights: Float32Array | undefined;
  readonly nodeWeights: Float32Array | undefined;
  /** The listed categories of the nodes that split by categories. */
  readonly categories: ReadonlyMap<number, readonly number[]>;
}

/** What of a tree is read, and as what it is kept. */
const arrays = {
  left_children: wholeNumbers,
  right_children: wholeNumbers,
  split_indices: wholeNumbers,
  split_conditions: float32,
  default_left: flags,
  split_type: whatItIs,
  sum_hessian: float32,
  base_weights: float32,
  leaf_weights: float32,
  categories: whatItIs,
  categories_nodes: whatItIs,
  categories_segments: whatItIs,
  categories_sizes: whatItIs,
} as const;

type Arrays = { -readonly [Name in keyof typeof arrays]?: ReturnType<(typeof arrays)[Name]> };

function wholeNumbers(values: Float64Array, reader: DocumentReader): Int32Array {
  const whole = new Int32Array(values);
  const wrong = whole.findIndex((value, index) => value !== values[index]);
  if (wrong >= 0) reader.fail(`entry ${wrong} is ${values[wrong]}; a whole number of 32 bits is expected`);
  return whole;
}

function float32(values: Float64Array): Float32Array {
  return new Float32Array(values);
}

function flags(values: Float64Array): Uint8Array {
  return Uint8Array.from(values, (value) => (value === 0 ? 0 : 1));
}

function whatItIs(values: Float64Array): Float64Array {
  return values.slice();
}

const none = new Float64Array(0);
const noSets: ReadonlyMap<number, readonly number[]> = new Map();
/** Where XGBoost's categories end. */
const categoriesEnd = 1 << 24;

export function readTree(reader: DocumentReader): TreeArrays {
  const found: Arrays = {};
  let parameters: ReadonlyMap<string, string> = new Map();
  reader.object((key) => {
    if (key === "tree_param") parameters = readParameters(reader);
    else if (Object.hasOwn(arrays, key)) {
      const name = key as keyof typeof arrays;
      (found[name] as unknown) = arrays[name](reader.numbers(), reader);
    }
  });
  const array = <Name extends keyof Arrays>(name: Name): NonNullable<Arrays[Name]> =>
    found[name] ?? reader.fail(`this tree has no ${name}`);
  const nodes = array("left_children").length;
  const ofNodes = <Name extends keyof Arrays>(name: Name): NonNullable<Arrays[Name]> => {
    const values = array(name);
    if (values.length !== nodes) {
      reader.fail(`${name} has ${values.length} entries, left_children ${nodes}`);
    }
    return values;
  };
  if (nodes === 0) reader.fail("this tree has no nodes");
  const told = parameters.get("num_nodes");
  if (told !== undefined && told !== String(nodes)) {
    reader.fail(`tree_param/num_nodes is not ${nodes}, the length of left_children`);
  }
  const leafSize = Number(parameters.get("size_leaf_vector") ?? 0);
  if (!Number.isInteger(leafSize) || leafSize < 0 || leafSize > 100_000) {
    reader.fail("tree_param/size_leaf_vector is no whole number up to 100000");
  }
  const ofLeaves = leafSize > 1;
  return {
    nodes,
    leafSize: Math.max(leafSize, 1),
    leftChildren: ofNodes("left_children"),
    rightChildren: ofNodes("right_children"),
    splitIndices: ofNodes("split_indices"),
    splitConditions: ofNodes("split_conditions"),
    defaultLeft: ofNodes("default_left"),
    cover: found.sum_hessian && ofNodes("sum_hessian"),
    leafWeights: ofLeaves ? found.leaf_weights : undefined,
    nodeWeights: ofLeaves ? found.base_weights : undefined,
    categories: readSets(reader, found, nodes),
  };
}

function readSets(
  reader: DocumentReader,
  found: Arrays,
  nodes: number,
): ReadonlyMap<number, readonly number[]> {
  const types = found.split_type;
  if (types === undefined) return noSets;
  if (types.length !== nodes) reader.fail(`split_type has ${types.length} entries, left_children ${nodes}`);
  const { categories = none, categories_nodes: of = none } = found;
  const { categories_segments: starts = none, categories_sizes: sizes = none } = found;
  if (starts.length !== of.length || sizes.length !== of.length) {
    reader.fail("categories_nodes, categories_segments and categories_sizes differ in length");
  }
  const sets = new Map<number, readonly number[]>();
  of.forEach((node, i) => {
    const [start = 0, size = 0] = [starts[i], sizes[i]];
    const end = start + size;
    if (!isIndex(start, categories.length + 1) || !isIndex(size, categories.length - start + 1)) {
      reader.fail(`categories_segments/${i} and categories_sizes/${i} lie outside categories`);
    }
    if (!isIndex(node, nodes) || types[node] !== 1 || sets.has(node)) {
      reader.fail(`categories_nodes/${i} is no node that splits by categories, or is there twice`);
    }
    const listed = categories.subarray(start, end);
    const wrong = listed.findIndex((category) => !isIndex(category, categoriesEnd));
    if (wrong >= 0) reader.fail(`categories/${start + wrong} is no category from 0 to ${categoriesEnd - 1}`);
    sets.set(node, [...listed]);
  });
  types.forEach((type, node) => {
    if (type !== 0 && type !== 1) reader.fail(`split_type/${node} is neither 0 nor 1`);
    if (type === 1 && !sets.has(node)) reader.fail(`node ${node} splits by categories, but lists none`);
  });
  return sets;
}

function isIndex(value: number, end: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < end;
}
