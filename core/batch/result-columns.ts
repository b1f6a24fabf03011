import type { Reason, Score, Warning } from "../scoring/result.ts";

/** What a column of ours holds: decides how it is written in CSV, JSON and Parquet. */
export interface ResultColumn {
  readonly name: string;
  readonly type: "number" | "integer" | "text";
}

const ourName =
  /^leadgauge_(?:probability|score|percentile|prediction|tier|action|raise_\d+|lower_\d+|warnings|model_version)$/i;

/** True of a column that only a scored file has. */
export function isResultColumn(name: string): boolean {
  return ourName.test(name.trim());
}

/** The columns that scoring appends, in order. */
export function resultColumns(reasons: number): readonly ResultColumn[] {
  const numbered = (name: string) =>
    Array.from({ length: reasons }, (_, index) => text(`leadgauge_${name}_${index + 1}`));
  return [
    { name: "leadgauge_probability", type: "number" },
    { name: "leadgauge_score", type: "integer" },
    { name: "leadgauge_percentile", type: "integer" },
    text("leadgauge_prediction"),
    text("leadgauge_tier"),
    text("leadgauge_action"),
    ...numbered("raise"),
    ...numbered("lower"),
    text("leadgauge_warnings"),
    text("leadgauge_model_version"),
  ];
}

function text(name: string): ResultColumn {
  return { name, type: "text" };
}

/** Their values for one lead, in that order; null where there is no further reason or no warning. */
export function resultValues(
  score: Score,
  reasons: number,
  modelVersion: string,
): (string | number | null)[] {
  const values: (string | number | null)[] = [
    score.probability,
    score.score,
    score.percentile,
    score.prediction,
    score.tier,
    score.action,
  ];
  pushReasons(values, score.reasons?.raises, reasons);
  pushReasons(values, score.reasons?.lowers, reasons);
  values.push(score.warnings.length === 0 ? null : warningsText(score.warnings), modelVersion);
  return values;
}

function pushReasons(
  values: (string | number | null)[],
  found: readonly Reason[] | undefined,
  count: number,
): void {
  for (let index = 0; index < count; index++) values.push(found?.[index]?.text ?? null);
}

const textOfWarning = new WeakMap<Warning, string>();

/** Such as `missing_fields: City, Specialization; out_of_bounds: TotalVisits`. Models tell the same warning with the same object. */
function warningsText(warnings: readonly Warning[]): string {
  return warnings.length === 1 ? warningText(warnings[0] as Warning) : warnings.map(warningText).join("; ");
}

function warningText(warning: Warning): string {
  let text = textOfWarning.get(warning);
  if (text === undefined) {
    text = `${warning.code}: ${warning.fields.join(", ")}`;
    textOfWarning.set(warning, text);
  }
  return text;
}

const formulaStart = /^[=+\-@\t\r]/;

/** A text that a spreadsheet would run as a formula gets a leading apostrophe, which makes it text there. */
export function withoutFormula(value: string): string {
  return formulaStart.test(value) ? `'${value}` : value;
}
