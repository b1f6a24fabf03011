import { LinearExplainer } from "../explain/linear-explainer.ts";
import { ReasonWriter } from "../explain/reasons.ts";
import { FeatureEncoder, knownCategories } from "../features/encoder.ts";
import { sourcesOf } from "../lead/derivation.ts";
import { LEAD_ID, TARGET, UNKNOWN } from "../lead/header-index.ts";
import { LeadReader } from "../lead/lead-reader.ts";
import { BEYOND_BOUNDS, PRESENT, UNSEEN } from "../lead/values.ts";
import { type Calibrate, calibrator } from "../model/calibration.ts";
import { LinearEvaluator } from "../model/linear-evaluator.ts";
import type { Manifest } from "../package/manifest.ts";
import type { Serving } from "../package/serving.ts";
import type { FeatureSpec } from "../spec/schema.ts";
import type { Evaluator } from "../trees/evaluator.ts";
import { TreeExplainer } from "../trees/explain/tree-explainer.ts";
import type { Explainer } from "../trees/explainer.ts";
import { treeEvaluator } from "../trees/tree-evaluator.ts";
import { type Decide, type Decision, decider } from "./decision.ts";
import type { FieldError, RawLead, RawValue, Reasons, Score, ScoringResult, Warning } from "./result.ts";
import { type BoundHeader, HeaderError, type ScoringModel } from "./scoring-model.ts";
import { WarningCache, warning } from "./warnings.ts";

/** A ScoringModel with what it was made from. */
export interface LoadedModel extends ScoringModel {
  readonly spec: FeatureSpec;
  readonly manifest: Manifest;
  readonly serving: Serving;
}

/** What golden rows are compared with. Overwritten by the next lead. */
export interface Workings {
  readonly features: Float64Array;
  readonly margins: Float64Array;
  readonly probabilities: Float64Array;
}

export class PackagedModel implements LoadedModel {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly classes: readonly string[];
  readonly spec: FeatureSpec;
  readonly manifest: Manifest;
  readonly serving: Serving;
  readonly workings: Workings;
  readonly #reader: LeadReader;
  readonly #encoder: FeatureEncoder;
  readonly #evaluator: Evaluator;
  readonly #makeExplainer: () => Explainer;
  #explainer: Explainer | undefined;
  readonly #calibrate: Calibrate;
  readonly #decide: Decide;
  readonly #reasonWriter: ReasonWriter;
  /** By field: 1 where the model uses it; and how many it uses. */
  readonly #isUsed: Uint8Array;
  readonly #usedFields: number;
  readonly #hasMissingAs: readonly boolean[];
  readonly #missing: WarningCache;
  readonly #outOfBounds: WarningCache;
  readonly #unseen: WarningCache;
  readonly #contributions: Float64Array;
  readonly #outputWeights: Float64Array;

  constructor(spec: FeatureSpec, serving: Serving, manifest: Manifest) {
    const { columns, predictor, explanation } = serving;
    const fieldNames = spec.fields.map(({ name }) => name);
    this.name = spec.name;
    this.version = manifest.version;
    this.title = spec.title;
    this.classes = serving.classes;
    this.spec = spec;
    this.manifest = manifest;
    this.serving = serving;
    const categories = knownCategories(spec, columns);
    this.#reader = new LeadReader(spec, categories);
    this.#encoder = new FeatureEncoder(spec, columns, categories);
    const fieldOfColumn = Int32Array.from(columns, ({ field }) => fieldNames.indexOf(field));
    if (predictor.kind === "linear") {
      this.#evaluator = new LinearEvaluator(predictor);
      const means = explanation.means ?? new Float64Array(columns.length);
      this.#makeExplainer = () => new LinearExplainer(predictor, means, fieldOfColumn);
    } else {
      this.#evaluator = treeEvaluator(predictor);
      this.#makeExplainer = () => new TreeExplainer(predictor, fieldOfColumn);
    }
    this.#calibrate = calibrator(serving.calibration);
    this.#decide = decider(serving);
    this.#reasonWriter = new ReasonWriter(spec, columns);
    const used = usedFields(spec, columns);
    this.#isUsed = Uint8Array.from(fieldNames, (name) => (used.has(name) ? 1 : 0));
    this.#usedFields = used.size;
    this.#hasMissingAs = spec.fields.map(({ missingAs }) => missingAs !== undefined);
    this.#missing = new WarningCache("missing_fields", fieldNames);
    this.#outOfBounds = new WarningCache("out_of_bounds", fieldNames);
    this.#unseen = new WarningCache("unseen_categories", fieldNames);
    this.workings = {
      features: new Float64Array(columns.length),
      margins: new Float64Array(predictor.outputs),
      probabilities: new Float64Array(predictor.outputs),
    };
    this.#contributions = new Float64Array(fieldNames.length);
    this.#outputWeights = new Float64Array(predictor.outputs);
  }

  score(lead: RawLead, reasons: number): ScoringResult {
    const { errors, unknownKeys } = this.#reader.readLead(lead);
    if (errors.length > 0) return { status: "rejected", errors };
    return this.#scoreValues(reasons, unknownKeys);
  }

  bindHeader(header: readonly string[]): BoundHeader {
    const { fields } = this.spec;
    const columnOfSlot = new Int32Array(fields.length).fill(-1);
    const unknownColumns: string[] = [];
    let leadIdColumn = -1;
    let targetColumn = -1;
    header.forEach((name, column) => {
      const meaning = this.#reader.headers.meaningOf(name);
      if (meaning >= 0) {
        const other = columnOfSlot[meaning] as number;
        if (other >= 0) {
          throw new HeaderError(
            `The columns "${header[other]}" and "${name}" both stand for the field "${fields[meaning]?.name}". Remove or rename one of them.`,
          );
        }
        columnOfSlot[meaning] = column;
      } else if (meaning === LEAD_ID && leadIdColumn < 0) leadIdColumn = column;
      else if (meaning === TARGET && targetColumn < 0) targetColumn = column;
      // Many tools write an index without a name, which nobody needs to be told of.
      else if (meaning === UNKNOWN && name.trim() !== "") unknownColumns.push(name);
    });
    const canBeSupplied = (slot: number): boolean => {
      const { orFrom } = fields[slot] as FeatureSpec["fields"][number];
      if ((columnOfSlot[slot] as number) >= 0) return true;
      if (orFrom === undefined) return false;
      const sources = sourcesOf(orFrom).map((name) => fields.findIndex((field) => field.name === name));
      return orFrom.op === "count-present" || sources.some((source) => (columnOfSlot[source] as number) >= 0);
    };
    const missingRequired = fields.flatMap(({ name, required }, slot) =>
      required && !canBeSupplied(slot) ? [name] : [],
    );
    const scoreRow = (cells: readonly RawValue[], reasons: number): ScoringResult => {
      const errors = this.#reader.readCells(cells, columnOfSlot, header);
      if (errors.length > 0) return { status: "rejected", errors };
      return this.#scoreValues(reasons, []);
    };
    const fieldColumns = columnOfSlot.filter((column) => column >= 0).length;
    return { fieldColumns, unknownColumns, missingRequired, leadIdColumn, targetColumn, scoreRow };
  }

  /** Contributions by field to one output, of the lead that was scored last. */
  contributionsTo(output: number): Float64Array {
    this.#outputWeights.fill(0);
    this.#outputWeights[output] = 1;
    this.#explain(this.workings.features);
    return this.#contributions;
  }

  #scoreValues(reasons: number, unknownKeys: readonly string[]): ScoringResult {
    const { features, margins, probabilities } = this.workings;
    this.#encoder.encode(this.#reader.values, features);
    this.#evaluator.margin(features, margins);
    for (let k = 0; k < margins.length; k++) {
      if (!Number.isFinite(margins[k])) return { status: "rejected", errors: [this.#overflow()] };
    }
    this.#calibrate(margins, probabilities);
    const decision = this.#decide(margins, probabilities);
    const score: Mutable<Score> = {
      status: "scored",
      probability: decision.probability,
      score: decision.score,
      percentile: decision.percentile,
      prediction: this.classes[decision.prediction] as string,
      tier: decision.tier.name,
      action: decision.tier.action,
      completeness: 1,
      warnings: none,
    };
    if (this.serving.task === "ordered") {
      score.probabilities = Object.fromEntries(
        this.classes.map((name, k) => [name, probabilities[k] as number]),
      );
      score.confidence = probabilities[decision.prediction] as number;
    }
    if (reasons > 0) score.reasons = this.#reasons(decision, reasons);
    this.#note(score, unknownKeys);
    return score;
  }

  /** Completeness and warnings. */
  #note(score: Mutable<Score>, unknownKeys: readonly string[]): void {
    const { flags } = this.#reader.values;
    this.#missing.start();
    this.#outOfBounds.start();
    this.#unseen.start();
    let present = 0;
    for (let slot = 0; slot < flags.length; slot++) {
      const flag = flags[slot] as number;
      if (this.#isUsed[slot] === 1) {
        if ((flag & PRESENT) !== 0) present++;
        else if (!this.#hasMissingAs[slot]) this.#missing.add(slot);
      }
      if ((flag & UNSEEN) !== 0) this.#unseen.add(slot);
      if ((flag & BEYOND_BOUNDS) !== 0) this.#outOfBounds.add(slot);
    }
    if (this.#usedFields > 0) score.completeness = present / this.#usedFields;
    const found: Warning[] = [];
    const missing = this.#missing.end();
    if (missing !== undefined) found.push(missing);
    const outOfBounds = this.#outOfBounds.end();
    if (outOfBounds !== undefined) found.push(outOfBounds);
    if (unknownKeys.length > 0) found.push(warning("unknown_fields", unknownKeys));
    const unseen = this.#unseen.end();
    if (unseen !== undefined) found.push(unseen);
    if (found.length > 0) score.warnings = found;
  }

  #reasons(decision: Decision, most: number): Reasons {
    const { features, margins } = this.workings;
    const outputs = margins.length;
    // An ordered model: the tier's class against the mean of the classes.
    this.#outputWeights.fill(outputs === 1 ? 0 : -1 / outputs);
    this.#outputWeights[decision.subject] = (this.#outputWeights[decision.subject] as number) + 1;
    this.#explain(features);
    let margin = 0;
    let baseline = 0;
    for (let k = 0; k < outputs; k++) {
      margin += (this.#outputWeights[k] as number) * (margins[k] as number);
      baseline += (this.#outputWeights[k] as number) * (this.serving.explanation.baseline[k] as number);
    }
    return this.#reasonWriter.write(this.#reader.values, this.#contributions, most, margin, baseline);
  }

  /** Made for the first lead that wants reasons: a model that is only asked for scores loads faster and takes less memory. */
  #explain(features: Float64Array): void {
    this.#explainer ??= this.#makeExplainer();
    this.#explainer.contributions(features, this.#outputWeights, this.#contributions);
  }

  /** A margin beyond the doubles: the input that is farthest out is to blame. */
  #overflow(): FieldError {
    const { features } = this.workings;
    let farthest = 0;
    features.forEach((value, column) => {
      if (Math.abs(value) > Math.abs(features[farthest] as number) || Number.isNaN(features[farthest]))
        farthest = column;
    });
    const field = this.serving.columns[farthest]?.field ?? "";
    return {
      code: "out_of_bounds",
      field,
      detail: `"${field}" is so large that the model cannot compute with it.`,
    };
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
const none: readonly never[] = [];

/** The fields that are inputs of columns, or that a derived input is computed from. */
export function usedFields(spec: FeatureSpec, columns: Serving["columns"]): ReadonlySet<string> {
  const derived = new Map((spec.derived ?? []).map((each) => [each.name, each]));
  const used = new Set<string>();
  const visit = (name: string) => {
    const derivation = derived.get(name);
    if (derivation === undefined) used.add(name);
    else for (const source of sourcesOf(derivation)) visit(source);
  };
  for (const { input } of columns) visit(input);
  return used;
}
