import { FileError } from "./file-error.ts";

export type FileFormat = "csv" | "jsonl" | "parquet";

/** What a file's name says of it, and what its results are called. */
export interface DropName {
  readonly name: string;
  readonly format: FileFormat;
  readonly isGzip: boolean;
  readonly scored: string;
  /** The best rows, never compressed. */
  readonly top: string;
  readonly errors: string;
}

export const manifestName = "manifest.json";

const readable = /^(.+?)(\.(?:csv|tsv|txt|jsonl|ndjson))(\.gz)?$|^(.+?)(\.parquet)$/is;

/** Throws `FileError` for a name that does not tell a format that is read. */
export function parseDropName(name: string): DropName {
  const match = readable.exec(name);
  if (!match) {
    throw new FileError(
      "unsupported_file",
      "The name must end in .csv, .tsv, .txt, .jsonl or .ndjson (each also with .gz) or in .parquet.",
    );
  }
  const stem = match[1] ?? match[4] ?? "";
  const extension = (match[2] ?? match[5] ?? "").toLowerCase();
  const isGzip = match[3] !== undefined;
  const isJson = extension === ".jsonl" || extension === ".ndjson";
  return {
    name,
    format: extension === ".parquet" ? "parquet" : isJson ? "jsonl" : "csv",
    isGzip,
    scored: `${stem}.scored${extension}${isGzip ? ".gz" : ""}`,
    top: `${stem}.top${extension}`,
    errors: `${stem}.errors.csv`,
  };
}

/** What the results of a file of this name may be called, but for the manifest. */
export function resultNames(name: string): readonly string[] {
  if (!readable.test(name)) return [];
  const { scored, top, errors } = parseDropName(name);
  return [scored, top, errors];
}
