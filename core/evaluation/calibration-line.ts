export interface CalibrationLine {
  readonly slope: number;
  readonly intercept: number;
}

const floor = 1e-6;
const mostSteps = 100;
const undefinedLine: CalibrationLine = { slope: Number.NaN, intercept: Number.NaN };

/**
 * The logistic regression of the event on log(p / (1 - p)), by damped Newton steps: slope 1 and intercept 0 is perfect, a slope
 * below 1 means over-confident. NaN where one class is absent or all probabilities are equal.
 */
export function calibrationLine(isEvent: Uint8Array, probability: Float64Array): CalibrationLine {
  const rows = isEvent.length;
  const logits = probability.map((p) => {
    const held = Math.min(Math.max(p, floor), 1 - floor);
    return Math.log(held / (1 - held));
  });
  const events = isEvent.reduce((sum, each) => sum + each, 0);
  const centre = logits.reduce((sum, x) => sum + x, 0) / rows;
  const spread = Math.sqrt(logits.reduce((sum, x) => sum + (x - centre) ** 2, 0) / rows);
  if (events === 0 || events === rows || !(spread > 0)) return undefinedLine;
  const x = logits.map((value) => (value - centre) / spread);
  let slope = 0;
  let intercept = 0;
  let current = loss(x, isEvent, slope, intercept);
  for (let step = 0; step < mostSteps; step++) {
    const [stepSlope, stepIntercept] = newtonStep(x, isEvent, slope, intercept);
    let share = 1;
    let candidate = loss(x, isEvent, slope + stepSlope, intercept + stepIntercept);
    for (let halving = 0; candidate > current && halving < 30; halving++) {
      share /= 2;
      candidate = loss(x, isEvent, slope + share * stepSlope, intercept + share * stepIntercept);
    }
    slope += share * stepSlope;
    intercept += share * stepIntercept;
    const isDone = current - candidate < 1e-12 * Math.max(1, current);
    current = candidate;
    if (isDone) break;
  }
  return { slope: slope / spread, intercept: intercept - (slope / spread) * centre };
}

function loss(x: Float64Array, isEvent: Uint8Array, slope: number, intercept: number): number {
  let sum = 0;
  for (let row = 0; row < x.length; row++) {
    const z = slope * (x[row] as number) + intercept;
    // log(1 + exp(z)), without overflow.
    sum += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - (isEvent[row] ? z : 0);
  }
  return sum;
}

function newtonStep(
  x: Float64Array,
  isEvent: Uint8Array,
  slope: number,
  intercept: number,
): [number, number] {
  let [gradientSlope, gradientIntercept, xx, x1, one] = [0, 0, 0, 0, 0];
  for (let row = 0; row < x.length; row++) {
    const value = x[row] as number;
    const p = 1 / (1 + Math.exp(-(slope * value + intercept)));
    const residual = (isEvent[row] as number) - p;
    const weight = Math.max(p * (1 - p), 1e-12);
    gradientSlope += residual * value;
    gradientIntercept += residual;
    xx += weight * value * value;
    x1 += weight * value;
    one += weight;
  }
  const determinant = xx * one - x1 * x1;
  return [
    (one * gradientSlope - x1 * gradientIntercept) / determinant,
    (xx * gradientIntercept - x1 * gradientSlope) / determinant,
  ];
}
