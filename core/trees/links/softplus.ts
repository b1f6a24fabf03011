/**
 * XGBoost's `SoftPlus` and its inverse (src/common/math.h, 3.3 and later), with `log1pf` and `expm1f` of the GNU C library
 * (up to 2.40; the algorithms are fdlibm's, s_log1pf.c and s_expm1f.c), operation by operation in float32. Of the two, only the
 * range is here that these two functions use.
 *
 * Compared with glibc 2.36 on x86-64: equal to the bit for every third argument of that range.
 */
import { expf } from "./expf.ts";
import { logf } from "./logf.ts";

const { fround } = Math;
const word = new Float32Array(1);
const bits = new Int32Array(word.buffer);

const ln2High = fround(6.9313812256e-1);
const ln2Low = fround(9.0580006145e-6);
const inverseLn2 = fround(1.4426950216);

/** The least step between two expectiles, and the least argument of the inverse. */
export const leastStep = fround(1e-6);

/** ln(1 + e^x) of a float32 number, as float32; never negative. */
export function softplus(x: number): number {
  return x > 0 ? fround(x + log1pf(expf(-x))) : log1pf(expf(x));
}

/** The x whose {@link softplus} is `y`; a `y` below 1e-6 counts as 1e-6. */
export function inverseSoftplus(y: number): number {
  const x = y < leastStep ? leastStep : y;
  return fround(x + logf(-expm1f(-x)));
}

function horner(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, coefficient) => fround(fround(coefficient) + fround(x * sum)), 0);
}

const logarithmSeries = [
  6.6666668653e-1, 4.0000000596e-1, 2.8571429849e-1, 2.2222198546e-1, 1.818357259e-1, 1.5313838422e-1,
  1.479819864e-1,
];

/** `log1pf` from 0 to 1; NaN stays NaN. */
export function log1pf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < 2 ** -54) return x;
  if (x < 2 ** -29) return fround(x - fround(fround(x * x) * 0.5));
  // Below the square root of 2, less 1, the series serves at once.
  if (x < 0.4142138659954071) return series(x, 0, 0);
  const u = fround(1 + x);
  const isTwo = u === 2;
  const lost = isTwo ? fround(1 - fround(u - x)) : fround(x - fround(u - 1));
  const correction = fround(lost / u);
  const isUpper = u >= 1.414214015007019;
  const f = isTwo ? 0 : fround((isUpper ? u / 2 : u) - 1);
  return series(f, isTwo || isUpper ? 1 : 0, correction);
}

/** ln((1 + f) 2^power), with what was lost in making `f`. */
function series(f: number, power: number, correction: number): number {
  const low = fround(fround(power * ln2Low) + correction);
  const high = fround(power * ln2High);
  if (f === 0) return fround(high + low);
  const half = fround(fround(0.5 * f) * f);
  const s = fround(f / fround(2 + f));
  const z = fround(s * s);
  const rest = fround(s * fround(half + fround(z * horner(logarithmSeries, z))));
  if (power === 0) return fround(f - fround(half - rest));
  return fround(high - fround(fround(half - fround(rest + low)) - f));
}

const exponentialSeries = [
  1, -3.3333335072e-2, 1.5873016091e-3, -7.936507609e-5, 4.0082177293e-6, -2.0109921195e-7,
];

/** `expm1f` of numbers up to -2^-25. */
export function expm1f(x: number): number {
  if (x <= -18.71497344970703) return -1;
  let power = 0;
  let reduced = x;
  let correction = 0;
  if (x < -0.3465735912322998) {
    power = x > -1.0397207736968994 ? -1 : Math.trunc(fround(fround(inverseLn2 * x) - 0.5));
    const high = fround(x - fround(power * ln2High));
    const low = fround(power * ln2Low);
    reduced = fround(high - low);
    correction = fround(fround(high - reduced) - low);
  }
  const half = fround(0.5 * reduced);
  const square = fround(reduced * half);
  const r = horner(exponentialSeries, square);
  const t = fround(3 - fround(r * half));
  const e = fround(square * fround(fround(r - t) / fround(6 - fround(reduced * t))));
  if (power === 0) return fround(reduced - fround(fround(reduced * e) - square));
  const left = fround(fround(fround(reduced * fround(e - correction)) - correction) - square);
  if (power === -1) return fround(fround(0.5 * fround(reduced - left)) - 0.5);
  word[0] = fround(1 - fround(left - reduced));
  bits[0] = (bits[0] as number) + (power << 23);
  return fround((word[0] as number) - 1);
}
