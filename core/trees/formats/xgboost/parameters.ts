import { ModelFileError } from "../../model-file-error.ts";
import type { DocumentReader } from "../document-reader.ts";

/** Texts by name; XGBoost writes even numbers as texts. */
export function readParameters(reader: DocumentReader): Map<string, string> {
  const parameters = new Map<string, string>();
  reader.object((key) => {
    const kind = reader.kind();
    if (kind === "string") parameters.set(key, reader.string());
    else if (kind === "number") parameters.set(key, String(reader.number()));
  });
  return parameters;
}

export function wholeNumber(
  reader: DocumentReader,
  value: string | number,
  least: number,
  most: number,
): number {
  const number = typeof value === "number" ? value : /^-?\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isInteger(number) || number < least || number > most) {
    reader.fail(`a whole number from ${least} to ${most} is expected`);
  }
  return number;
}

export function checkedNumber(text: string | undefined, least: number, most: number, where: string): number {
  if (text === undefined) throw missing(where);
  const number = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= most)) {
    const allowed = least === most ? `${least}` : `a whole number from ${least} to ${most}`;
    throw new ModelFileError(`is ${JSON.stringify(text.slice(0, 32))}; it must be ${allowed}`, where);
  }
  return number;
}

export function missing(where: string): ModelFileError {
  return new ModelFileError("is not in the file", where);
}
