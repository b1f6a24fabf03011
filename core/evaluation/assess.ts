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
  /** Of a tier of an ordered model that is meant for a class. */
  readonly precisionOfClass?: number;
  readonly recallOfClass?: number;
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

function tierFigures({
  classes,
  tiers,
  tierClasses,
  labels,
  tierOfRow,
}: OutcomeTable): readonly TierFigures[] {
  const event = classes.length - 1;
  const rows = labels.length;
  const countOf = (label: number, tier?: number) =>
    labels.reduce((sum, each, row) => {
      return sum + (each === label && (tier === undefined || tierOfRow[row] === tier) ? 1 : 0);
    }, 0);
  const allConversions = countOf(event);
  return tiers.map((tier, index) => {
    const leads = tierOfRow.reduce((sum, each) => sum + (each === index ? 1 : 0), 0);
    const conversions = countOf(event, index);
    const ofClass = tierClasses[index] ?? -1;
    return {
      tier,
      leads,
      share: leads / rows,
      conversions,
      conversionRate: conversions / leads,
      lift: conversions / leads / (allConversions / rows),
      shareOfConversions: conversions / allConversions,
      ...(classes.length > 2 &&
        ofClass >= 0 && {
          precisionOfClass: countOf(ofClass, index) / leads,
          recallOfClass: countOf(ofClass, index) / countOf(ofClass),
        }),
    };
  });
}
