"""How good a model is on rows it never saw: figures with bootstrap intervals, calibration, and what the later fields add."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadgauge.spec import MOMENTS, Derived, Field, Moment
from leadgauge.training.calibrate import probabilities_of, uncalibrated
from leadgauge.training.metrics import (
    bootstrap_intervals,
    calibration_line,
    class_calibration_error,
    class_tallies,
    confusion,
    figures,
    pr_auc,
    predict,
    roc_auc,
)
from leadgauge.training.search import Evaluated, Fitted, Rows, Setting, evaluate_out_of_fold, fit, worker_pool

Floats = NDArray[np.float64]

RESAMPLES = 1_000
RESAMPLED_ROWS = 10_000_000
"""Rows drawn in all: a hold-out of more than 10,000 rows is resampled less often (at least 200 times)."""


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


def with_intervals(setting: Setting, result: HoldOutResult, held: Rows) -> dict[str, dict[str, float | None]]:
    """Every figure as ``{value, low, high}``, a 95 % bootstrap interval of the hold-out rows."""
    resamples = int(min(RESAMPLES, max(200, RESAMPLED_ROWS // len(held))))
    intervals = bootstrap_intervals(
        len(held),
        lambda rows: figures(held.labels[rows], result.probabilities[rows]),
        seed=setting.seed,
        resamples=resamples,
    )
    return {
        name: {"value": _known(value), "low": _known(intervals[name][0]), "high": _known(intervals[name][1])}
        for name, value in result.figures.items()
    }


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None


def class_figures(setting: Setting, result: HoldOutResult, held: Rows) -> dict[str, Any]:
    """The confusion matrix, and precision, recall, F1 and areas of each class."""
    names = setting.spec.class_names
    matrix = confusion(held.labels, predict(result.probabilities), len(names))
    by_class = {}
    for k, (name, tally) in enumerate(zip(names, class_tallies(matrix), strict=True)):
        event = held.labels == k
        by_class[name] = {
            "rows": int(event.sum()),
            "precision": tally.precision,
            "recall": tally.recall,
            "f1": tally.f1,
            "rocAuc": _known(roc_auc(event, result.probabilities[:, k])),
            "prAuc": _known(pr_auc(event, result.probabilities[:, k])),
        }
    return {"confusionMatrix": {"classes": list(names), "rowsAreTrue": matrix}, "byClass": by_class}


def calibration_figures(setting: Setting, result: HoldOutResult, held: Rows) -> dict[str, Any]:
    """Calibration on the hold-out, before and after: slope, intercept, mean probability against the rate, calibration error."""
    names = setting.spec.class_names
    shown = [1] if len(names) == 2 else list(range(len(names)))
    by_class = {}
    for k in shown:
        event = held.labels == k
        slope, intercept = calibration_line(event, result.probabilities[:, k])
        by_class[names[k]] = {
            "slope": _known(slope),
            "intercept": _known(intercept),
            "meanProbability": float(result.probabilities[:, k].mean()),
            "rate": float(event.mean()),
        }
    return {
        "expectedCalibrationError": class_calibration_error(held.labels, result.probabilities),
        "expectedCalibrationErrorUncalibrated": class_calibration_error(held.labels, result.raw),
        "byClass": by_class,
    }


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
        metrics = {name: _known(value) for name, value in result.figures.items()}
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
