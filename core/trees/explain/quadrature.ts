/** Points and weights of Gauss-Legendre quadrature on [0, 1]; exact for polynomials of degree 2 x points - 1. */
export interface Quadrature {
  readonly points: Float64Array;
  readonly weights: Float64Array;
}

export function gaussLegendre(count: number): Quadrature {
  const points = new Float64Array(count);
  const weights = new Float64Array(count);
  for (let i = 0; i < Math.ceil(count / 2); i++) {
    // Newton's method on the Legendre polynomial from Tricomi's estimate of its root.
    let x = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let derivative = 1;
    for (let step = 0; step < 100; step++) {
      let previous = 1;
      let value = x;
      for (let degree = 2; degree <= count; degree++) {
        [previous, value] = [value, ((2 * degree - 1) * x * value - (degree - 1) * previous) / degree];
      }
      derivative = count === 1 ? 1 : (count * (previous - x * value)) / (1 - x * x);
      const correction = value / derivative;
      x -= correction;
      if (Math.abs(correction) < 1e-16) break;
    }
    const weight = 1 / ((1 - x * x) * derivative * derivative);
    points[i] = (1 - x) / 2;
    points[count - 1 - i] = (1 + x) / 2;
    weights[i] = weight;
    weights[count - 1 - i] = weight;
  }
  return { points, weights };
}
