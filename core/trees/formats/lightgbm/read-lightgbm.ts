import { ModelFileError } from "../../model-file-error.ts";
import type { RawModel } from "../../raw-model.ts";
import { greatFileInBytes } from "../document-reader.ts";
import { endMarks, readHeader } from "./header.ts";
import { objectiveOf } from "./objective.ts";
import { pandasCategories } from "./pandas-categories.ts";
import { refuse, TextLines } from "./text-lines.ts";
import { readTreeBlock, type TreeBlock } from "./tree-block.ts";
import { nodesOf } from "./tree-nodes.ts";

const maximumTrees = 1_000_000;
const lineFeed = 10;

/** Is this the text of a LightGBM model? */
export function isLightGbm(bytes: Uint8Array): boolean {
  const start = String.fromCharCode(...bytes.subarray(0, 6));
  return /^tree\r?\n/.test(start);
}

/**
 * LightGBM's text model, versions 2 to 4, as `Booster(model_file=…)` understands it. Everything is double; tiny values
 * count as 0; a random forest's margins are sums. Throws ModelFileError.
 */
export function readLightGbm(bytes: Uint8Array): RawModel {
  checkEnd(bytes);
  const lines = new TextLines(bytes);
  const header = readHeader(lines);
  const { outputs, features } = header;
  const trees: TreeBlock[] = [];
  let codes = 0;
  let line = header.next;
  while (line?.key === "Tree" && line.hasValue) {
    if (trees.length === maximumTrees) refuse(line, `more than ${maximumTrees} trees`);
    const tree = readTreeBlock(lines, line, features, codes);
    trees.push(tree);
    codes += tree.categories.reduce((sum, set) => sum + set.length, 0);
    line = lines.next();
  }
  if (!line) throw new ModelFileError('the file ends before its line "end of trees"', `byte ${bytes.length}`);
  if (line.hasValue || !endMarks.includes(line.key))
    refuse(line, "is neither a tree nor the end of the trees");
  if (trees.length % outputs !== 0) {
    refuse(line, `there are ${trees.length} trees, but each iteration has ${outputs}`);
  }
  const iterations = trees.length / outputs;
  if (header.averages && iterations === 0) refuse(line, "a random forest without a tree has no mean");
  const categories = pandasCategories(bytes, header.featureInfos);
  const objective = objectiveOf(header, iterations);
  return {
    format: "lightgbm-text",
    objective: objective.name,
    features,
    featureNames: header.featureNames,
    ...(categories ? { categories, unknownCategoriesAreMissing: true } : {}),
    predictor: {
      kind: "trees",
      outputs,
      input: "float64",
      flushTiny: true,
      accumulate: "float64",
      base: new Float64Array(outputs),
      divide: null,
      valuesPerLeaf: 1,
      treeOutput: Int32Array.from(trees, (_, index) => index % outputs),
      ...nodesOf(trees),
    },
    link: objective.link,
    rounds: { total: iterations },
    ...noContributions(trees),
  };
}

/** Refuses a great file that was cut before its trees end, before anything of it is read. */
function checkEnd(bytes: Uint8Array): void {
  if (bytes.length < greatFileInBytes) return;
  const marks = endMarks.map((mark) => new TextEncoder().encode(`\n${mark}`));
  const isMark = (at: number) => marks.some((mark) => mark.every((byte, i) => bytes[at + i] === byte));
  // The trees are most of a file, and stand before the mark.
  for (let at = bytes.length - 1; at >= 0; at--) {
    if (bytes[at] === lineFeed && bytes[at + 1] !== lineFeed && isMark(at)) return;
  }
  throw new ModelFileError('the file ends before its line "end of trees"', `byte ${bytes.length}`);
}

function noContributions(trees: readonly TreeBlock[]): Pick<RawModel, "noContributions"> {
  if (trees.some(({ linear }) => linear)) {
    return { noContributions: "its trees have linear leaves (linear_tree), for which LightGBM defines none" };
  }
  if (trees.some(({ counts }) => !counts)) {
    return {
      noContributions: "the file lacks internal_count and leaf_count, the rows that reached its nodes",
    };
  }
  return {};
}
