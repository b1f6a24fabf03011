import { LinearExplainer } from "../explain/linear-explainer.ts";
import { ReasonWriter } from "../explain/reasons.ts";
import { FeatureEncoder, knownCategories } from "../features/encoder.ts";
import { LeadReader } from "../lead/lead-reader.ts";
import { BEYOND_BOUNDS, type LeadValues, PRESENT, UNSEEN } from "../lead/values.ts";
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
import { LeadBatch } from "./lead-batch.ts";
import { matchHeader } from "./match-header.ts";
import type { FieldError, RawLead, RawValue, Reasons, Score, ScoringResult, Warning } from "./result.ts";
import type { BoundHeader, RowsTogether, ScoringModel } from "./scoring-model.ts";
import { usedFields } from "./used-fields.ts";
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
    const { columnOfSlot, ...match } = matchHeader(header, this.spec.fields, this.#reader.headers);
    const scoreRow = (cells: readonly RawValue[], reasons: number): ScoringResult => {
      const errors = this.#reader.readCells(cells, columnOfSlot, header);
      if (errors.length > 0) return { status: "rejected", errors };
      return this.#scoreValues(reasons, []);
    };
    const startRows = (reasons: number): RowsTogether => {
      const { columns, predictor } = this.serving;
      const derived = this.spec.derived?.length ?? 0;
      const batch = new LeadBatch(columns.length, predictor.outputs, this.spec.fields.length, derived);
      return {
        add: (cells) => {
          const errors = this.#reader.readCells(cells, columnOfSlot, header);
          if (errors.length > 0) batch.reject(errors);
          else this.#encoder.encode(this.#reader.values, batch.add(this.#reader.values));
        },
        finish: () => this.#scoreTogether(batch, reasons),
      };
    };
    return { ...match, scoreRow, startRows };
  }

  /** Contributions by field to one output, of the lead that was scored last. */
  contributionsTo(output: number): Float64Array {
    this.#outputWeights.fill(0);
    this.#outputWeights[output] = 1;
    this.#explain(this.workings.features);
    return this.#contributions;
  }

  #scoreValues(reasons: number, unknownKeys: readonly string[]): ScoringResult {
    const { workings } = this;
    const { values } = this.#reader;
    this.#encoder.encode(values, workings.features);
    this.#evaluator.margin(workings.features, workings.margins);
    const judged = this.#judge(workings, values, unknownKeys);
    if (judged.status === "rejected" || reasons === 0) return judged.result;
    this.#weigh(judged.decision, this.#outputWeights);
    this.#explain(workings.features);
    judged.result.reasons = this.#reasons(
      values,
      workings.margins,
      this.#outputWeights,
      this.#contributions,
      reasons,
    );
    return judged.result;
  }

  #scoreTogether(batch: LeadBatch, reasons: number): ScoringResult[] {
    const { count, values, errors } = batch;
    const part = (of: Float64Array, lead: number) =>
      of.subarray((lead * of.length) / values.length, ((lead + 1) * of.length) / values.length);
    const all = (of: Float64Array) => of.subarray(0, (count * of.length) / values.length);
    this.#evaluator.margins(all(batch.features), count, all(batch.margins));
    const { probabilities } = this.workings;
    const judged = values.slice(0, count).map((own, lead) => {
      const workings = {
        features: part(batch.features, lead),
        margins: part(batch.margins, lead),
        probabilities,
      };
      const judgement = this.#judge(workings, own, []);
      if (judgement.status === "rejected") part(batch.weights, lead).fill(0);
      else this.#weigh(judgement.decision, part(batch.weights, lead));
      return judgement;
    });
    if (reasons > 0 && count > 0) {
      this.#explainer ??= this.#makeExplainer();
      this.#explainer.contributionsOfRows(
        all(batch.features),
        all(batch.weights),
        count,
        all(batch.contributions),
      );
      judged.forEach((judgement, lead) => {
        if (judgement.status === "rejected") return;
        const [margins, weights] = [part(batch.margins, lead), part(batch.weights, lead)];
        const contributions = part(batch.contributions, lead);
        const own = values[lead] as LeadValues;
        judgement.result.reasons = this.#reasons(own, margins, weights, contributions, reasons);
      });
    }
    let lead = 0;
    const results = errors.map(
      (found): ScoringResult =>
        found === undefined ? (judged[lead++] as Judgement).result : { status: "rejected", errors: found },
    );
    batch.clear();
    return results;
  }

  /** All but the reasons. */
  #judge(
    { features, margins, probabilities }: Workings,
    values: LeadValues,
    unknownKeys: readonly string[],
  ): Judgement {
    for (let k = 0; k < margins.length; k++) {
      if (!Number.isFinite(margins[k])) {
        return { status: "rejected", result: { status: "rejected", errors: [this.#overflow(features)] } };
      }
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
    this.#note(score, values, unknownKeys);
    return { status: "scored", result: score, decision };
  }

  /** Completeness and warnings. */
  #note(score: Mutable<Score>, { flags }: LeadValues, unknownKeys: readonly string[]): void {
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

  /** What the outputs count for in the reasons; of an ordered model, the tier's class against the mean of the classes. */
  #weigh({ subject }: Decision, weights: Float64Array): void {
    const outputs = weights.length;
    weights.fill(outputs === 1 ? 0 : -1 / outputs);
    weights[subject] = (weights[subject] as number) + 1;
  }

  #reasons(
    values: LeadValues,
    margins: Float64Array,
    weights: Float64Array,
    contributions: Float64Array,
    most: number,
  ): Reasons {
    let margin = 0;
    let baseline = 0;
    for (let k = 0; k < weights.length; k++) {
      margin += (weights[k] as number) * (margins[k] as number);
      baseline += (weights[k] as number) * (this.serving.explanation.baseline[k] as number);
    }
    return this.#reasonWriter.write(values, contributions, most, margin, baseline);
  }

  /** Made for the first lead that wants reasons: a model that is only asked for scores loads faster and takes less memory. */
  #explain(features: Float64Array): void {
    this.#explainer ??= this.#makeExplainer();
    this.#explainer.contributions(features, this.#outputWeights, this.#contributions);
  }

  /** A margin beyond the doubles: the input that is farthest out is to blame. */
  #overflow(features: Float64Array): FieldError {
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

type Judgement =
  | { readonly status: "scored"; readonly result: Mutable<Score>; readonly decision: Decision }
  | { readonly status: "rejected"; readonly result: ScoringResult };

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
const none: readonly never[] = [];
