import type { DocumentReader } from "../document-reader.ts";
import { readParameters } from "./parameters.ts";

export const maximumTrees = 1_000_000;

/** One tree, as it stands in the file: an entry a node, deleted nodes included. Nothing is checked but the lengths. */
export interface TreeArrays {
  readonly nodes: number;
  /** Values of a leaf; 1, or more for trees of several targets. */
  readonly leafSize: number;
  readonly leftChildren: Float64Array;
  readonly rightChildren: Float64Array;
  readonly splitIndices: Float64Array;
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

const arrays = [
  "left_children",
  "right_children",
  "split_indices",
  "split_conditions",
  "default_left",
  "split_type",
  "sum_hessian",
  "base_weights",
  "leaf_weights",
  "categories",
  "categories_nodes",
  "categories_segments",
  "categories_sizes",
] as const;

type ArrayName = (typeof arrays)[number];

/** Where XGBoost's categories end. */
const categoriesEnd = 1 << 24;

export function readTree(reader: DocumentReader): TreeArrays {
  const found = new Map<string, Float64Array>();
  let parameters: ReadonlyMap<string, string> = new Map();
  reader.object((key) => {
    if (key === "tree_param") parameters = readParameters(reader);
    else if ((arrays as readonly string[]).includes(key)) found.set(key, reader.numbers());
  });
  const array = (name: ArrayName): Float64Array => found.get(name) ?? reader.fail(`this tree has no ${name}`);
  const nodes = array("left_children").length;
  const ofNodes = (name: ArrayName): Float64Array => {
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
  const float32 = (values: Float64Array | undefined) => values && Float32Array.from(values);
  return {
    nodes,
    leafSize: Math.max(leafSize, 1),
    leftChildren: ofNodes("left_children"),
    rightChildren: ofNodes("right_children"),
    splitIndices: ofNodes("split_indices"),
    splitConditions: Float32Array.from(ofNodes("split_conditions")),
    defaultLeft: Uint8Array.from(ofNodes("default_left"), (value) => (value === 0 ? 0 : 1)),
    cover: found.has("sum_hessian") ? float32(ofNodes("sum_hessian")) : undefined,
    leafWeights: ofLeaves ? float32(found.get("leaf_weights")) : undefined,
    nodeWeights: ofLeaves ? float32(found.get("base_weights")) : undefined,
    categories: readSets(reader, found, nodes),
  };
}

function readSets(
  reader: DocumentReader,
  found: ReadonlyMap<string, Float64Array>,
  nodes: number,
): ReadonlyMap<number, readonly number[]> {
  const sets = new Map<number, readonly number[]>();
  const types = found.get("split_type");
  if (types === undefined) return sets;
  if (types.length !== nodes) reader.fail(`split_type has ${types.length} entries, left_children ${nodes}`);
  const none = new Float64Array(0);
  const categories = found.get("categories") ?? none;
  const of = found.get("categories_nodes") ?? none;
  const starts = found.get("categories_segments") ?? none;
  const sizes = found.get("categories_sizes") ?? none;
  if (starts.length !== of.length || sizes.length !== of.length) {
    reader.fail("categories_nodes, categories_segments and categories_sizes differ in length");
  }
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
