import type { RejectedRow } from "./block-result.ts";
import { withoutFormula } from "./result-columns.ts";

const encoder = new TextEncoder();

/** The errors file is always the same CSV, whatever the dialect of the input: UTF-8, commas, LF. One line a rejected row. */
export const errorsHeader = encoder.encode("row,column,code,detail,raw_row,line\n");

/**
 * @param firstRow number of the block's first row, from 0
 * @param firstLine number of the block's first line, from 0; undefined where the format has no lines
 */
export function errorLines(
  rejected: readonly RejectedRow[],
  firstRow: number,
  firstLine: number | undefined,
): Uint8Array {
  let text = "";
  for (const { row, line, column, code, detail, raw } of rejected) {
    const lineNumber = firstLine === undefined ? "" : String(firstLine + line);
    text += `${firstRow + row},${cell(column)},${code},${cell(detail)},${cell(raw)},${lineNumber}\n`;
  }
  return encoder.encode(text);
}

function cell(text: string): string {
  const safe = withoutFormula(text);
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
