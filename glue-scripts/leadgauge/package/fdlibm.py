"""exp and log of FreeBSD's msun (fdlibm), operation by operation on arrays of doubles.

A runtime's own exp and log may differ in the last bit; these, and their twin in core/model/fdlibm.ts, do not.

Copyright (C) 1993, 2004 by Sun Microsystems, Inc. All rights reserved.
Developed at SunSoft, a Sun Microsystems, Inc. business. Permission to use, copy, modify, and distribute this
software is freely granted, provided that this notice is preserved.
"""

import math

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]

_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_INVERSE_LN2 = 1.44269504088896338700e00
_P = (
    1.66666666666666019037e-01,
    -2.77777777770155933842e-03,
    6.61375632143793436117e-05,
    -1.65339022054652515390e-06,
    4.13813679705723846039e-08,
)
_L1, _L2, _L3, _L4, _L5, _L6, _L7 = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)


def _high_word(x: Doubles) -> npt.NDArray[np.int64]:
    return np.asarray(x.view(np.int64) >> 32, dtype=np.int64)


def exp(x: Doubles) -> Doubles:
    """e to the power of each element."""
    x = np.ascontiguousarray(x, dtype=np.float64)
    with np.errstate(all="ignore"):
        high = _high_word(x) & 0x7FFFFFFF
        negative = np.signbit(x)
        sign = np.where(negative, -1.0, 1.0)
        ordinary = np.where((high >= 0x40862E42) | np.isnan(x), 0.0, x)
        bounded = np.where(
            np.abs(x) < 746, x, ordinary
        )  # keeps the exponent below in range; beyond, constants answer
        near = high < 0x3FF0A2B2
        k = np.where(near, sign, np.trunc(_INVERSE_LN2 * bounded + 0.5 * sign))
        hi = bounded - k * _LN2_HIGH
        lo = k * _LN2_LOW
        reduced = high > 0x3FD62E42
        k = np.where(reduced, k, 0.0)
        hi, lo = np.where(reduced, hi, bounded), np.where(reduced, lo, 0.0)
        r = np.where(reduced, hi - lo, bounded)
        t = r * r
        c = r - t * (_P[0] + t * (_P[1] + t * (_P[2] + t * (_P[3] + t * _P[4]))))
        unreduced = 1.0 - ((r * c) / (c - 2.0) - r)
        y = 1.0 - ((lo - (r * c) / (2.0 - c)) - hi)
        power = np.where(k >= -1021, k, k + 1000).astype(np.int64)
        scaled = y * ((np.minimum(power, 1023) + 1023) << 52).view(np.float64)
        result = np.where(k == 1024, y * 2.0 * 2.0**1023, np.where(k >= -1021, scaled, scaled * 2.0**-1000))
        result = np.where(k == 0, unreduced, result)
        result = np.where(high < 0x3E300000, 1.0 + x, result)
        result = np.where(x == 1.0, math.e, result)
        result = np.where(x > 709.782712893383973096, np.inf, result)
        result = np.where(x < -745.133219101941108420, 0.0, result)
        return np.asarray(np.where(np.isnan(x), x, result), dtype=np.float64)


def log(x: Doubles) -> Doubles:
    """Natural logarithm of each element; NaN below 0, -infinity at 0."""
    x = np.ascontiguousarray(x, dtype=np.float64)
    with np.errstate(all="ignore"):
        tiny = _high_word(x) < 0x00100000
        scaled = np.where(tiny, x * 2.0**54, x)
        high = _high_word(scaled)
        k = np.where(tiny, -54, 0) + (high >> 20) - 1023
        high = high & 0x000FFFFF
        i = (high + 0x95F64) & 0x100000
        low = scaled.view(np.int64) & 0xFFFFFFFF
        mantissa = (((high | (i ^ 0x3FF00000)) << 32) | low).view(np.float64)
        dk = (k + (i >> 20)).astype(np.float64)
        f = mantissa - 1.0
        near = (0x000FFFFF & (2 + high)) < 3
        short = f * f * (0.5 - 0.33333333333333333 * f)
        s = f / (2.0 + f)
        z = s * s
        w = z * z
        t1 = w * (_L2 + w * (_L4 + w * _L6))
        t2 = z * (_L1 + w * (_L3 + w * (_L5 + w * _L7)))
        r = t2 + t1
        half = 0.5 * f * f
        upper = ((high - 0x6147A) | (0x6B851 - high)) > 0
        with_half = np.where(
            dk == 0,
            f - (half - s * (half + r)),
            dk * _LN2_HIGH - ((half - (s * (half + r) + dk * _LN2_LOW)) - f),
        )
        without = np.where(dk == 0, f - s * (f - r), dk * _LN2_HIGH - ((s * (f - r) - dk * _LN2_LOW) - f))
        close = np.where(dk == 0, f - short, dk * _LN2_HIGH - ((short - dk * _LN2_LOW) - f))
        exact = np.where(dk == 0, 0.0, dk * _LN2_HIGH + dk * _LN2_LOW)
        result = np.where(near, np.where(f == 0, exact, close), np.where(upper, with_half, without))
        result = np.where(np.isposinf(x) | np.isnan(x), x, result)
        result = np.where(x == 0, -np.inf, result)
        return np.asarray(np.where(x < 0, np.nan, result), dtype=np.float64)
