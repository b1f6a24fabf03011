import { bootstrapIntervals, type Interval, resampleCount } from "./bootstrap.ts";
import { type CalibrationLine, calibrationLine } from "./calibration-line.ts";
import { averagedClasses, classTallies, FigureComputer, type Figures } from "./figures.ts";
import type { OutcomeTable } from "./outcome-table.ts";

/** What an evaluation tells. Figures that the rows cannot define are NaN, which JSON writes as null. */
export interface Assessment {
  readonly metrics: Figures;
  /** 95 %, by the bootstrap. */
  readonly intervals: Readonly<Record<keyof Figures, Interval>>;
  readonly bootstrap: { readonly resamples: number; readonly seed: number };
  readonly confusionMatrix: {
    readonly classes: readonly string[];
    readonly rowsAreTrue: readonly (readonly number[])[];
  };
  readonly byClass: Readonly<
    Record<
      string,
      { rows: number; precision: number; recall: number; f1: number; rocAuc?: number; prAuc?: number }
    >
  >;
  readonly calibration: Readonly<
    Record<string, CalibrationLine & { readonly meanProbability: number; readonly rate: number }>
  >;
  /** The event is the last class. */
  readonly tiers: readonly TierFigures[];
}

export interface TierFigures {
  readonly tier: string;
  readonly leads: number;
  readonly share: number;
  readonly conversions: number;
  readonly conversionRate: number;
  readonly lift: number;
  readonly shareOfConversions: number;
}

/** Judges a model by a table of at least one row. */
export function assess(table: OutcomeTable, seed: number): Assessment {
  const { classes, labels, probabilities } = table;
  const rows = labels.length;
  const once = new Int32Array(rows).fill(1);
  const computer = new FigureComputer(table);
  const confusion = computer.confusion(once);
  const areas = computer.areasByClass(once);
  const averaged = averagedClasses(classes.length);
  const eventsOf = (k: number) => Uint8Array.from(labels, (label) => (label === k ? 1 : 0));
  return {
    metrics: computer.compute(once),
    intervals: bootstrapIntervals<keyof Figures>(rows, (weights) => ({ ...computer.compute(weights) }), seed),
    bootstrap: { resamples: resampleCount(rows), seed },
    confusionMatrix: { classes, rowsAreTrue: confusion },
    byClass: Object.fromEntries(
      classTallies(confusion).map((tally, k) => [
        classes[k] as string,
        { ...tally, ...(averaged.includes(k) && areas[averaged.indexOf(k)]) },
      ]),
    ),
    calibration: Object.fromEntries(
      averaged.map((k) => {
        const isEvent = eventsOf(k);
        const probability = probabilities[k] as Float64Array;
        const share = (values: Uint8Array | Float64Array) =>
          (values as Float64Array).reduce((sum, value) => sum + value, 0) / rows;
        return [
          classes[k] as string,
          {
            ...calibrationLine(isEvent, probability),
            meanProbability: share(probability),
            rate: share(isEvent),
          },
        ];
      }),
    ),
    tiers: tierFigures(table),
  };
}

function tierFigures({ classes, tiers, labels, tierOfRow }: OutcomeTable): readonly TierFigures[] {
  const event = classes.length - 1;
  const rows = labels.length;
  const allConversions = labels.reduce((sum, label) => sum + (label === event ? 1 : 0), 0);
  return tiers.map((tier, index) => {
    let leads = 0;
    let conversions = 0;
    for (let row = 0; row < rows; row++) {
      if (tierOfRow[row] !== index) continue;
      leads++;
      if (labels[row] === event) conversions++;
    }
    return {
      tier,
      leads,
      share: leads / rows,
      conversions,
      conversionRate: conversions / leads,
      lift: conversions / leads / (allConversions / rows),
      shareOfConversions: conversions / allConversions,
    };
  });
}
