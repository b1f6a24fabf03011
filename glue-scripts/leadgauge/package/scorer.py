"""The reference scorer: leads to answers in the form of golden rows, from a serving document."""

from typing import Any

import numpy as np
import numpy.typing as npt

from leadgauge.features import apply_columns, unseen_by_model, used_fields
from leadgauge.lead import ParsedLeads
from leadgauge.package.calibration import apply_calibration
from leadgauge.package.contributions import contributions, fold_by_field
from leadgauge.package.evaluate import evaluate
from leadgauge.package.serving import weighted_mean

Doubles = npt.NDArray[np.float64]


def model_inputs(serving: dict[str, Any], leads: ParsedLeads) -> Doubles:
    """The model's inputs, shape (rows, columns), for every lead; those of rejected leads mean nothing."""
    return apply_columns(leads.spec, serving["columns"], leads.values)


def score_rows(
    serving: dict[str, Any], leads: ParsedLeads, margins: Doubles | None = None
) -> list[dict[str, Any]]:
    """The expected part of a golden row (everything but `lead`) for each lead.

    `margins` (rows, outputs): a library's own margins, instead of those of the package's evaluator.
    """
    inputs = model_inputs(serving, leads)
    margins = evaluate(serving["predictor"], inputs) if margins is None else margins
    by_field = field_contributions(serving, inputs)
    probabilities = apply_calibration(serving["calibration"], margins)
    warnings = leads.warning_codes(
        used_fields(leads.spec, serving["columns"]), unseen_by_model(serving["columns"], leads)
    )
    first_rejections = leads.first_rejections()
    rows: list[dict[str, Any]] = []
    for row in range(len(inputs)):
        if row in first_rejections:
            rows.append({"rejected": first_rejections[row].code})
            continue
        if not np.isfinite(margins[row]).all():
            rows.append({"rejected": "out_of_bounds"})
            continue
        told = {} if by_field is None else {"contributions": _of_row(by_field, row)}
        rows.append(
            {
                "features": [None if np.isnan(value) else float(value) for value in inputs[row]],
                "margin": [float(value) for value in margins[row]],
                "probability": [float(value) for value in probabilities[row]],
                **_decision(serving, margins[row], probabilities[row]),
                **told,
                "warnings": warnings[row],
            }
        )
    return rows


def field_contributions(serving: dict[str, Any], inputs: Doubles) -> dict[str, Doubles] | None:
    """Contributions by field, (rows, outputs) each; None where the model has none."""
    if "noContributions" in serving["explanation"]:
        return None
    by_column = contributions(serving["predictor"], serving["explanation"], inputs)
    return fold_by_field(serving["columns"], by_column)


def _of_row(by_field: dict[str, Doubles], row: int) -> dict[str, list[float]]:
    return {name: [float(each) for each in values[row]] for name, values in by_field.items()}


def _count(cuts: list[float], value: float) -> int:
    return int(np.searchsorted(np.asarray(cuts), value, side="right"))


def _decision(serving: dict[str, Any], margins: Doubles, probabilities: Doubles) -> dict[str, Any]:
    classes, tiers, score = serving["classes"], serving["tiers"], serving["score"]
    if serving["task"] == "binary":
        ranked = float(margins[0])
        prediction = classes[int(ranked >= serving["prediction"]["cut"])]
        tier = next(each for each in tiers if each["cut"] is None or ranked >= each["cut"])
        points = _count(score["cuts"], ranked)
    else:
        ranked = float(weighted_mean(score["weights"], probabilities.reshape(1, -1))[0])
        prediction = classes[int(np.argmax(probabilities))]
        tier = next(
            each
            for each in tiers
            if each["minimumProbability"] is None
            or probabilities[classes.index(each["class"])] >= each["minimumProbability"]
        )
        points = _count(score["cuts"], ranked) if "cuts" in score else int(np.floor(ranked + 0.5))
    return {
        "score": points,
        "percentile": _count(serving["percentile"]["cuts"], ranked),
        "prediction": prediction,
        "tier": tier["name"],
    }
