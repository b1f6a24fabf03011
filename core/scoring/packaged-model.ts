import { DifferenceExplainer } from "../explain/difference-explainer.ts";
import { LinearExplainer } from "../explain/linear-explainer.ts";
import { ReasonWriter } from "../explain/reasons.ts";
import { FeatureEncoder, knownCategories } from "../features/encoder.ts";
import { LeadReader } from "../lead/lead-reader.ts";
import { DifferenceEvaluator } from "../model/difference-evaluator.ts";
import { LinearEvaluator } from "../model/linear-evaluator.ts";
import type { Manifest } from "../package/manifest.ts";
import type { Serving } from "../package/serving.ts";
import type { FeatureSpec } from "../spec/schema.ts";
import { ensembleOf } from "../trees/compact-trees.ts";
import type { Evaluator } from "../trees/evaluator.ts";
import { TreeExplainer } from "../trees/explain/tree-explainer.ts";
import type { Explainer } from "../trees/explainer.ts";
import { treeEvaluator } from "../trees/tree-evaluator.ts";
import { Judge } from "./judge.ts";
import { LeadBatch, leadsTogether, type Workings, type WorkingsSize } from "./lead-batch.ts";
import { type MatchedHeader, matchHeader } from "./match-header.ts";
import type { FieldError, RawLead, RawValue, Reasons, ScoringResult } from "./result.ts";
import {
  type BoundHeader,
  HeaderError,
  type HeaderMatch,
  type LeadsTogether,
  type ScoringModel,
} from "./scoring-model.ts";
import { usedFields } from "./used-fields.ts";

/** A ScoringModel with what it was made from. */
export interface LoadedModel extends ScoringModel {
  readonly spec: FeatureSpec;
  readonly manifest: Manifest;
  readonly serving: Serving;
}

export class PackagedModel implements LoadedModel {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly classes: readonly string[];
  readonly noReasons: string | null;
  readonly spec: FeatureSpec;
  readonly manifest: Manifest;
  readonly serving: Serving;
  /** Of the lead that `score` scored last: what golden rows are compared with. */
  readonly workings: Workings;
  readonly #size: WorkingsSize;
  readonly #reader: LeadReader;
  readonly #encoder: FeatureEncoder;
  readonly #evaluator: Evaluator;
  readonly #judge: Judge;
  readonly #makeExplainer: () => Explainer;
  #explainer: Explainer | undefined;
  readonly #reasonWriter: ReasonWriter;

  constructor(spec: FeatureSpec, serving: Serving, manifest: Manifest) {
    const { columns, predictor, isDifference, explanation } = serving;
    const fieldNames = spec.fields.map(({ name }) => name);
    this.name = spec.name;
    this.version = manifest.version;
    this.title = spec.title;
    this.classes = serving.classes;
    this.noReasons = explanation.noContributions;
    this.spec = spec;
    this.manifest = manifest;
    this.serving = serving;
    const categories = knownCategories(spec, columns);
    this.#reader = new LeadReader(spec, categories);
    this.#encoder = new FeatureEncoder(spec, columns, categories);
    const fieldOfColumn = Int32Array.from(columns, ({ field }) => fieldNames.indexOf(field));
    const evaluator = predictor.kind === "linear" ? new LinearEvaluator(predictor) : treeEvaluator(predictor);
    this.#evaluator = isDifference ? new DifferenceEvaluator(evaluator) : evaluator;
    this.#makeExplainer = () => {
      const explainer = explainerOf(serving, fieldOfColumn);
      return isDifference ? new DifferenceExplainer(explainer) : explainer;
    };
    this.#judge = new Judge(spec, serving);
    this.#reasonWriter = new ReasonWriter(spec, columns);
    this.#size = {
      columns: columns.length,
      outputs: this.#evaluator.outputs,
      fields: fieldNames.length,
      emptyValues: () => this.#reader.emptyValues(),
    };
    this.workings = new LeadBatch(this.#size, 1).at(0);
  }

  score(lead: RawLead, reasons: number): ScoringResult {
    const { workings } = this;
    const { errors, unknownKeys } = this.#reader.readLead(lead, workings.values);
    if (errors.length > 0) return { status: "rejected", errors };
    workings.unknownKeys = unknownKeys;
    this.#encoder.encode(workings.values, workings.features);
    this.#evaluator.margin(workings.features, workings.margins);
    const result = this.#judge.judge(workings);
    if (result.status === "rejected" || reasons === 0 || this.noReasons !== null) return result;
    this.#explain(workings);
    result.reasons = this.#reasons(workings, reasons);
    return result;
  }

  startLeads(reasons: number): LeadsTogether<RawLead> {
    return this.#start(reasons, (lead, workings) => {
      const { errors, unknownKeys } = this.#reader.readLead(lead, workings.values);
      workings.unknownKeys = unknownKeys;
      return errors;
    });
  }

  bindHeader(header: readonly string[]): BoundHeader {
    const { columnOfSlot, conflict, ...match } = this.#match(header);
    if (conflict !== undefined) throw new HeaderError(conflict);
    const read = (cells: readonly RawValue[], { values }: Workings) =>
      this.#reader.readCells(cells, columnOfSlot, header, values);
    return { ...match, startRows: (reasons) => this.#start(reasons, read) };
  }

  matchKeys(keys: readonly string[]): HeaderMatch {
    return this.#match(keys);
  }

  #match(names: readonly string[]): MatchedHeader {
    const { spec, serving } = this;
    return matchHeader(names, spec.fields, this.#reader.headers, usedFields(spec, serving.columns));
  }

  /** Contributions by field to one output, of the lead that was scored last. Only of a model that has some. */
  contributionsTo(output: number): Float64Array {
    const { weights, contributions } = this.workings;
    weights.fill(0);
    weights[output] = 1;
    this.#explain(this.workings);
    return contributions;
  }

  #start<Lead>(
    reasons: number,
    read: (lead: Lead, workings: Workings) => readonly FieldError[],
  ): LeadsTogether<Lead> {
    const batch = new LeadBatch(this.#size, leadsTogether);
    return {
      add: (lead) => {
        const workings = batch.at(batch.count);
        const errors = read(lead, workings);
        if (errors.length > 0) return batch.reject(errors);
        this.#encoder.encode(workings.values, workings.features);
        batch.accept();
      },
      finish: () => this.#scoreTogether(batch, reasons),
    };
  }

  #scoreTogether(batch: LeadBatch, reasons: number): ScoringResult[] {
    const { count, errors } = batch;
    const { features, margins, weights, contributions } = batch.all();
    this.#evaluator.margins(features, count, margins);
    const judged = Array.from({ length: count }, (_, lead) => this.#judge.judge(batch.at(lead)));
    if (reasons > 0 && count > 0 && this.noReasons === null) {
      this.#explainer ??= this.#makeExplainer();
      this.#explainer.contributionsOfRows(features, weights, count, contributions);
      judged.forEach((result, lead) => {
        if (result.status === "scored") result.reasons = this.#reasons(batch.at(lead), reasons);
      });
    }
    let lead = 0;
    const results = errors.map(
      (found): ScoringResult =>
        found === undefined ? (judged[lead++] as ScoringResult) : { status: "rejected", errors: found },
    );
    batch.clear();
    return results;
  }

  #reasons({ values, margins, weights, contributions }: Workings, most: number): Reasons {
    let margin = 0;
    let baseline = 0;
    for (let k = 0; k < weights.length; k++) {
      margin += (weights[k] as number) * (margins[k] as number);
      baseline += (weights[k] as number) * (this.serving.explanation.baseline[k] as number);
    }
    return this.#reasonWriter.write(values, contributions, most, margin, baseline);
  }

  /** Made for the first lead that wants reasons: a model that is only asked for scores loads faster and takes less memory. */
  #explain({ features, weights, contributions }: Workings): void {
    this.#explainer ??= this.#makeExplainer();
    this.#explainer.contributions(features, weights, contributions);
  }
}

function explainerOf({ predictor, explanation, columns }: Serving, fieldOfColumn: Int32Array): Explainer {
  if (predictor.kind === "linear") {
    return new LinearExplainer(
      predictor,
      explanation.means ?? new Float64Array(columns.length),
      fieldOfColumn,
    );
  }
  return new TreeExplainer(predictor.kind === "trees" ? predictor : ensembleOf(predictor), fieldOfColumn);
}
