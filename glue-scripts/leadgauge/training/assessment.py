"""Models on rows they never saw: those of every family, and what the later fields add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadgauge.spec import MOMENTS, Derived, Field, Moment
from leadgauge.training.calibrate import probabilities_of, uncalibrated
from leadgauge.training.metrics import (
    figures,
)
from leadgauge.training.rows import Rows
from leadgauge.training.search import Evaluated, Fitted, Setting, evaluate_out_of_fold, fit, worker_pool

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class HoldOutResult:
    """A model fitted on the training part and measured on the hold-out."""

    fitted: Fitted
    raw: Floats
    """Probabilities before calibration (rows, classes)."""
    probabilities: Floats
    figures: dict[str, float]


def assess(setting: Setting, evaluated: Evaluated, train: Rows, held: Rows) -> HoldOutResult:
    """Fits on the training part, calibrates as its out-of-fold margins say, and measures on the hold-out."""
    fitted = fit(setting, evaluated.candidate, train)
    margins = fitted.margins(held.values)
    probabilities = probabilities_of(evaluated.calibration, margins)
    raw = probabilities_of(uncalibrated(margins.shape[1], evaluated.candidate.input_kind), margins)
    return HoldOutResult(fitted, raw, probabilities, figures(held.labels, probabilities))


def assess_all(
    setting: Setting, evaluated: Sequence[Evaluated], train: Rows, held: Rows
) -> list[HoldOutResult]:
    """`assess` of several models, side by side."""
    with worker_pool(setting.threads) as pool:

        def one(each: Evaluated) -> HoldOutResult:
            result = assess(setting, each, train, held)
            setting.progress.advance()
            return result

        return list(pool.map(one, evaluated))


def compare_moments(setting: Setting, champion: Evaluated, train: Rows, held: Rows) -> list[dict[str, Any]]:
    """The champion's family and parameters with the fields of each moment: what the later fields add, or leak.

    All are cross-validated and fitted on the same rows. A moment with the fields of an earlier one is left out.
    """
    used = {moment: fields_known_by(setting, moment) for moment in MOMENTS}
    own = champion.candidate.moment
    shown = [m for m in MOMENTS if m == own or (used[m] != used[own] and used[m] not in _before(used, m))]
    setting.progress.start("with and without the later fields", len(shown) * setting.folds)
    told: list[dict[str, Any]] = []
    for moment in shown:
        twin = replace(champion.candidate, moment=moment)
        try:
            keep = twin.resampling != "none"
            (evaluated,) = evaluate_out_of_fold(setting, [twin], train, keep_rounds=keep)
        except ValueError as error:
            told.append({"moment": moment, "fields": len(used[moment]), "failed": str(error)})
            continue
        result = assess(setting, evaluated, train, held)
        metrics = {name: value if np.isfinite(value) else None for name, value in result.figures.items()}
        told.append({"moment": moment, "fields": len(used[moment]), "metrics": metrics})
    setting.progress.finish(
        "; ".join(
            f"{each['moment']} AUC {each['metrics']['rocAuc']:.4f}" for each in told if "metrics" in each
        )
    )
    return told


def _before(used: dict[Moment, tuple[str, ...]], moment: Moment) -> list[tuple[str, ...]]:
    """The fields of the earlier moments, and no fields at all."""
    return [(), *(used[each] for each in MOMENTS[: MOMENTS.index(moment)])]


def fields_known_by(setting: Setting, moment: Moment) -> tuple[str, ...]:
    """Names of the features' inputs that are known by a moment, in the spec's order."""
    sources: tuple[Field | Derived, ...] = (*setting.spec.fields, *setting.spec.derived)
    known = {each.name: MOMENTS.index(each.known_at) for each in sources}
    return tuple(each.input for each in setting.spec.features if known[each.input] <= MOMENTS.index(moment))
