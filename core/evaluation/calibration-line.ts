import type { RowWeights } from "./outcome-table.ts";

export interface CalibrationLine {
  readonly slope: number;
  readonly intercept: number;
}

const floor = 1e-6;
const mostSteps = 100;
const undefinedLine: CalibrationLine = { slope: Number.NaN, intercept: Number.NaN };
const perfectLine: CalibrationLine = { slope: 1, intercept: 0 };

/**
 * The logistic regression of the event on log(p / (1 - p)), by damped Newton steps: slope 1 and intercept 0 is perfect, a slope
 * below 1 means over-confident. Fits one weighting of the rows after another.
 */
export class CalibrationLineFitter {
  readonly #isEvent: Uint8Array;
  readonly #logits: Float64Array;

  constructor(isEvent: Uint8Array, probability: Float64Array) {
    this.#isEvent = isEvent;
    this.#logits = probability.map((p) => {
      const held = Math.min(Math.max(p, floor), 1 - floor);
      return Math.log(held / (1 - held));
    });
  }

  /** NaN where one class is absent or all probabilities are equal. */
  fit(weights: RowWeights): CalibrationLine {
    const sample = new StandardisedSample(this.#isEvent, this.#logits, weights);
    if (!sample.isDetermined) return undefinedLine;
    let [slope, intercept] = sample.inward(perfectLine);
    let current = sample.loss(slope, intercept);
    for (let step = 0; step < mostSteps; step++) {
      const [stepSlope, stepIntercept] = sample.newtonStep(slope, intercept);
      let share = 1;
      let candidate = sample.loss(slope + stepSlope, intercept + stepIntercept);
      for (let halving = 0; candidate > current && halving < 30; halving++) {
        share /= 2;
        candidate = sample.loss(slope + share * stepSlope, intercept + share * stepIntercept);
      }
      slope += share * stepSlope;
      intercept += share * stepIntercept;
      const isDone = current - candidate < 1e-12 * Math.max(1, current);
      current = candidate;
      if (isDone) break;
    }
    return sample.outward(slope, intercept);
  }
}

/** The rows that count, with logits of mean 0 and deviation 1: Newton's steps are safe on that scale. */
class StandardisedSample {
  readonly isDetermined: boolean;
  readonly #x: Float64Array;
  readonly #isEvent: Uint8Array;
  readonly #weights: RowWeights;
  readonly #centre: number;
  readonly #spread: number;

  constructor(isEvent: Uint8Array, logits: Float64Array, weights: RowWeights) {
    let [count, events, sum, squares] = [0, 0, 0, 0];
    for (let row = 0; row < logits.length; row++) {
      const weight = weights[row] as number;
      count += weight;
      if (isEvent[row]) events += weight;
      sum += weight * (logits[row] as number);
    }
    const centre = sum / count;
    for (let row = 0; row < logits.length; row++) {
      squares += (weights[row] as number) * ((logits[row] as number) - centre) ** 2;
    }
    this.#isEvent = isEvent;
    this.#weights = weights;
    this.#centre = centre;
    this.#spread = Math.sqrt(squares / count);
    // Equal logits can differ from their mean by a rounding error.
    this.isDetermined = events > 0 && events < count && this.#spread > 1e-12 * Math.max(1, Math.abs(centre));
    this.#x = logits.map((value) => (value - centre) / this.#spread);
  }

  inward({ slope, intercept }: CalibrationLine): [slope: number, intercept: number] {
    return [slope * this.#spread, intercept + slope * this.#centre];
  }

  outward(slope: number, intercept: number): CalibrationLine {
    return { slope: slope / this.#spread, intercept: intercept - (slope / this.#spread) * this.#centre };
  }

  loss(slope: number, intercept: number): number {
    let sum = 0;
    for (let row = 0; row < this.#x.length; row++) {
      const weight = this.#weights[row] as number;
      if (weight === 0) continue;
      const z = slope * (this.#x[row] as number) + intercept;
      // log(1 + exp(z)), without overflow.
      sum += weight * (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - (this.#isEvent[row] ? z : 0));
    }
    return sum;
  }

  newtonStep(slope: number, intercept: number): [slope: number, intercept: number] {
    let [gradientSlope, gradientIntercept, xx, x1, one] = [0, 0, 0, 0, 0];
    for (let row = 0; row < this.#x.length; row++) {
      const weight = this.#weights[row] as number;
      if (weight === 0) continue;
      const value = this.#x[row] as number;
      const p = 1 / (1 + Math.exp(-(slope * value + intercept)));
      const residual = weight * ((this.#isEvent[row] as number) - p);
      const curvature = weight * Math.max(p * (1 - p), 1e-12);
      gradientSlope += residual * value;
      gradientIntercept += residual;
      xx += curvature * value * value;
      x1 += curvature * value;
      one += curvature;
    }
    const determinant = xx * one - x1 * x1;
    return [
      (one * gradientSlope - x1 * gradientIntercept) / determinant,
      (xx * gradientIntercept - x1 * gradientSlope) / determinant,
    ];
  }
}
