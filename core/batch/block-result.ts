import type { FieldError, FieldErrorCode, Score, WarningCode } from "../scoring/result.ts";
import type { RecordProblem } from "./csv/record-scanner.ts";

/** Why a row was not scored: what a lead can be rejected for, and what only a file can have wrong. */
export type RowErrorCode =
  | FieldErrorCode
  | RecordProblem
  | "too_few_columns"
  | "too_many_columns"
  | "nul_byte"
  | "repeated_header"
  | "invalid_json"
  | "invalid_encoding"
  | "already_scored";

export interface RejectedRow {
  /** From 1, within the block. */
  readonly row: number;
  /** The physical line, from 1, within the block; 0 where a format has no lines. */
  readonly line: number;
  /** The column's name as the file writes it, or empty if the row as a whole is wrong. */
  readonly column: string;
  readonly code: RowErrorCode;
  readonly detail: string;
  /** The row's own text. */
  readonly raw: string;
}

/** A scored row that may belong to the best: where its bytes stand in the block's output, and what it is ranked by. */
export interface RankedRow {
  readonly score: number;
  readonly probability: number;
  readonly row: number;
  readonly start: number;
  readonly end: number;
}

/** What became of a block's rows. Plain data: it crosses threads. */
export interface BlockResult {
  readonly rows: number;
  readonly scored: number;
  /** Physical lines, for the line numbers of the blocks that follow. */
  readonly lines: number;
  readonly blankLines: number;
  /** Rows that are not valid UTF-8 and were read as windows-1252. */
  readonly windows1252Rows: number;
  /** The scored rows, as they are to be written. */
  readonly output: Uint8Array;
  readonly rejected: readonly RejectedRow[];
  readonly tiers: Readonly<Record<string, number>>;
  /** How many rows have a warning of each kind. */
  readonly warnings: Readonly<Partial<Record<WarningCode, number>>>;
  /** Fields of leads that the model doesn't know, where every lead names its own. */
  readonly unknownFields: readonly string[];
  readonly ranked: readonly RankedRow[];
}

const maximumRawCharacters = 32_768;
/** Names beyond this many are not told: a hostile file can invent them without end. */
export const maximumUnknownFields = 1_000;

/** The raw text that the errors file shows: cut where it is very long. */
export function shownRaw(raw: string): string {
  return raw.length <= maximumRawCharacters ? raw : `${raw.slice(0, maximumRawCharacters)}…`;
}

/** Counts what the manifest tells. */
export class BlockTally {
  rows = 0;
  scored = 0;
  lines = 0;
  blankLines = 0;
  windows1252Rows = 0;
  readonly rejected: RejectedRow[] = [];
  readonly #tiers = new Map<string, number>();
  readonly #warnings = new Map<WarningCode, number>();
  readonly #ranked: RankedRow[] = [];
  readonly #rankedLimit: number;
  readonly #unknownFields = new Set<string>();

  /** @param rankedLimit how many of the block's best rows to name */
  constructor(rankedLimit: number) {
    this.#rankedLimit = rankedLimit;
  }

  countScore(score: Score, start: number, end: number): void {
    this.scored++;
    this.#tiers.set(score.tier, (this.#tiers.get(score.tier) ?? 0) + 1);
    for (const { code, fields } of score.warnings) {
      if (code === "unknown_fields") {
        for (const field of fields) {
          if (this.#unknownFields.size < maximumUnknownFields) this.#unknownFields.add(field);
        }
      } else {
        this.#warnings.set(code, (this.#warnings.get(code) ?? 0) + 1);
      }
    }
    if (this.#rankedLimit > 0) {
      this.#ranked.push({ score: score.score, probability: score.probability, row: this.rows, start, end });
    }
  }

  reject(column: string, code: RowErrorCode, detail: string, raw: string, line: number): void {
    this.rejected.push({ row: this.rows, line, column, code, detail, raw: shownRaw(raw) });
  }

  /** One line a row: the first error has its own columns, the others are told after it. */
  rejectLead(errors: readonly FieldError[], raw: string, line: number): void {
    const [first, ...others] = errors;
    if (!first) throw new Error("A rejected lead has at least one error.");
    const more = others.map(({ field, detail }) => ` Also ${field}: ${detail}`).join("");
    this.reject(first.field, first.code, first.detail + more, raw, line);
  }

  result(output: Uint8Array): BlockResult {
    return {
      rows: this.rows,
      scored: this.scored,
      lines: this.lines,
      blankLines: this.blankLines,
      windows1252Rows: this.windows1252Rows,
      output,
      rejected: this.rejected,
      tiers: Object.fromEntries(this.#tiers),
      warnings: Object.fromEntries(this.#warnings),
      unknownFields: [...this.#unknownFields],
      ranked: this.#ranked.sort(byRank).slice(0, this.#rankedLimit),
    };
  }
}

/** The best first: by score, then probability, then the file's order. */
export function byRank(a: Omit<RankedRow, "start" | "end">, b: Omit<RankedRow, "start" | "end">): number {
  return b.score - a.score || b.probability - a.probability || a.row - b.row;
}
