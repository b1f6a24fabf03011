import { BEYOND_BOUNDS, type LeadValues, PRESENT, UNSEEN } from "../lead/values.ts";
import { type Calibrate, calibrator } from "../model/calibration.ts";
import type { Serving } from "../package/serving.ts";
import type { FeatureSpec } from "../spec/schema.ts";
import { type Decide, type Decision, decider } from "./decision.ts";
import type { Workings } from "./lead-batch.ts";
import type { FieldError, Rejection, Score, Warning } from "./result.ts";
import { usedFields } from "./used-fields.ts";
import { WarningCache, warning } from "./warnings.ts";

export type MutableScore = { -readonly [Key in keyof Score]: Score[Key] };
const none: readonly never[] = [];

/** From margins to a score: all but the reasons. */
export class Judge {
  readonly #serving: Serving;
  readonly #calibrate: Calibrate;
  readonly #decide: Decide;
  /** By field: 1 where the model uses it; and how many it uses. */
  readonly #isUsed: Uint8Array;
  readonly #usedFields: number;
  readonly #hasMissingAs: readonly boolean[];
  readonly #missing: WarningCache;
  readonly #outOfBounds: WarningCache;
  readonly #unseen: WarningCache;

  constructor(spec: FeatureSpec, serving: Serving) {
    const names = spec.fields.map(({ name }) => name);
    this.#serving = serving;
    this.#calibrate = calibrator(serving.calibration);
    this.#decide = decider(serving);
    const used = usedFields(spec, serving.columns);
    this.#isUsed = Uint8Array.from(names, (name) => (used.has(name) ? 1 : 0));
    this.#usedFields = used.size;
    this.#hasMissingAs = spec.fields.map(({ missingAs }) => missingAs !== undefined);
    this.#missing = new WarningCache("missing_fields", names);
    this.#outOfBounds = new WarningCache("out_of_bounds", names);
    this.#unseen = new WarningCache("unseen_categories", names);
  }

  /** Also writes the probabilities, and what the outputs count for in the reasons: nothing, if the lead is rejected. */
  judge({
    features,
    margins,
    probabilities,
    weights,
    values,
    unknownKeys,
  }: Workings): MutableScore | Rejection {
    for (let k = 0; k < margins.length; k++) {
      if (!Number.isFinite(margins[k])) {
        weights.fill(0);
        return { status: "rejected", errors: [this.#overflow(features)] };
      }
    }
    const { classes, task } = this.#serving;
    this.#calibrate(margins, probabilities);
    const decision = this.#decide(margins, probabilities);
    weigh(decision, weights);
    const score: MutableScore = {
      status: "scored",
      probability: decision.probability,
      score: decision.score,
      percentile: decision.percentile,
      prediction: classes[decision.prediction] as string,
      tier: decision.tier.name,
      action: decision.tier.action,
      completeness: 1,
      warnings: none,
    };
    if (task === "ordered") {
      score.probabilities = Object.fromEntries(classes.map((name, k) => [name, probabilities[k] as number]));
      score.confidence = probabilities[decision.prediction] as number;
    }
    this.#note(score, values, unknownKeys);
    return score;
  }

  /** Completeness and warnings. */
  #note(score: MutableScore, { flags }: LeadValues, unknownKeys: readonly string[]): void {
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

  /** A margin beyond the doubles: the input that is farthest out is to blame. */
  #overflow(features: Float64Array): FieldError {
    let farthest = 0;
    features.forEach((value, column) => {
      if (Math.abs(value) > Math.abs(features[farthest] as number) || Number.isNaN(features[farthest]))
        farthest = column;
    });
    const field = this.#serving.columns[farthest]?.field ?? "";
    return {
      code: "out_of_bounds",
      field,
      detail: `"${field}" is so large that the model cannot compute with it.`,
    };
  }
}

/** Of an ordered model, the tier's class counts against the mean of the classes. */
function weigh({ subject }: Decision, weights: Float64Array): void {
  const outputs = weights.length;
  weights.fill(outputs === 1 ? 0 : -1 / outputs);
  weights[subject] = (weights[subject] as number) + 1;
}
