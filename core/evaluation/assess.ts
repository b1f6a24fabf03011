import { bootstrapIntervals, type Interval, type IntervalsOf, resampleCount } from "./bootstrap.ts";
import { type CalibrationLine, CalibrationLineFitter } from "./calibration-line.ts";
import { averagedClasses, type ClassTally, classTallies, FigureComputer, type Figures } from "./figures.ts";
import type { OutcomeTable, RowWeights } from "./outcome-table.ts";
import { type TierFigures, tierFigures } from "./tiers.ts";

/** What an evaluation tells, with 95 % intervals by the bootstrap. Figures that the rows cannot define are NaN, which JSON writes as null. */
export interface Assessment {
  readonly metrics: Figures;
  readonly intervals: IntervalsOf<Figures>;
  readonly bootstrap: { readonly resamples: number; readonly seed: number };
  readonly confusionMatrix: {
    readonly classes: readonly string[];
    readonly rowsAreTrue: readonly (readonly number[])[];
    /** In whole rows, widened outwards. */
    readonly intervals: readonly (readonly Interval[])[];
  };
  readonly byClass: Readonly<Record<string, WithIntervals<ClassFigures>>>;
  readonly calibration: Readonly<Record<string, WithIntervals<CalibrationFigures>>>;
  readonly tiers: readonly ({ readonly tier: string } & WithIntervals<TierFigures>)[];
}

type WithIntervals<Own> = Own & { readonly intervals: IntervalsOf<Own> };

interface ClassFigures extends ClassTally {
  /** Not of the first class of a binary model, whose areas are those of the event. */
  readonly rocAuc?: number;
  readonly prAuc?: number;
}

interface CalibrationFigures extends CalibrationLine {
  readonly meanProbability: number;
  readonly rate: number;
  /** `meanProbability` less `rate`. */
  readonly meanDifference: number;
}

/** Judges a model by a table of at least one row. */
export function assess(table: OutcomeTable, seed: number): Assessment {
  const { classes, tiers, labels } = table;
  const rows = labels.length;
  const meter = new Meter(table);
  const own = meter.measure(new Int32Array(rows).fill(1));
  const bounds = bootstrapIntervals(rows, (weights) => meter.measure(weights), seed);
  return {
    metrics: own.metrics,
    intervals: bounds.metrics,
    bootstrap: { resamples: resampleCount(rows), seed },
    confusionMatrix: {
      classes,
      rowsAreTrue: own.confusion,
      intervals: bounds.confusion.map((ofLabel) =>
        ofLabel.map(([low, high]) => [Math.floor(low), Math.ceil(high)] as const),
      ),
    },
    byClass: named(classes, own.byClass, bounds.byClass),
    calibration: named(
      averagedClasses(classes.length).map((k) => classes[k] as string),
      own.calibration,
      bounds.calibration,
    ),
    tiers: own.tiers.map((figures, tier) => ({
      tier: tiers[tier] as string,
      ...figures,
      intervals: bounds.tiers[tier] as IntervalsOf<TierFigures>,
    })),
  };
}

function named<Own extends object>(
  names: readonly string[],
  own: readonly Own[],
  bounds: readonly IntervalsOf<Own>[],
): Record<string, WithIntervals<Own>> {
  return Object.fromEntries(
    names.map((name, index) => [
      name,
      { ...(own[index] as Own), intervals: bounds[index] as IntervalsOf<Own> },
    ]),
  );
}

interface Measurement {
  readonly metrics: Figures;
  readonly confusion: readonly (readonly number[])[];
  readonly byClass: readonly ClassFigures[];
  /** One for each of `averagedClasses`. */
  readonly calibration: readonly CalibrationFigures[];
  readonly tiers: readonly TierFigures[];
}

/** Measures everything for one weighting of a table's rows after another. */
class Meter {
  readonly #table: OutcomeTable;
  readonly #figures: FigureComputer;
  readonly #lines: readonly CalibrationLineFitter[];

  constructor(table: OutcomeTable) {
    this.#table = table;
    this.#figures = new FigureComputer(table);
    this.#lines = averagedClasses(table.classes.length).map(
      (k) =>
        new CalibrationLineFitter(
          Uint8Array.from(table.labels, (label) => (label === k ? 1 : 0)),
          table.probabilities[k] as Float64Array,
        ),
    );
  }

  measure(weights: RowWeights): Measurement {
    const classes = this.#table.classes.length;
    const averaged = averagedClasses(classes);
    const confusion = this.#figures.confusion(weights);
    const areas = this.#figures.areasByClass(weights);
    return {
      metrics: this.#figures.compute(weights, confusion, areas),
      confusion,
      byClass: classTallies(confusion).map((tally, k) => ({ ...tally, ...areas[averaged.indexOf(k)] })),
      calibration: averaged.map((k, index) => this.#calibration(k, index, weights)),
      tiers: tierFigures(this.#table, weights),
    };
  }

  #calibration(k: number, index: number, weights: RowWeights): CalibrationFigures {
    const { labels, probabilities } = this.#table;
    const probability = probabilities[k] as Float64Array;
    let [all, sum, events] = [0, 0, 0];
    for (let row = 0; row < labels.length; row++) {
      const weight = weights[row] as number;
      all += weight;
      sum += weight * (probability[row] as number);
      if (labels[row] === k) events += weight;
    }
    const line = (this.#lines[index] as CalibrationLineFitter).fit(weights);
    return {
      ...line,
      meanProbability: sum / all,
      rate: events / all,
      meanDifference: (sum - events) / all,
    };
  }
}
