import { createReadStream } from "node:fs";
import type { RawModel } from "../../core/trees/index.ts";
import { UsageError } from "../cli/usage-error.ts";

/** Longer lines are no rows of numbers. */
const maximumLineCharacters = 1 << 26;

/**
 * Reads rows of raw feature values, a line a row, without a header; `row` is the same array each time. A missing value is
 * NaN. Throws a `UsageError` that tells line and cell.
 */
export async function* rawRows(path: string, model: RawModel): AsyncGenerator<Float64Array> {
  const row = new Float64Array(model.features);
  let line = 0;
  for await (const text of lines(path)) {
    line++;
    const cells = text.includes('"') ? quotedCells(text, line) : text.split(",");
    if (cells.length !== row.length) {
      throw new UsageError(
        `line ${line} has ${count(cells.length, "cell")}, the model ${count(row.length, "feature")}.`,
      );
    }
    for (let column = 0; column < row.length; column++) {
      const cell = cells[column] as string;
      row[column] = valueIn(cell, column, model) ?? refuse(cell, line, column, model);
    }
    yield row;
  }
}

async function* lines(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8");
  let rest = "";
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() as string;
    if (rest.length > maximumLineCharacters)
      throw new UsageError("a line of more than 64 million characters.");
    for (const part of parts) yield part.endsWith("\r") ? part.slice(0, -1) : part;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}

function quotedCells(text: string, line: number): string[] {
  const cells: string[] = [];
  const cell = /\s*"((?:[^"]|"")*)"\s*(?:,|$)|([^,"]*)(?:,|$)/y;
  while (cell.lastIndex < text.length || text.endsWith(",")) {
    const isPastEnd = cell.lastIndex >= text.length;
    const found = cell.exec(text);
    if (found === null)
      throw new UsageError(`line ${line} has a quote that isn't closed or stands inside a cell.`);
    cells.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? "");
    if (isPastEnd) break;
  }
  return cells;
}

type Codes = NonNullable<RawModel["categories"]>[number];

/** A number, as JavaScript and C write them, or a category's code; nothing: missing. Undefined: none of these. */
function valueIn(cell: string, column: number, model: RawModel): number | undefined {
  const trimmed = cell.trim();
  if (trimmed === "") return Number.NaN;
  const codes = model.categories?.[column];
  if (codes === undefined) return numberOf(trimmed);
  const unknown = model.unknownCategoriesAreMissing ? Number.NaN : undefined;
  return codes.get(cell) ?? codes.get(trimmed) ?? codeOf(trimmed, codes, model) ?? unknown;
}

/** Of a cell that is no category's name. */
function codeOf(cell: string, codes: NonNullable<Codes>, { format }: RawModel): number | undefined {
  const number = numberOf(cell);
  if (number === undefined || Number.isNaN(number)) return number;
  // Arrays of numbers hold codes for XGBoost and LightGBM, scikit-learn knows none. XGBoost is given what its file lists.
  if (format === "lightgbm-text") return number;
  if (holdsNumbers(codes)) return codes.get(number);
  return format === "leadgauge-predictor" ? undefined : number;
}

function numberOf(cell: string): number | undefined {
  const number = Number(cell);
  // JavaScript also reads 0x10, 0o7 and 0b1.
  if (!Number.isNaN(number)) return cell.charCodeAt(1) > 0x39 && /^0[box]/i.test(cell) ? undefined : number;
  const [, sign, word] = /^([+-]?)(nan|inf|infinity)$/i.exec(cell) ?? [];
  if (word === undefined) return undefined;
  if (word.toLowerCase() === "nan") return Number.NaN;
  return sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function holdsNumbers(codes: NonNullable<Codes>): boolean {
  const [first] = codes.keys();
  return typeof first === "number";
}

function refuse(cell: string, line: number, column: number, model: RawModel): never {
  const name = model.featureNames?.[column];
  const codes = model.categories?.[column];
  const shown = JSON.stringify(cell.length > 40 ? `${cell.slice(0, 40)}…` : cell);
  const allowed =
    codes === undefined
      ? "a number, nan, inf, -inf or nothing is expected"
      : `a category is expected, such as ${JSON.stringify([...codes.keys()][0])}`;
  const hint = line === 1 ? "; rows have no header" : "";
  throw new UsageError(
    `line ${line}, cell ${column + 1}${name === undefined ? "" : ` (${JSON.stringify(name)})`}: ${shown}; ${allowed}${hint}.`,
  );
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}
