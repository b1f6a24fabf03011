"""Everything that is measured on a hold-out, with a bootstrap interval of every figure. Definitions: docs/metrics.md."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadgauge.spec import Spec
from leadgauge.training.bootstrap import bootstrap_intervals, map_leaves, resample_count
from leadgauge.training.metrics import (
    calibration_line,
    class_calibration_error,
    class_tallies,
    confusion,
    figures,
    pr_auc,
    predict,
    roc_auc,
)
from leadgauge.training.tiers import tier_of_rows, tier_results

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SLOPE_LIMITS = (0.9, 1.1)
MEAN_LIMIT = 0.01


@dataclass(frozen=True)
class HoldOut:
    """What a model said of leads it never saw, and what became of them."""

    labels: Ints
    """Class indices, shape (rows,)."""
    probabilities: Floats
    """Calibrated, shape (rows, classes)."""
    uncalibrated: Floats


def hold_out_parts(spec: Spec, hold_out: HoldOut, *, seed: int) -> dict[str, Any]:
    """The parts of a card that come from a hold-out: `metrics`, `confusionMatrix`, `byClass`, `calibration`, `tiers`, `bootstrap`.

    A figure that the rows cannot define is None. Intervals are ``[low, high]`` (``low`` and ``high`` beside a metric's ``value``).
    """
    tier_of_row = tier_of_rows(spec.document["tiers"], spec.class_names, hold_out.probabilities)

    def measure(rows: Ints) -> dict[str, Any]:
        part = HoldOut(hold_out.labels[rows], hold_out.probabilities[rows], hold_out.uncalibrated[rows])
        return _measure(spec, part, tier_of_row[rows])

    count = len(hold_out.labels)
    own = measure(np.arange(count))
    bounds = bootstrap_intervals(count, measure, seed=seed)
    names = list(spec.class_names)
    shown = _averaged(names)
    calibration = own["calibration"]
    parts = {
        "metrics": {
            name: {"value": value, "low": bounds["metrics"][name][0], "high": bounds["metrics"][name][1]}
            for name, value in own["metrics"].items()
        },
        "confusionMatrix": {
            "classes": names,
            "rowsAreTrue": own["confusion"],
            "intervals": [
                [[math.floor(low), math.ceil(high)] for low, high in row] for row in bounds["confusion"]
            ],
        },
        "byClass": dict(zip(names, _with_intervals(own["byClass"], bounds["byClass"]), strict=True)),
        "calibration": {
            "expectedCalibrationError": calibration["error"],
            "expectedCalibrationErrorUncalibrated": calibration["uncalibratedError"],
            "byClass": dict(
                zip(
                    [names[k] for k in shown],
                    _with_intervals(calibration["byClass"], bounds["calibration"]["byClass"]),
                    strict=True,
                )
            ),
            "criteria": _criteria([names[k] for k in shown], calibration, bounds["calibration"]),
        },
        "tiers": [
            {"tier": tier.name, **result}
            for tier, result in zip(spec.tiers, _with_intervals(own["tiers"], bounds["tiers"]), strict=True)
        ],
        "bootstrap": {"resamples": resample_count(count), "seed": seed},
    }
    return dict(map_leaves(parts, _known))


def _known(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_known(each) for each in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _averaged(names: list[str]) -> list[int]:
    """Of two classes the second, the event; of more each of them."""
    return [1] if len(names) == 2 else list(range(len(names)))


def _with_intervals(own: list[dict[str, Any]], bounds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**each, "intervals": intervals} for each, intervals in zip(own, bounds, strict=True)]


def _measure(spec: Spec, part: HoldOut, tier_of_row: Ints) -> dict[str, Any]:
    labels, probabilities = part.labels, part.probabilities
    names = list(spec.class_names)
    matrix = confusion(labels, predict(probabilities), len(names))
    return {
        "metrics": figures(labels, probabilities),
        "confusion": matrix,
        "byClass": [
            {
                "rows": int((labels == k).sum()),
                "precision": tally.precision,
                "recall": tally.recall,
                "f1": tally.f1,
                "rocAuc": roc_auc(labels == k, probabilities[:, k]),
                "prAuc": pr_auc(labels == k, probabilities[:, k]),
            }
            for k, tally in enumerate(class_tallies(matrix))
        ],
        "calibration": _measure_calibration(part, _averaged(names)),
        "tiers": tier_results(spec, tier_of_row, labels),
    }


def _measure_calibration(part: HoldOut, shown: list[int]) -> dict[str, Any]:
    by_class = []
    for k in shown:
        event, probability = part.labels == k, part.probabilities[:, k]
        slope, intercept = calibration_line(event, probability)
        mean, rate = float(probability.mean()), float(event.mean())
        by_class.append(
            {
                "slope": slope,
                "intercept": intercept,
                "meanProbability": mean,
                "rate": rate,
                "meanDifference": mean - rate,
            }
        )
    error = class_calibration_error(part.labels, part.probabilities)
    uncalibrated = class_calibration_error(part.labels, part.uncalibrated)
    return {
        "error": error,
        "uncalibratedError": uncalibrated,
        "errorDifference": error - uncalibrated,
        "byClass": by_class,
    }


def _criteria(names: list[str], calibration: dict[str, Any], bounds: dict[str, Any]) -> list[dict[str, Any]]:
    """What a calibrated model is held to, one by one, and whether it is met."""
    criteria = []
    for name, own, interval in zip(names, calibration["byClass"], bounds["byClass"], strict=True):
        criteria.append(_criterion("slope", name, own["slope"], interval["slope"], *SLOPE_LIMITS))
        criteria.append(
            _criterion(
                "meanDifference",
                name,
                own["meanDifference"],
                interval["meanDifference"],
                -MEAN_LIMIT,
                MEAN_LIMIT,
            )
        )
    criteria.append(
        _criterion(
            "expectedCalibrationErrorDifference",
            None,
            calibration["errorDifference"],
            bounds["errorDifference"],
            None,
            0.0,
        )
    )
    return criteria


def _criterion(
    figure: str,
    class_name: str | None,
    value: float,
    interval: tuple[float, float],
    at_least: float | None,
    at_most: float | None,
) -> dict[str, Any]:
    low, high = interval
    least = -math.inf if at_least is None else at_least
    most = math.inf if at_most is None else at_most
    if math.isnan(value):
        verdict = "undefined"
    elif least <= value <= most:
        verdict = "met"
    else:
        # Rows drawn otherwise might well have met it: the interval reaches into what is allowed.
        verdict = "missed-within-chance" if low <= most and high >= least else "missed"
    return {
        "figure": figure,
        **({} if class_name is None else {"class": class_name}),
        "value": value,
        "low": low,
        "high": high,
        "atLeast": at_least,
        "atMost": at_most,
        "verdict": verdict,
    }
