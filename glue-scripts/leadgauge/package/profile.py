"""The reference profile: what the training leads looked like, without any of their rows."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadgauge.features.columns import category_texts
from leadgauge.lead import ParsedLeads
from leadgauge.package.calibration import apply_calibration
from leadgauge.package.serving import FORMAT_VERSION, weighted_mean
from leadgauge.spec import Field

Doubles = npt.NDArray[np.float64]

CLIPPED_SHARE = 0.005  # at either end, so that no single lead's extreme shows
MINIMUM_COUNT = 10  # rarer categories are only counted together, fewer numbers are not described
_BINS = 10


def build_profile(
    leads: ParsedLeads, labels: npt.NDArray[np.int64], serving: dict[str, Any], reference_margins: Doubles
) -> dict[str, Any]:
    """The document of profile.json. All arguments have one row a training lead; margins are (rows, outputs).

    A label of -1 is an outcome that nobody knows.
    """
    spec = leads.spec
    probabilities = apply_calibration(serving["calibration"], reference_margins)
    if serving["task"] == "binary":
        ranked = reference_margins[:, 0]
        scores = np.searchsorted(np.asarray(serving["score"]["cuts"]), ranked, side="right")
    else:
        ranked = weighted_mean(serving["score"]["weights"], probabilities)
        cuts = serving["score"].get("cuts")
        scores = (
            np.floor(ranked + 0.5)
            if cuts is None
            else np.searchsorted(np.asarray(cuts), ranked, side="right")
        )
    return {
        "formatVersion": FORMAT_VERSION,
        "rows": len(labels),
        "fields": {field.name: _field_profile(leads, field) for field in spec.fields},
        "score": {
            "histogram": np.bincount(scores.astype(np.int64), minlength=101).tolist(),
            "quantiles": _numbers(np.quantile(ranked, np.linspace(0, 1, 101))),
        },
        "calibration": _calibration_bins(probabilities[:, -1], labels, len(spec.target.classes) - 1),
        "target": {
            "classes": {name: int((labels == index).sum()) for index, name in enumerate(spec.class_names)}
        },
    }


def _numbers(values: Doubles) -> list[float]:
    return [float(value) + 0.0 for value in values]


def _field_profile(leads: ParsedLeads, field: Field) -> dict[str, Any]:
    given = leads.given[field.name]
    profile: dict[str, Any] = {"type": field.type, "rows": len(given), "missing": int((~given).sum())}
    if field.type in ("category", "ordinal", "boolean"):
        counts = pd.Series(
            category_texts(leads.spec, leads.values, field.name)[given], dtype=object
        ).value_counts()
        frequent = {str(name): int(count) for name, count in counts.items() if count >= MINIMUM_COUNT}
        return profile | {"counts": frequent, "rare": int(given.sum()) - sum(frequent.values())}
    numbers = leads.values[field.name].to_numpy(dtype=np.float64)[given]
    if len(numbers) < MINIMUM_COUNT:
        return profile | {"quantiles": None, "mean": None, "deviation": None, "integer": False}
    clipped = np.clip(numbers, *np.quantile(numbers, [CLIPPED_SHARE, 1 - CLIPPED_SHARE]))
    # Squares of greater numbers than this are no doubles.
    greatest = float(np.abs(clipped).max())
    scale = greatest if greatest > 1e150 else 1.0
    return profile | {
        "quantiles": _numbers(np.quantile(clipped, np.linspace(0, 1, 101))),
        "mean": float((clipped / scale).mean()) * scale + 0.0,
        "deviation": float((clipped / scale).std()) * scale,
        "integer": bool((numbers == np.floor(numbers)).all()),
    }


def _calibration_bins(probability: Doubles, labels: npt.NDArray[np.int64], last: int) -> list[dict[str, Any]]:
    """Ten bins of equal width by the probability of the last class: the event, or the best of ordered
    classes.
    """
    bins = np.minimum((probability * _BINS).astype(np.int64), _BINS - 1)
    result = []
    for index in range(_BINS):
        inside = bins == index
        count = int(inside.sum())
        known = labels[inside & (labels >= 0)]
        result.append(
            {
                "count": count,
                "meanProbability": float(probability[inside].mean()) if count else None,
                "rate": float((known == last).mean()) if len(known) else None,
            }
        )
    return result
