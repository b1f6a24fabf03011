import type { RawLead, RawValue, ScoringResult } from "./result.ts";

/** A verified model package, ready to score. Implemented by core/package/load.ts. */
export interface ScoringModel {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  /** The class names in order; of a binary model the second is the event. */
  readonly classes: readonly string[];
  /** Why its scores have no reasons, however many are asked for; null: they have. */
  readonly noReasons: string | null;
  /** Scores one lead. Never throws for what a lead contains. `reasons` = 0: none; n: up to n that raise and n that lower. */
  score(lead: RawLead, reasons: number): ScoringResult;
  /** For leads that are scored together, which takes less time; their results are those of `score`. */
  startLeads(reasons: number): LeadsTogether<RawLead>;
  /**
   * Binds a file's header once, so that rows are scored by position. Unknown columns are told in `unknownColumns` and not warned of again a row.
   * Throws HeaderError for a header in which two columns match one field.
   */
  bindHeader(header: readonly string[]): BoundHeader;
  /** What the keys of several leads stand for, taken together: a field may be there by more than one spelling. */
  matchKeys(keys: readonly string[]): HeaderMatch;
}

export interface HeaderMatch {
  /** How many columns are fields of the model's spec. */
  readonly fieldColumns: number;
  readonly unknownColumns: readonly string[];
  /** Unknown columns that seem to be a field that has no column. */
  readonly similarColumns: readonly SimilarColumn[];
  /** How many fields the model reads that stand for nothing else when they are missing. */
  readonly expectedFields: number;
  /** Those of them that no column supplies: every row would be warned of them. */
  readonly missingFields: readonly string[];
  /** Required fields that no column supplies: every row would be rejected. */
  readonly missingRequired: readonly string[];
  /** The column that names the lead, or -1. */
  readonly leadIdColumn: number;
  /** The column of the target, or -1. */
  readonly targetColumn: number;
}

/** A column written in another way than the field it seems to be. */
export interface SimilarColumn {
  readonly column: string;
  readonly field: string;
}

export interface BoundHeader extends HeaderMatch {
  /** Rows of cells: `cells[i]` belongs to `header[i]`; typed cells (Parquet) may be numbers, booleans or null. */
  startRows(reasons: number): LeadsTogether<readonly RawValue[]>;
}

/** Leads on their way through a model. `scoreTogether` leads them through, however many there are. */
export interface LeadsTogether<Lead> {
  /** Reads a lead at once: it may be written again. At most `leadsTogether` leads before a `finish`. */
  add(lead: Lead): void;
  /** Scores the leads added since the last time, in order. */
  finish(): ScoringResult[];
}

export class HeaderError extends Error {
  override readonly name = "HeaderError";
}
