import { HeaderError, type HeaderMatch, type ScoringModel } from "../scoring/scoring-model.ts";
import { FileError } from "./file-error.ts";
import { isResultColumn } from "./result-columns.ts";

/** Refuses a header that can only lead to nonsense, and returns the columns that the model doesn't know. */
export function checkHeader(model: ScoringModel, header: readonly string[]): readonly string[] {
  const ours = header.filter(isResultColumn);
  if (ours.length > 0) {
    throw new FileError(
      "already_scored",
      `The file has been scored before: it has the column${ours.length > 1 ? "s" : ""} ${list(ours)}. Take ${ours.length > 1 ? "them" : "it"} out to score it again.`,
    );
  }
  const match = bind(model, header);
  if (match.fieldColumns === 0) {
    throw new FileError(
      "no_known_columns",
      `No column of the file is a field of the model ${model.name}. The file's columns: ${list(header)}. Is it the right model, and is the first line the header?${spelling(match)}`,
    );
  }
  if (match.missingRequired.length > 0) {
    throw new FileError(
      "missing_columns",
      `The model ${model.name} requires ${list(match.missingRequired.map(quoted))}, and the file has no such column: not one row could be scored. Add what is missing; the file's columns: ${list(header)}.${spelling(match)}`,
    );
  }
  refuseOtherSchema(model, match);
  return match.unknownColumns;
}

/** The same for a file without a header. @param keys those of its first leads, each once */
export function checkKeys(model: ScoringModel, keys: readonly string[]): void {
  refuseOtherSchema(model, model.matchKeys(keys));
}

/**
 * A file may carry a few fields only, and many columns of its own. But where nothing is known of it, or less than half of what the model reads is
 * there and some columns are a field's name in another style, it is another schema's file, and would be scored on next to nothing.
 */
function refuseOtherSchema(model: ScoringModel, match: HeaderMatch): void {
  const { expectedFields, missingFields, unknownColumns, similarColumns, fieldColumns } = match;
  const found = expectedFields - missingFields.length;
  const isInAnotherStyle = similarColumns.length > 0 && found * 2 < expectedFields;
  const isUnknown = fieldColumns === 0 && unknownColumns.length > 0;
  if (!isInAnotherStyle && !isUnknown) return;
  throw new FileError(
    fieldColumns === 0 ? "no_known_columns" : "missing_columns",
    `Of the ${expectedFields} fields that the model ${model.name} reads, ${found} are in the file; not there: ${list(missingFields.map(quoted))}. The model does not know ${list(unknownColumns.map(quoted))}. Is it the right model?${spelling(match)}`,
  );
}

function bind(model: ScoringModel, header: readonly string[]): HeaderMatch {
  try {
    return model.bindHeader(header);
  } catch (error) {
    if (error instanceof HeaderError) throw new FileError("invalid_header", error.message);
    throw error;
  }
}

/** What to do about columns that are written in another way. */
function spelling({ similarColumns }: HeaderMatch): string {
  if (similarColumns.length === 0) return "";
  const pairs = similarColumns.map(({ column, field }) => `${quoted(column)} as ${quoted(field)}`);
  return ` Names are compared but for case and white space: write ${list(pairs)}, or list the spelling as an alias in the feature spec.`;
}

const maximumShown = 6;
const longestShown = 60;

function quoted(name: string): string {
  return `"${name.length > longestShown ? `${name.slice(0, longestShown)}…` : name}"`;
}

function list(names: readonly string[]): string {
  const shown = names
    .slice(0, maximumShown)
    .map((name) => (name.length > 3 * longestShown ? `${name.slice(0, longestShown)}…` : name))
    .join(", ");
  return names.length > maximumShown ? `${shown} and ${names.length - maximumShown} more` : shown;
}
