import type { CategoryCodes } from "../../raw-model.ts";

/** No list of categories of a real model comes near it. */
const longestTail = 1 << 20;
const mark = "\npandas_categorical:";

/**
 * By column, what its category codes stand for, where LightGBM's Python package has written it behind the model. The lists are
 * those of the table's categorical columns in order; without certainty which columns those are, or where a text could be
 * taken for a code, nothing is told.
 *
 * @param featureInfos a word a column: `[from:to]`, `none`, or the codes of a categorical one
 */
export function pandasCategories(
  bytes: Uint8Array,
  featureInfos: readonly string[],
): readonly (CategoryCodes | undefined)[] | undefined {
  const isCategorical = featureInfos.map((info) => /^-?\d+(:-?\d+)*$/.test(info));
  const count = isCategorical.filter(Boolean).length;
  if (count === 0 || featureInfos.includes("none")) return undefined;
  const lists = listsIn(bytes);
  if (lists?.length !== count) return undefined;
  let next = 0;
  return isCategorical.map((is) =>
    is ? new Map(lists[next++]?.map((category, code) => [asPandasWritesIt(category), code])) : undefined,
  );
}

type Category = string | number | boolean;

function asPandasWritesIt(category: Category): string | number {
  return typeof category === "boolean" ? (category ? "True" : "False") : category;
}

function listsIn(bytes: Uint8Array): readonly (readonly Category[])[] | undefined {
  const tail = new TextDecoder().decode(bytes.subarray(Math.max(0, bytes.length - longestTail)));
  const start = tail.lastIndexOf(mark);
  if (start < 0) return undefined;
  const [line = ""] = tail.slice(start + mark.length).split("\n", 1);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const isOneKind = (list: unknown) =>
    Array.isArray(list) &&
    list.every((each) => typeof each === typeof list[0] && /^(string|number|boolean)$/.test(typeof each)) &&
    !list.some((each) => typeof each === "string" && !Number.isNaN(Number(each)));
  return Array.isArray(value) && value.every(isOneKind) ? value : undefined;
}
