/** A cell as a caller or a file gives it. Files give text or null only. */
export type RawValue = string | number | boolean | null;

/** A lead as a caller sends it: keys are field names or aliases, values are untrusted. */
export type RawLead = Readonly<Record<string, unknown>>;

export type WarningCode = "missing_fields" | "unseen_categories" | "unknown_fields" | "out_of_bounds";

/** One warning a kind, naming every field it concerns. */
export interface Warning {
  readonly code: WarningCode;
  /** A sentence for people; it names fields, never values. */
  readonly detail: string;
  readonly fields: readonly string[];
}

export type FieldErrorCode =
  | "invalid_number"
  | "invalid_integer"
  | "invalid_boolean"
  | "invalid_timestamp"
  | "invalid_text"
  | "invalid_type"
  | "out_of_bounds"
  | "required"
  | "duplicate_field";

/** Why a lead cannot be scored. */
export interface FieldError {
  readonly code: FieldErrorCode;
  /** The key as the caller wrote it, or the field's name where the key is absent. */
  readonly field: string;
  /** What was wrong, what is allowed, what to do. */
  readonly detail: string;
}

export interface Reason {
  /** The raw field's name as the spec writes it. */
  readonly field: string;
  /** The value as it was used; null when missing. */
  readonly value: RawValue;
  /** In the unit of the model's raw output (`explanation.unit` in the package). */
  readonly contribution: number;
  /** A readable sentence, such as "Total time on website is 674 minutes". */
  readonly text: string;
}

export interface Reasons {
  readonly raises: readonly Reason[];
  readonly lowers: readonly Reason[];
  readonly baseline: number;
  /** margin - baseline - the contributions shown, so that the parts add up by definition. */
  readonly other: number;
}

export interface Score {
  readonly status: "scored";
  /** Calibrated; of an ordered model, that of the tier's class (the most probable class if the tier has none). */
  readonly probability: number;
  /** 0 to 100. */
  readonly score: number;
  /** 0 to 100: the share of training leads whose score is not above this one. */
  readonly percentile: number;
  /** A class name of the spec's target. */
  readonly prediction: string;
  readonly tier: string;
  readonly action: string;
  /** Share, 0 to 1, of the fields the model uses that the lead has a value for. */
  readonly completeness: number;
  /** Ordered models only: class name to probability, in class order. */
  readonly probabilities?: Readonly<Record<string, number>>;
  /** Ordered models only: the probability of `prediction`. */
  readonly confidence?: number;
  /** Present when asked for, if the model gives any. */
  readonly reasons?: Reasons;
  readonly warnings: readonly Warning[];
}

export interface Rejection {
  readonly status: "rejected";
  readonly errors: readonly FieldError[];
}

export type ScoringResult = Score | Rejection;
