/** Why a whole file cannot be scored. The message is for the person who sent it. */
export type FileErrorCode =
  | "empty_file"
  | "no_rows"
  | "not_csv"
  | "not_parquet"
  | "not_gzip"
  | "truncated_gzip"
  | "damaged_parquet"
  | "unsupported_file"
  | "too_large"
  | "unsupported_encoding"
  | "invalid_header"
  | "already_scored"
  | "no_known_columns"
  | "missing_columns"
  | "unknown_model"
  | "unusable_model"
  | "nothing_scored"
  | "tolerance_exceeded"
  | "internal_error";

export class FileError extends Error {
  override readonly name = "FileError";
  readonly code: FileErrorCode;

  constructor(code: FileErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
