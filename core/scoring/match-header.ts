import { sourcesOf } from "../lead/derivation.ts";
import { type HeaderIndex, LEAD_ID, TARGET, UNKNOWN } from "../lead/header-index.ts";
import { caseFold } from "../lead/text.ts";
import type { FeatureSpec } from "../spec/schema.ts";
import type { HeaderMatch, SimilarColumn } from "./scoring-model.ts";

type Field = FeatureSpec["fields"][number];

/** A header's columns by field, and what is to be told of it. */
export interface MatchedHeader extends HeaderMatch {
  /** By field of the spec: its column, or -1. Of two columns for one field the first. */
  readonly columnOfSlot: Int32Array;
  /** Why the columns can't be told apart: two of them stand for one field. */
  readonly conflict: string | undefined;
}

/**
 * Which columns of a file are the fields of a model.
 * @param used names of the fields that the model reads
 */
export function matchHeader(
  header: readonly string[],
  fields: readonly Field[],
  headers: HeaderIndex,
  used: ReadonlySet<string>,
): MatchedHeader {
  const columnOfSlot = new Int32Array(fields.length).fill(-1);
  const unknownColumns: string[] = [];
  let leadIdColumn = -1;
  let targetColumn = -1;
  let conflict: string | undefined;
  header.forEach((name, column) => {
    const meaning = headers.meaningOf(name);
    if (meaning >= 0) {
      const other = columnOfSlot[meaning] as number;
      if (other < 0) columnOfSlot[meaning] = column;
      else
        conflict ??= `The columns "${header[other]}" and "${name}" both stand for the field "${fields[meaning]?.name}". Remove or rename one of them.`;
    } else if (meaning === LEAD_ID && leadIdColumn < 0) leadIdColumn = column;
    else if (meaning === TARGET && targetColumn < 0) targetColumn = column;
    // Many tools write an index without a name, which nobody needs to be told of.
    else if (meaning === UNKNOWN && name.trim() !== "") unknownColumns.push(name);
  });

  const hasColumn = (slot: number): boolean => (columnOfSlot[slot] as number) >= 0;
  const isThere = ({ orFrom }: Field, slot: number): boolean =>
    hasColumn(slot) ||
    (orFrom !== undefined &&
      sourcesOf(orFrom).some((source) => hasColumn(fields.findIndex(({ name }) => name === source))));
  const expected = fields.filter(({ name, missingAs }) => used.has(name) && missingAs === undefined);
  const absent = new Set(fields.filter((field, slot) => !isThere(field, slot)));
  return {
    columnOfSlot,
    conflict,
    fieldColumns: columnOfSlot.filter((column) => column >= 0).length,
    unknownColumns,
    similarColumns: similarColumns(unknownColumns, [...absent]),
    expectedFields: expected.length,
    missingFields: expected.filter((field) => absent.has(field)).map(({ name }) => name),
    // Of no columns at all, `count-present` still counts none.
    missingRequired: fields
      .filter((field) => field.required && absent.has(field) && field.orFrom?.op !== "count-present")
      .map(({ name }) => name),
    leadIdColumn,
    targetColumn,
  };
}

/** Columns whose names are a field's, once case, white space, punctuation and accents are left out. */
function similarColumns(columns: readonly string[], fields: readonly Field[]): SimilarColumn[] {
  const fieldOf = new Map<string, string>();
  for (const { name, aliases = [], label = name } of fields) {
    for (const spelling of [name, ...aliases, label]) {
      const letters = lettersOf(spelling);
      if (letters !== "" && !fieldOf.has(letters)) fieldOf.set(letters, name);
    }
  }
  return columns.flatMap((column) => {
    const field = fieldOf.get(lettersOf(column));
    return field === undefined ? [] : [{ column, field }];
  });
}

function lettersOf(name: string): string {
  return caseFold(name.normalize("NFKD").replace(/[^\p{L}\p{N}]+/gu, ""));
}
