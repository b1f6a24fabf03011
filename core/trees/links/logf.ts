/**
 * `logf` of the GNU C library (2.27 and later; the algorithm is that of ARM's optimized routines, logf.c), by which XGBoost
 * makes margins of base scores. Operation by operation in double, rounded to float32 once at the end.
 *
 * Compared with glibc 2.36 on x86-64: equal to the bit for all 2,139,095,039 positive arguments. The correctly rounded value
 * would differ for some 7 in ten thousand of them, by one ulp.
 */

const word = new Float32Array(1);
const bits = new Int32Array(word.buffer);

/** 1 / c and log(c) for a c within each sixteenth of [0.7, 1.4). */
const reciprocals = Float64Array.of(
  1.398907162146528,
  1.3403141896637998,
  1.286432210124115,
  1.2367150214269895,
  1.1906977166711752,
  1.1479821020556429,
  1.1082251448272158,
  1.0711297413057381,
  1.036437278977283,
  1,
  0.9492859795739057,
  0.8951049428609004,
  0.8476821620351103,
  0.8050314851692001,
  0.7664671008843108,
  0.731428603316328,
);
const logarithms = Float64Array.of(
  -0.33569133332882284,
  -0.2929040563774074,
  -0.2518726580937369,
  -0.21245868807117255,
  -0.17453945183745634,
  -0.1380057072319758,
  -0.10275976698545139,
  -0.06871392447020525,
  -0.0357891387398228,
  0,
  0.05204517742929496,
  0.11081431298787942,
  0.1652495223695143,
  0.21687389031699977,
  0.2659635028121397,
  0.3127556664073557,
);

/** The natural logarithm of a float32 number, as float32. */
export function logf(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (!(x > 0)) return Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  const isSubnormal = x < 2 ** -126;
  word[0] = isSubnormal ? x * 2 ** 23 : x;
  const all = bits[0] as number;
  const offset = (all - 0x3f330000) | 0;
  const i = (offset >> 19) & 15;
  bits[0] = all - (offset & ~0x7fffff);
  const exponent = (offset >> 23) - (isSubnormal ? 23 : 0);
  const r = (word[0] as number) * (reciprocals[i] as number) - 1;
  const start = (logarithms[i] as number) + exponent * Math.LN2;
  const r2 = r * r;
  const tail = -0.25089342214237154 * r2 + (0.33345676574406602 * r + -0.49999974858021029);
  return Math.fround(tail * r2 + (start + r));
}
