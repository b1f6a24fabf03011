"""Prediction forward in time: models fitted on the leads before a period and asked about the leads of that period.

What comes later is what a model is for, and shuffled folds can't show it: every fold knows the leads on both sides of the ones it
predicts. The periods are PERIODS equal parts of the later leads (rolling origin); the first model learns from FIRST_SHARE of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from leadgauge.spec import Spec
from leadgauge.training.calibrate import probabilities_of
from leadgauge.training.rows import Rows
from leadgauge.training.search import Evaluated, Setting, fit, worker_pool

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PERIODS = 5
FIRST_SHARE = 0.5
"""Of the leads, oldest first: what the first of the models learns from."""
BEYOND_CHANCE = float(student.ppf(0.975, PERIODS - 1))
"""Standard errors of a mean over the periods that chance seldom reaches (Student's t, 95 %)."""


@dataclass(frozen=True)
class Period:
    """The leads of a period and those before it, as positions of rows."""

    past: Ints
    coming: Ints
    start: float
    """Creation of the first and the last lead, in milliseconds since 1970."""
    end: float


def forward_periods(spec: Spec, rows: Rows) -> tuple[Period, ...]:
    """The periods, oldest first; none where the hold-out is not by time, or so few rows have a time that a period would lack it."""
    times = hold_out_times(spec, rows)
    if times is None:
        return ()
    # A row without a time trains every model: it comes first.
    order = np.argsort(np.where(np.isnan(times), -np.inf, times), kind="stable")
    edges = np.linspace(len(rows) * FIRST_SHARE, len(rows), PERIODS + 1).astype(np.int64)
    if np.isnan(times[order[edges[0] :]]).any():
        return ()
    return tuple(
        Period(order[:start], order[start:end], float(times[order[start]]), float(times[order[end - 1]]))
        for start, end in pairwise(edges)
    )


def hold_out_times(spec: Spec, rows: Rows) -> Floats | None:
    """Milliseconds since 1970 of each row, NaN where it has none; None where the hold-out is not by time."""
    hold_out = spec.training.hold_out
    if hold_out.by != "time" or hold_out.field is None:
        return None
    return rows.values[hold_out.field].to_numpy(dtype=np.float64)


def predict_forward(
    setting: Setting, evaluated: Evaluated, rows: Rows, periods: Sequence[Period]
) -> list[Floats]:
    """Calibrated probabilities (leads of the period, classes) of each period's leads, by a model of the leads before it."""

    def predict(period: Period) -> Floats:
        fitted = fit(setting, evaluated.candidate, rows.take(np.sort(period.past)))
        probabilities = probabilities_of(
            evaluated.calibration, fitted.margins(rows.values.iloc[period.coming])
        )
        setting.progress.advance()
        return probabilities

    with worker_pool(setting.threads) as pool:
        return list(pool.map(predict, periods))
