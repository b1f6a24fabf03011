"""Margins to probabilities and cut points, as serving does it (docs/model-package.md, "calibration")."""

from typing import Any

import numpy as np
import numpy.typing as npt

from leadgauge.package.fdlibm import exp, log

Doubles = npt.NDArray[np.float64]

NEVER = float(np.finfo(np.float64).max)  # the cut point that no margin reaches
ALWAYS = -NEVER
_LEAST_SHARE = 1e-6


def _log_odds(shares: Doubles) -> Doubles:
    held = np.minimum(np.maximum(shares, _LEAST_SHARE), 1 - _LEAST_SHARE)
    return log(held / (1 - held))


def apply_platt(margins: Doubles, *, slope: float, intercept: float, input_kind: str) -> Doubles:
    """Probabilities, shape (rows,), of margins (rows,); shares ("probability") are turned into log-odds
    first.
    """
    with np.errstate(all="ignore"):  # a bisection tries margins up to the largest double
        z = slope * (_log_odds(margins) if input_kind == "probability" else margins) + intercept
        positive = 1 / (1 + exp(-z))
        power = exp(z)
        return np.asarray(np.where(z >= 0, positive, power / (1 + power)), dtype=np.float64)


def apply_isotonic(margins: Doubles, *, knots: Doubles, probabilities: Doubles) -> Doubles:
    """Linear between knots, flat outside."""
    if len(knots) == 1:
        return np.full(len(margins), probabilities[0])
    right = np.clip(np.searchsorted(knots, margins, side="right"), 1, len(knots) - 1)
    left = right - 1
    rise = (probabilities[right] - probabilities[left]) / (knots[right] - knots[left])
    with np.errstate(over="ignore", invalid="ignore"):
        between = probabilities[left] + (margins - knots[left]) * rise
    between = np.where(margins >= knots[-1], probabilities[-1], between)
    return np.asarray(np.where(margins <= knots[0], probabilities[0], between), dtype=np.float64)


def log_sigmoid(z: Doubles) -> Doubles:
    """The logarithm of 1 / (1 + exp(-z))."""
    with np.errstate(over="ignore"):
        return np.asarray(np.where(z >= 0, -log(1 + exp(-z)), z - log(1 + exp(z))), dtype=np.float64)


def apply_temperature(
    margins: Doubles, *, temperature: float, input_kind: str, slope: float = 1.0
) -> Doubles:
    """Softmax, shape (rows, classes), of margins divided by the temperature. `one-vs-rest`: of the logarithms of each
    class's own sigmoid of slope x margin.
    """
    if input_kind == "probability":
        margins = log(np.maximum(margins, _LEAST_SHARE))
    elif input_kind == "one-vs-rest":
        margins = log_sigmoid(slope * margins)
    scaled = margins / temperature
    powers = exp(scaled - scaled.max(axis=1, keepdims=True))
    total = np.zeros(len(powers))
    for output in range(powers.shape[1]):
        total = total + powers[:, output]
    return np.asarray(powers / total[:, None], dtype=np.float64)


def apply_calibration(calibration: dict[str, Any], margins: Doubles) -> Doubles:
    """Probabilities of margins (rows, outputs): (rows, 1) of the event for a binary model, else (rows,
    classes).
    """
    method = calibration["method"]
    if method == "temperature":
        return apply_temperature(
            margins,
            temperature=calibration["temperature"],
            input_kind=calibration["input"],
            slope=calibration.get("slope", 1.0),
        )
    if method == "platt":
        probabilities = apply_platt(
            margins[:, 0],
            slope=calibration["slope"],
            intercept=calibration["intercept"],
            input_kind=calibration["input"],
        )
    else:
        probabilities = apply_isotonic(
            margins[:, 0],
            knots=np.asarray(calibration["margins"], dtype=np.float64),
            probabilities=np.asarray(calibration["probabilities"], dtype=np.float64),
        )
    return probabilities[:, None]


_LEAST = np.iinfo(np.int64).min


def _order(bits: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Bits of doubles to integers in the doubles' order, neighbours to neighbours; also the way back."""
    return np.where(bits < 0, _LEAST - bits, bits)


def cut_points(calibration: dict[str, Any], probabilities: Doubles) -> Doubles:
    """For each limit the smallest margin of a binary model that reaches it; NEVER or ALWAYS where none or all do.

    Found by bisection over all doubles, so that the cut is exact. Raises ValueError for a Platt slope of 0 or below,
    which would turn the order of leads around.
    """
    if calibration["method"] == "platt" and calibration["slope"] <= 0:
        raise ValueError(
            f"the calibration's slope is {calibration['slope']}: the model ranks leads the wrong way round"
        )

    def reaches(margins: Doubles) -> npt.NDArray[np.bool_]:
        return np.asarray(apply_calibration(calibration, margins[:, None])[:, 0] >= probabilities, dtype=bool)

    ends = _order(np.array([ALWAYS, NEVER]).view(np.int64))
    low, high = (np.full(len(probabilities), end) for end in ends)
    while (low < high - 1).any():
        middle = (low & high) + ((low ^ high) >> 1)  # the mean, without an overflow
        reached = reaches(_order(middle).view(np.float64))
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    cuts = _order(high).view(np.float64) + 0.0
    cuts = np.where(reaches(np.full(len(cuts), ALWAYS)), ALWAYS, cuts)
    return np.asarray(np.where(reaches(np.full(len(cuts), NEVER)), cuts, NEVER), dtype=np.float64)


def cut_point(calibration: dict[str, Any], probability: float) -> float:
    """`cut_points` for one limit."""
    return float(cut_points(calibration, np.array([probability]))[0])


def probability_cuts(calibration: dict[str, Any]) -> list[float]:
    """100 cuts whose count at or below a margin is 100 x probability, rounded half up."""
    cuts = cut_points(calibration, (np.arange(100) + 0.5) / 100)
    return [float(cut) for cut in np.maximum.accumulate(cuts)]


def percentile_cuts(reference: Doubles) -> list[float]:
    """100 cuts whose count at or below a value is the share in percent of reference values that are no
    higher.
    """
    if not len(reference):
        raise ValueError("no reference values to take percentiles of")
    ordered = np.sort(reference)
    count = len(ordered)
    return [float(ordered[-(-(share * count) // 100) - 1]) + 0.0 for share in range(1, 101)]
