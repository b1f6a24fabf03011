/** Margins to probabilities, as docs/model-package.md writes it out; the same operations in the same order as in Python. */
import type { Calibration } from "../package/serving.ts";
import { exp, log } from "../trees/links/fdlibm.ts";

/** Reads margins, writes probabilities: one for a binary model (of the second class), else one a class. */
export type Calibrate = (margins: Float64Array, probabilities: Float64Array) => void;

export function calibrator(calibration: Calibration): Calibrate {
  switch (calibration.method) {
    case "platt": {
      const { input, slope, intercept } = calibration;
      return (margins, probabilities) => {
        const margin = margins[0] as number;
        probabilities[0] = sigmoid(slope * (input === "margin" ? margin : logOdds(margin)) + intercept);
      };
    }
    case "isotonic": {
      const { margins: knots, probabilities: heights } = calibration;
      return (margins, probabilities) => {
        probabilities[0] = interpolate(knots, heights, margins[0] as number);
      };
    }
    case "temperature": {
      const logOf = logarithm(calibration);
      return (margins, probabilities) => softmax(margins, logOf, calibration.temperature, probabilities);
    }
  }
}

const smallest = 1e-6;

function logOdds(probability: number): number {
  const held = Math.min(Math.max(probability, smallest), 1 - smallest);
  return log(held / (1 - held));
}

function sigmoid(z: number): number {
  if (z >= 0) return 1 / (1 + exp(-z));
  const power = exp(z);
  return power / (1 + power);
}

/** What the softmax is taken of. */
function logarithm(calibration: Extract<Calibration, { method: "temperature" }>): (margin: number) => number {
  switch (calibration.input) {
    case "margin":
      return (margin) => margin;
    case "probability":
      return (margin) => log(Math.max(margin, smallest));
    case "one-vs-rest":
      return (margin) => logSigmoid(calibration.slope * margin);
  }
}

function logSigmoid(z: number): number {
  return z >= 0 ? -log(1 + exp(-z)) : z - log(1 + exp(z));
}

function interpolate(knots: Float64Array, heights: Float64Array, margin: number): number {
  const last = knots.length - 1;
  if (margin <= (knots[0] as number)) return heights[0] as number;
  if (margin >= (knots[last] as number)) return heights[last] as number;
  let below = 0;
  let above = last;
  while (above - below > 1) {
    const middle = (below + above) >> 1;
    if ((knots[middle] as number) <= margin) below = middle;
    else above = middle;
  }
  const [m0, m1] = [knots[below] as number, knots[above] as number];
  const [p0, p1] = [heights[below] as number, heights[above] as number];
  return p0 + (margin - m0) * ((p1 - p0) / (m1 - m0));
}

function softmax(
  margins: Float64Array,
  logOf: (margin: number) => number,
  temperature: number,
  probabilities: Float64Array,
): void {
  const classes = probabilities.length;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < classes; k++) {
    const scaled = logOf(margins[k] as number) / temperature;
    probabilities[k] = scaled;
    if (scaled > greatest) greatest = scaled;
  }
  let sum = 0;
  for (let k = 0; k < classes; k++) {
    const term = exp((probabilities[k] as number) - greatest);
    probabilities[k] = term;
    sum += term;
  }
  for (let k = 0; k < classes; k++) probabilities[k] = (probabilities[k] as number) / sum;
}
