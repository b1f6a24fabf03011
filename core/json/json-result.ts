export type JsonProblemCode = "malformed" | "too_deep" | "duplicate_key" | "lone_surrogate";

/** Where a text is not the JSON that is asked for. Line and column count from 1, the column in UTF-16 units. */
export interface JsonProblem {
  readonly code: JsonProblemCode;
  readonly detail: string;
  readonly line: number;
  readonly column: number;
}

export type JsonResult =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: JsonProblem };
