"""The content of serving.json: columns, predictor, calibration, cut points, explanation baseline."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from leadgauge.package.arrays import decode_array, encode_array
from leadgauge.package.calibration import apply_calibration, cut_point, percentile_cuts, probability_cuts
from leadgauge.package.compact_trees import compact_trees, expand_trees, fits_compact, in_pre_order
from leadgauge.package.contributions import baseline
from leadgauge.package.cover import decode_cover, encode_cover
from leadgauge.package.predictor import explanation_unit
from leadgauge.package.trees import LARGEST_DOUBLE, LARGEST_SINGLE, linear_leaves
from leadgauge.spec import Moment, Spec

Doubles = npt.NDArray[np.float64]
FORMAT_VERSION = 1

_ARRAYS = (
    "treeOutput", "treeStart", "feature", "threshold", "left", "right", "missingLeft", "zeroMissing", "value", "categorySet",
    "coefficients", "intercepts", "leaf", "split", "leafValue",
)  # fmt: skip
# Of these, arrays stand one level down.
_GROUPS = ("cuts", "linearLeaves")


def build_serving(
    spec: Spec,
    *,
    family: str,
    moment: Moment,
    columns: Sequence[dict[str, Any]],
    predictor: dict[str, Any],
    calibration: dict[str, Any],
    reference_margins: Doubles,
    inputs: Doubles,
    tier_limits: Sequence[float | None] | None = None,
    prediction_limit: float = 0.5,
    no_contributions: str | None = None,
) -> dict[str, Any]:
    """A serving document with numpy arrays inside the predictor; `serving_document` turns it into JSON.

    `reference_margins` (rows, outputs): the margins that percentiles and the profile refer to (out-of-fold
    ones).
    `inputs` (rows, columns): the training inputs, for the means of a linear model. `tier_limits`:
    probabilities
    instead of the spec's, one a tier, None in the last. `prediction_limit`: the probability from which a
    binary model
    predicts the event. `no_contributions`: why the model has none; None: it has.
    """
    binary = spec.target.kind == "binary"
    outputs = 1 if binary else len(spec.target.classes)
    if reference_margins.shape[1] != outputs:
        raise ValueError(f"{reference_margins.shape[1]} margins a row; {outputs} are needed for {spec.name}")
    limits = [tier.minimum_probability for tier in spec.tiers] if tier_limits is None else list(tier_limits)
    means = np.nan_to_num(inputs, nan=0.0).mean(axis=0) if predictor["kind"] == "linear" else None
    explanation: dict[str, Any] = {"unit": explanation_unit(family, outputs)}
    if no_contributions is not None:
        explanation["noContributions"] = no_contributions
    else:
        explanation["baseline"] = baseline(predictor, means)
    if means is not None:
        explanation["means"] = [float(mean) + 0.0 for mean in means]
    serving: dict[str, Any] = {
        "formatVersion": FORMAT_VERSION,
        "model": spec.name,
        "family": family,
        "moment": moment,
        "task": spec.target.kind,
        "classes": list(spec.class_names),
        "columns": list(columns),
        "predictor": predictor,
        "calibration": calibration,
        "explanation": explanation,
    }
    if binary:
        reference = reference_margins[:, 0]
        serving["prediction"] = {"cut": cut_point(calibration, prediction_limit)}
        cuts = (
            probability_cuts(calibration) if spec.score_scale == "probability" else percentile_cuts(reference)
        )
        serving["score"] = {"scale": spec.score_scale, "cuts": cuts}
        serving["tiers"] = [
            {
                "name": tier.name,
                "action": tier.action,
                "minimumProbability": limit,
                "cut": None if limit is None else cut_point(calibration, limit),
            }
            for tier, limit in zip(spec.tiers, limits, strict=True)
        ]
    else:
        weights = [float(each.weight or 0) for each in spec.target.classes]
        reference = weighted_mean(weights, apply_calibration(calibration, reference_margins))
        serving["prediction"] = {}
        serving["score"] = {"scale": spec.score_scale, "weights": weights}
        if spec.score_scale == "percentile":
            serving["score"]["cuts"] = percentile_cuts(reference)
        serving["tiers"] = [
            {"name": tier.name, "action": tier.action, "class": tier.class_name, "minimumProbability": limit}
            for tier, limit in zip(spec.tiers, limits, strict=True)
        ]
    serving["percentile"] = {"cuts": percentile_cuts(reference)}
    return serving


def weighted_mean(weights: Sequence[float], probabilities: Doubles) -> Doubles:
    """The mean of the classes' weights under their probabilities, added in class order."""
    mean = np.zeros(len(probabilities))
    for position, weight in enumerate(weights):
        mean = mean + weight * probabilities[:, position]
    return mean


def serving_document(serving: dict[str, Any]) -> dict[str, Any]:
    """The JSON form: arrays of the predictor as `{ type, data }`, infinite thresholds as the greatest number, since no lead
    has an infinite value.
    """
    predictor = dict(serving["predictor"])
    if predictor["kind"] == "trees":
        largest = LARGEST_SINGLE if predictor["input"] == "float32" else LARGEST_DOUBLE
        predictor["threshold"] = np.clip(predictor["threshold"], -largest, largest)
    cover: dict[str, Any] = {}
    if predictor["kind"] == "trees" and "linearLeaves" not in predictor:
        predictor = in_pre_order(predictor)
    if "cover" in predictor:
        cover = {"cover": encode_cover(predictor)}
    if predictor["kind"] == "trees" and fits_compact(predictor):
        predictor = compact_trees(predictor)
    packed = {
        key: encode_array(value) if key in _ARRAYS else value for key, value in predictor.items()
    } | cover
    for group in _GROUPS:
        if group in packed:
            packed[group] = {key: encode_array(value) for key, value in packed[group].items()}
    return serving | {"predictor": packed}


def read_serving(document: dict[str, Any]) -> dict[str, Any]:
    """The inverse of `serving_document`, for checks."""
    predictor = dict(document["predictor"])
    columns = len(document["columns"])
    for group in _GROUPS:
        if group in predictor:
            predictor[group] = {key: decode_array(value) for key, value in predictor[group].items()}
    for key in _ARRAYS:
        if key in predictor:
            array = decode_array(predictor[key])
            if key in ("value", "leafValue", "coefficients"):
                array = array.reshape(-1, columns if key == "coefficients" else predictor["valuesPerLeaf"])
            whole = key not in ("threshold", "value", "leafValue", "coefficients", "intercepts")
            predictor[key] = array.astype(np.int64) if whole else array
    if "cuts" in predictor:
        predictor = expand_trees(predictor)
    if "linearLeaves" in predictor:
        predictor["linearLeaves"] = linear_leaves(predictor["linearLeaves"])
    if "cover" in predictor:
        predictor["cover"] = decode_cover(predictor["cover"], predictor)
    return document | {"predictor": predictor}
