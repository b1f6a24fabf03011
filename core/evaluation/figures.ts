import type { OutcomeTable, RowWeights } from "./outcome-table.ts";
import { type Areas, Ranking } from "./ranking.ts";

/** The figures that judge a model, as docs/metrics.md defines them. NaN where the rows cannot define one. */
export interface Figures {
  readonly accuracy: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly rocAuc: number;
  readonly prAuc: number;
  readonly logLoss: number;
  readonly brier: number;
  readonly expectedCalibrationError: number;
  readonly liftAt10Percent: number;
}

const logLossFloor = 1e-15;
const liftShare = 0.1;

/** Computes the figures of a table for one weighting of its rows after another; the sorting is done once. */
export class FigureComputer {
  readonly #table: OutcomeTable;
  readonly #logLosses: Float64Array;
  readonly #squaredErrors: Float64Array;
  /** One for each class that is averaged over: of a binary model the event only. */
  readonly #rankings: readonly Ranking[];

  constructor(table: OutcomeTable) {
    this.#table = table;
    const { labels, probabilities } = table;
    const isBinary = probabilities.length === 2;
    this.#logLosses = Float64Array.from(labels, (label, row) => {
      const given = probabilities[label]?.[row] as number;
      return -Math.log(Math.min(Math.max(given, logLossFloor), 1 - logLossFloor));
    });
    this.#squaredErrors = Float64Array.from(labels, (label, row) => {
      const error = (k: number) => ((probabilities[k]?.[row] as number) - (label === k ? 1 : 0)) ** 2;
      return isBinary ? error(1) : probabilities.reduce((sum, _, k) => sum + error(k), 0);
    });
    this.#rankings = averagedClasses(probabilities.length).map(
      (k) =>
        new Ranking(
          Uint8Array.from(labels, (label) => (label === k ? 1 : 0)),
          probabilities[k] as Float64Array,
        ),
    );
  }

  /** With the confusion and the areas of the same weights, where they are known already. */
  compute(
    weights: RowWeights,
    confusion = this.confusion(weights),
    areas = this.areasByClass(weights),
  ): Figures {
    const tallies = classTallies(confusion);
    const averaged = averagedClasses(this.#table.classes.length).map((k) => tallies[k] as ClassTally);
    return {
      accuracy: this.#mean(weights, (row) =>
        this.#table.predictions[row] === this.#table.labels[row] ? 1 : 0,
      ),
      precision: mean(averaged.map(({ precision }) => precision)),
      recall: mean(averaged.map(({ recall }) => recall)),
      f1: mean(averaged.map(({ f1 }) => f1)),
      rocAuc: mean(areas.map(({ rocAuc }) => rocAuc)),
      prAuc: mean(areas.map(({ prAuc }) => prAuc)),
      logLoss: this.#mean(weights, (row) => this.#logLosses[row] as number),
      brier: this.#mean(weights, (row) => this.#squaredErrors[row] as number),
      expectedCalibrationError: mean(this.#rankings.map((ranking) => ranking.calibrationError(weights))),
      liftAt10Percent: this.#rankings.at(-1)?.lift(liftShare, weights) ?? Number.NaN,
    };
  }

  /** A row a true class, a column a predicted one. */
  confusion(weights: RowWeights): number[][] {
    const { classes, labels, predictions } = this.#table;
    const counts = classes.map(() => classes.map(() => 0));
    for (let row = 0; row < labels.length; row++) {
      const ofLabel = counts[labels[row] as number] as number[];
      const predicted = predictions[row] as number;
      ofLabel[predicted] = (ofLabel[predicted] ?? 0) + (weights[row] as number);
    }
    return counts;
  }

  /** Areas of each class against the rest, in the order of `averagedClasses`. */
  areasByClass(weights: RowWeights): readonly Areas[] {
    return this.#rankings.map((ranking) => ranking.areas(weights));
  }

  #mean(weights: RowWeights, value: (row: number) => number): number {
    let sum = 0;
    let count = 0;
    for (let row = 0; row < weights.length; row++) {
      const weight = weights[row] as number;
      if (weight > 0) sum += weight * value(row);
      count += weight;
    }
    return sum / count;
  }
}

/** Of two classes the second, the event; of more each of them. */
export function averagedClasses(classes: number): readonly number[] {
  return classes === 2 ? [1] : Array.from({ length: classes }, (_, k) => k);
}

export interface ClassTally {
  readonly rows: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** 0 where nothing was predicted as a class, or nothing is of it. */
export function classTallies(confusion: readonly (readonly number[])[]): readonly ClassTally[] {
  return confusion.map((ofLabel, k) => {
    const hits = ofLabel[k] as number;
    const rows = ofLabel.reduce((sum, count) => sum + count, 0);
    const predicted = confusion.reduce((sum, each) => sum + (each[k] as number), 0);
    return {
      rows,
      precision: predicted ? hits / predicted : 0,
      recall: rows ? hits / rows : 0,
      f1: rows + predicted ? (2 * hits) / (rows + predicted) : 0,
    };
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
