"""What time does to a model's probabilities, and the correction for it where the data show that it is steady.

Models of the leads before a period are asked about those of the period (`forward`). Real drift mostly wanders, and correcting for
its last step makes the next one worse; so a correction is made only where it has the same direction in all periods beyond chance
(Student's t, 95 %). A steady drift grows with the time between the leads learned from and those predicted; it is extrapolated in
proportion to the part following all rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadgauge.training.calibrate import Calibration, probabilities_of
from leadgauge.training.forward import BEYOND_CHANCE, PERIODS, forward_periods, predict_forward
from leadgauge.training.metrics import calibration_line, fit_shift
from leadgauge.training.rows import Rows
from leadgauge.training.search import Evaluated, Setting

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MINIMUM_OF_A_CLASS = 50
"""Fewer rows of a class in a slice tell nothing of its calibration."""


@dataclass(frozen=True)
class Slice:
    """Leads that came after those a model was fitted on, and how its calibrated probabilities compare."""

    start: float
    """Creation of the first and the last lead, in milliseconds since 1970."""
    end: float
    rows: int
    span: float
    """From the first lead learned from to the last one predicted, as a share of all rows."""
    mean_probability: float
    rate: float
    slope: float
    intercept: float
    """The calibration line of the slice (`metrics.calibration_line`)."""
    shift: float
    """What must be added to the log-odds to make the mean right (`metrics.fit_shift`)."""


@dataclass(frozen=True)
class Drift:
    """Slices, oldest first, and the steady part of what they show: true log-odds = slope * told + intercept."""

    slices: tuple[Slice, ...]
    slope: float = 1.0
    intercept: float = 0.0

    @property
    def mean_error(self) -> float:
        """Root mean square of mean probability less rate, over the slices: how far off the next leads' mean may be expected."""
        return float(np.sqrt(np.mean([(each.mean_probability - each.rate) ** 2 for each in self.slices])))

    def document(self) -> dict[str, Any]:
        """As the card tells it."""
        return {
            "slices": [
                {
                    "from": _iso(each.start),
                    "to": _iso(each.end),
                    "rows": each.rows,
                    "meanProbability": each.mean_probability,
                    "rate": each.rate,
                    "slope": each.slope,
                }
                for each in self.slices
            ],
            "meanError": self.mean_error,
            "correction": {"slope": self.slope, "intercept": self.intercept},
        }


def follow_drift(setting: Setting, evaluated: Evaluated, rows: Rows) -> tuple[Evaluated, Drift | None]:
    """The model with a calibration that follows the drift of its rows, and the drift; None where it is not measured.

    Measured of binary models whose hold-out is by time, if every slice has MINIMUM_OF_A_CLASS rows of both classes. The losses and
    figures stay those of the out-of-fold calibration: rows of the past need no correction for what comes after them.
    """
    drift = _measure(setting, evaluated, rows)
    if drift is None or (drift.slope, drift.intercept) == (1.0, 0.0):
        return evaluated, drift
    calibration = corrected(evaluated.calibration, drift.slope, drift.intercept)
    probabilities = probabilities_of(calibration, evaluated.margins)
    return replace(evaluated, calibration=calibration, probabilities=probabilities), drift


def corrected(calibration: Calibration, slope: float, intercept: float) -> Calibration:
    """A binary calibration whose log-odds are slope * (those of the given one) + intercept; the slope is above 0."""
    if calibration["method"] == "isotonic":
        told = np.asarray(calibration["probabilities"], dtype=np.float64)
        moved = 1 / (1 + np.exp(-(slope * np.log(told / (1 - told)) + intercept)))
        return {**calibration, "probabilities": [float(p) for p in moved]}
    return {
        **calibration,
        "slope": slope * calibration["slope"],
        "intercept": slope * calibration["intercept"] + intercept,
    }


def steady_drift(slices: tuple[Slice, ...]) -> Drift:
    """The correction that the slices support for leads that follow all rows: of the slope and the line, of the mean alone, or none."""
    spans = np.array([each.span for each in slices])
    ahead = 1 + (spans[-1] - spans[-2])
    log_slope = _steady(np.log(np.maximum([each.slope for each in slices], 0.05)), spans)
    if log_slope:
        intercepts = np.array([each.intercept for each in slices])
        return Drift(slices, float(np.exp(log_slope * ahead)), float((intercepts / spans).mean() * ahead))
    shift = _steady(np.array([each.shift for each in slices]), spans)
    return Drift(slices, 1.0, float(shift * ahead))


def _steady(values: Floats, spans: Floats) -> float:
    """The mean of the values a unit of span, or 0 where it may be chance."""
    pace = values / spans
    error = float(pace.std(ddof=1)) / np.sqrt(len(pace))
    mean = float(pace.mean())
    return mean if abs(mean) > BEYOND_CHANCE * error else 0.0


def _measure(setting: Setting, evaluated: Evaluated, rows: Rows) -> Drift | None:
    periods = forward_periods(setting.spec, rows)
    parts = [part for period in periods for part in (period.past, period.coming)]
    if not periods or setting.classes > 2 or _fewest_of_a_class(rows, parts) < MINIMUM_OF_A_CLASS:
        return None
    setting.progress.start("predict forward in time", PERIODS)
    slices = []
    for period, probabilities in zip(
        periods, predict_forward(setting, evaluated, rows, periods), strict=True
    ):
        told, event = probabilities[:, 1], rows.labels[period.coming] == 1
        slope, intercept = calibration_line(event, told)
        slices.append(
            Slice(
                start=period.start,
                end=period.end,
                rows=len(period.coming),
                span=(len(period.past) + len(period.coming)) / len(rows),
                mean_probability=float(told.mean()),
                rate=float(event.mean()),
                slope=slope,
                intercept=intercept,
                shift=fit_shift(event, told),
            )
        )
    drift = steady_drift(tuple(slices))
    setting.progress.finish(
        "mean probability less rate "
        + ", ".join(f"{each.mean_probability - each.rate:+.3f}" for each in drift.slices)
    )
    return drift


def _fewest_of_a_class(rows: Rows, parts: Sequence[Ints]) -> int:
    return min(int(np.bincount(rows.labels[part], minlength=2).min()) for part in parts)


def _iso(milliseconds: float) -> str:
    return dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC).isoformat(timespec="seconds")
