/** Golden rows: what Python computed for some leads, compared with what this code computes. */
import type { PackagedModel } from "../scoring/packaged-model.ts";
import type { RawLead, Score } from "../scoring/result.ts";
import { PackageError } from "./package-error.ts";

const file = "golden.jsonl";
const linearTolerance = 1e-12;
const probabilityTolerance = 1e-9;
const contributionTolerance = 1e-6;
/** Beyond it, no contribution of a probability's margin, the tolerance is relative to the row's greatest: sums of such leaves have no digits left. */
const greatestUsualContribution = 1_000;

export interface GoldenReport {
  readonly rows: number;
  readonly rejectedRows: number;
  /** The largest differences found; margins of linear models relative above 1. */
  readonly marginDifference: number;
  readonly probabilityDifference: number;
  readonly contributionDifference: number;
}

export interface GoldenRow {
  readonly lead: RawLead;
  readonly rejected?: string;
  readonly features: readonly (number | null)[];
  readonly margin: readonly number[];
  readonly probability: readonly number[];
  readonly score: number;
  readonly percentile: number;
  readonly prediction: string;
  readonly tier: string;
  /** Absent where the model has none. */
  readonly contributions?: Readonly<Record<string, readonly number[]>>;
  readonly warnings: readonly string[];
}

/** Where not all rows are checked: contributions cost more than all the rest, so one scored row of so many has to do. */
const rowsPerExplained = 8;

/**
 * Checks so many rows, spread over the file, with the contributions of some; or all rows with all. Throws PackageError at
 * the first difference.
 */
export function checkGoldenRows(model: PackagedModel, bytes: Uint8Array, rows: number | "all"): GoldenReport {
  const lines = countLines(bytes);
  if (lines === 0) throw new PackageError(file, "has no rows");
  const count = rows === "all" ? lines : Math.min(rows, lines);
  const check = new GoldenCheck(model, rows === "all" ? 1 : rowsPerExplained);
  // The file is long, and often few of its rows are looked at: only those are decoded.
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let start = 0;
  for (let line = 0, i = 0; i < count; line++) {
    const end = endOfLine(bytes, start);
    const row = bytes.subarray(start, end);
    start = end + 1;
    if (line < Math.floor((i * lines) / count)) continue;
    i++;
    try {
      check.row(JSON.parse(utf8.decode(row)) as GoldenRow);
    } catch (error) {
      if (error instanceof Difference) throw new PackageError(file, `line ${line + 1}: ${error.message}`);
      throw new PackageError(file, `line ${line + 1} is not a golden row`);
    }
  }
  return check.report();
}

const NEWLINE = 10;

/** The last one may end without a newline. */
function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let start = 0; start < bytes.length; start = endOfLine(bytes, start) + 1) lines++;
  return lines;
}

function endOfLine(bytes: Uint8Array, start: number): number {
  const end = bytes.indexOf(NEWLINE, start);
  return end < 0 ? bytes.length : end;
}

class Difference extends Error {}

/** Also used by the test that compares both languages on many generated leads. */
export class GoldenCheck {
  readonly #model: PackagedModel;
  readonly #isLinear: boolean;
  readonly #rowsPerExplained: number;
  #rows = 0;
  #rejectedRows = 0;
  #marginDifference = 0;
  #probabilityDifference = 0;
  #contributionDifference = 0;

  /** Contributions are compared in the first of every `rowsPerExplained` rows that are scored. */
  constructor(model: PackagedModel, rowsPerExplained = 1) {
    this.#model = model;
    this.#rowsPerExplained = rowsPerExplained;
    this.#isLinear = model.serving.predictor.kind === "linear";
  }

  report(): GoldenReport {
    return {
      rows: this.#rows,
      rejectedRows: this.#rejectedRows,
      marginDifference: this.#marginDifference,
      probabilityDifference: this.#probabilityDifference,
      contributionDifference: this.#contributionDifference,
    };
  }

  row(row: GoldenRow): void {
    this.#rows++;
    const result = this.#model.score(row.lead, 0);
    if (row.rejected !== undefined) {
      this.#rejectedRows++;
      const codes = result.status === "rejected" ? result.errors.map(({ code }) => code) : ["none"];
      if (!codes.some((code) => code === row.rejected)) differs("the rejection", codes.join(), row.rejected);
      return;
    }
    if (result.status === "rejected") differs("the rejection", result.errors[0]?.code, "none");
    this.#scored(row, result);
    const scoredBefore = this.#rows - this.#rejectedRows - 1;
    if (scoredBefore % this.#rowsPerExplained === 0) this.#contributions(row);
  }

  #scored(row: GoldenRow, result: Score): void {
    const { features, margins, probabilities } = this.#model.workings;
    expectLength("features", row.features.length, features.length);
    features.forEach((value, column) => {
      const expected = row.features[column];
      if (expected === null ? !Number.isNaN(value) : value !== expected) {
        differs(`feature ${this.#model.serving.columns[column]?.name}`, value, expected);
      }
    });
    expectLength("margins", row.margin.length, margins.length);
    margins.forEach((value, k) => {
      const expected = row.margin[k] as number;
      const difference = Math.abs(value - expected) / (this.#isLinear ? Math.max(1, Math.abs(expected)) : 1);
      this.#marginDifference = Math.max(this.#marginDifference, difference);
      if (!(difference <= (this.#isLinear ? linearTolerance : 0))) differs(`margin ${k}`, value, expected);
    });
    expectLength("probabilities", row.probability.length, probabilities.length);
    probabilities.forEach((value, k) => {
      const expected = row.probability[k] as number;
      const difference = Math.abs(value - expected);
      this.#probabilityDifference = Math.max(this.#probabilityDifference, difference);
      if (!(difference <= probabilityTolerance)) differs(`probability ${k}`, value, expected);
    });
    for (const key of ["score", "percentile", "prediction", "tier"] as const) {
      if (result[key] !== row[key]) differs(`the ${key}`, result[key], row[key]);
    }
    const codes = result.warnings.map(({ code }) => code).join();
    if (codes !== row.warnings.join()) differs("the warnings", codes, row.warnings.join());
  }

  #contributions({ margin, contributions: told }: GoldenRow): void {
    const { spec, noReasons } = this.#model;
    if ((told === undefined) !== (noReasons !== null)) differs("having contributions", !noReasons, !!told);
    if (told === undefined) return;
    const { fields } = spec;
    for (const name of Object.keys(told)) {
      if (!fields.some((field) => field.name === name)) differs("a contribution", undefined, name);
    }
    for (let output = 0; output < margin.length; output++) {
      const contributions = this.#model.contributionsTo(output);
      const greatest = Object.values(told).reduce(
        (most, each) => Math.max(most, Math.abs(each[output] ?? 0)),
        0,
      );
      const tolerance = contributionTolerance * (greatest > greatestUsualContribution ? greatest : 1);
      fields.forEach(({ name }, field) => {
        const expected = Object.hasOwn(told, name) ? (told[name]?.[output] ?? Number.NaN) : 0;
        const difference = Math.abs((contributions[field] as number) - expected);
        this.#contributionDifference = Math.max(this.#contributionDifference, difference);
        if (!(difference <= tolerance)) {
          differs(`the contribution of ${name} to output ${output}`, contributions[field], expected);
        }
      });
    }
  }
}

function expectLength(what: string, expected: number, found: number): void {
  if (expected !== found) differs(`the number of ${what}`, found, expected);
}

function differs(what: string, found: unknown, expected: unknown): never {
  throw new Difference(`${what} is computed as ${found}, but the package says ${expected}`);
}
