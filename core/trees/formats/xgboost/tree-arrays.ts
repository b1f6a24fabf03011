import type { DocumentReader } from "../document-reader.ts";
import { Column, type Span } from "./column.ts";
import { readParameters } from "./parameters.ts";

export const maximumTrees = 1_000_000;

/** One tree, as it stands in the file: an entry a node, deleted nodes included. Nothing is checked but the lengths and categories. */
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
  /** 0 where the file has none. */
  readonly cover: Float32Array;
  /** Values of leaves of several targets, by leaf (since 3.2) or by node (before). */
  readonly leafWeights: Float32Array | undefined;
  readonly nodeWeights: Float32Array | undefined;
  /** The listed categories of the nodes that split by categories. */
  readonly categories: ReadonlyMap<number, readonly number[]>;
}

const wholeNumbers: readonly string[] = ["left_children", "right_children", "split_indices"];
const noParameters: ReadonlyMap<string, string> = new Map();
const noSets: ReadonlyMap<number, readonly number[]> = new Map();
/** Where XGBoost's categories end. */
const categoriesEnd = 1 << 24;

/** The trees of a model, in their order, as they stand in the file. */
export class TreeList {
  /** An entry a node. */
  readonly #kept = {
    left_children: new Column(Int32Array),
    right_children: new Column(Int32Array),
    split_indices: new Column(Int32Array),
    split_conditions: new Column(Float32Array),
    default_left: new Column(Uint8Array),
    sum_hessian: new Column(Float32Array),
  };
  readonly #keptByName = Object.entries(this.#kept);
  /** Of trees whose leaves have several values. */
  readonly #vectors = {
    base_weights: new Column(Float32Array),
    leaf_weights: new Column(Float32Array),
  };
  /** Of the tree at work only. */
  readonly #passing = {
    split_type: new Column(Float64Array),
    categories: new Column(Float64Array),
    categories_nodes: new Column(Float64Array),
    categories_segments: new Column(Float64Array),
    categories_sizes: new Column(Float64Array),
  };
  readonly #columns: Readonly<Record<string, Column<Int32Array | Float32Array | Float64Array | Uint8Array>>> =
    {
      ...this.#kept,
      ...this.#vectors,
      ...this.#passing,
    };
  readonly #all = Object.values(this.#columns);
  readonly #allPassing = Object.values(this.#passing);
  readonly #start = [0];
  readonly #leafSize: number[] = [];
  /** By tree, of those that have some. */
  readonly #categories = new Map<number, ReadonlyMap<number, readonly number[]>>();
  readonly #weights = new Map<number, { readonly ofLeaves: Span; readonly ofNodes: Span }>();
  #firstWithoutCover = Number.POSITIVE_INFINITY;

  get length(): number {
    return this.#leafSize.length;
  }

  /** Nodes of the first `trees` trees. */
  nodes(trees: number): number {
    return this.#start[trees] as number;
  }

  leafSize(tree: number): number {
    return this.#leafSize[tree] as number;
  }

  /** Whether each of the first `trees` trees has the training weights of its nodes. */
  haveCover(trees: number): boolean {
    return this.#firstWithoutCover >= trees;
  }

  at(tree: number): TreeArrays {
    const start = this.#start[tree] as number;
    const end = this.#start[tree + 1] as number;
    const weights = this.#weights.get(tree);
    return {
      nodes: end - start,
      leafSize: this.leafSize(tree),
      leftChildren: this.#kept.left_children.of(start, end),
      rightChildren: this.#kept.right_children.of(start, end),
      splitIndices: this.#kept.split_indices.of(start, end),
      splitConditions: this.#kept.split_conditions.of(start, end),
      defaultLeft: this.#kept.default_left.of(start, end),
      cover: this.#kept.sum_hessian.of(start, end),
      leafWeights: weights?.ofLeaves && this.#vectors.leaf_weights.of(...weights.ofLeaves),
      nodeWeights: weights?.ofNodes && this.#vectors.base_weights.of(...weights.ofNodes),
      categories: this.#categories.get(tree) ?? noSets,
    };
  }

  /**
   * Whether a tree's children are later nodes, each of one parent, and no level deeper than `mostDepth`: so XGBoost grows trees, and then they are
   * trees. Told from the arrays of all, without any of this one's own; others have to be followed from the root.
   */
  growsForward(tree: number, mostDepth: number, levels: Uint16Array): boolean {
    const start = this.#start[tree] as number;
    const nodes = (this.#start[tree + 1] as number) - start;
    const left = this.#kept.left_children.all;
    const right = this.#kept.right_children.all;
    const areVectors = this.leafSize(tree) > 1;
    levels.fill(0, 0, nodes);
    for (let node = 0; node < nodes; node++) {
      const first = left[start + node] as number;
      const second = right[start + node] as number;
      if (first === -1) {
        // Leaves of several values have their place there.
        if (second !== -1 && !areVectors) return false;
        continue;
      }
      const below = (levels[node] as number) + 1;
      const areLater = first > node && second > node && first < nodes && second < nodes && first !== second;
      if (!areLater || below > mostDepth || levels[first] !== 0 || levels[second] !== 0) return false;
      levels[first] = below;
      levels[second] = below;
    }
    return true;
  }

  /** Reads a tree and adds it. */
  read(reader: DocumentReader): void {
    let parameters: ReadonlyMap<string, string> = noParameters;
    for (const column of this.#all) column.begin();
    reader.object((key) => {
      if (key === "tree_param") parameters = readParameters(reader);
      else if (Object.hasOwn(this.#columns, key)) this.#take(key, reader);
    });
    const nodes = this.#checkLengths(reader, parameters);
    const leafSize = Number(parameters.get("size_leaf_vector") ?? 0);
    if (!Number.isInteger(leafSize) || leafSize < 0 || leafSize > 100_000) {
      reader.fail("tree_param/size_leaf_vector is no whole number up to 100000");
    }
    const { leaf_weights: leafWeights, base_weights: nodeWeights } = this.#vectors;
    if (leafSize > 1) {
      // Those by node are not needed where there are some by leaf.
      if (leafWeights.added !== undefined) nodeWeights.forget();
      this.#weights.set(this.length, { ofLeaves: leafWeights.ownSpan, ofNodes: nodeWeights.ownSpan });
    } else {
      leafWeights.forget();
      nodeWeights.forget();
    }
    const sets = readSets(reader, this.#passing, nodes);
    if (sets !== noSets) this.#categories.set(this.length, sets);
    for (const column of this.#allPassing) column.forget();
    this.#start.push(this.nodes(this.length) + nodes);
    this.#leafSize.push(Math.max(leafSize, 1));
  }

  #take(name: string, reader: DocumentReader): void {
    const numbers = reader.numbers();
    const column = this.#columns[name] as Column<Int32Array>;
    if (name === "default_left")
      for (let i = 0; i < numbers.length; i++) numbers[i] = numbers[i] === 0 ? 0 : 1;
    column.add(numbers);
    if (!wholeNumbers.includes(name)) return;
    for (let i = 0; i < numbers.length; i++) {
      if (column.entry(i) === numbers[i]) continue;
      reader.fail(`entry ${i} is ${numbers[i]}; a whole number of 32 bits is expected`);
    }
  }

  /** Returns how many nodes the tree has. */
  #checkLengths(reader: DocumentReader, parameters: ReadonlyMap<string, string>): number {
    const { left_children, sum_hessian: cover } = this.#kept;
    const nodes = left_children.added ?? reader.fail("this tree has no left_children");
    if (nodes === 0) reader.fail("this tree has no nodes");
    const told = parameters.get("num_nodes");
    if (told !== undefined && told !== String(nodes)) {
      reader.fail(`tree_param/num_nodes is not ${nodes}, the length of left_children`);
    }
    if (cover.added === undefined) {
      cover.add(new Float64Array(nodes));
      this.#firstWithoutCover = Math.min(this.#firstWithoutCover, this.length);
    }
    for (const [name, { added = reader.fail(`this tree has no ${name}`) }] of this.#keptByName) {
      if (added !== nodes) reader.fail(`${name} has ${added} entries, left_children ${nodes}`);
    }
    return nodes;
  }
}

const none = new Float64Array(0);

type SetColumns = Readonly<
  Record<
    "split_type" | "categories" | "categories_nodes" | "categories_segments" | "categories_sizes",
    Column<Float64Array>
  >
>;

/** The listed categories of the tree at work. */
function readSets(
  reader: DocumentReader,
  columns: SetColumns,
  nodes: number,
): ReadonlyMap<number, readonly number[]> {
  if (!columns.split_type.isFilled || listsNothing(columns, nodes)) return noSets;
  const types = columns.split_type.own ?? none;
  if (types.length !== nodes) reader.fail(`split_type has ${types.length} entries, left_children ${nodes}`);
  const categories = columns.categories.own ?? none;
  const of = columns.categories_nodes.own ?? none;
  const starts = columns.categories_segments.own ?? none;
  const sizes = columns.categories_sizes.own ?? none;
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
  return sets.size > 0 ? sets : noSets;
}

/** Most trees list no categories: then no arrays are made of what they say. */
function listsNothing(columns: SetColumns, nodes: number): boolean {
  const { split_type: types, categories_nodes: of, categories_segments: starts } = columns;
  if (types.added !== nodes || of.added || starts.added || columns.categories_sizes.added) return false;
  for (let node = 0; node < nodes; node++) if (types.entry(node) !== 0) return false;
  return true;
}

function isIndex(value: number, end: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < end;
}
