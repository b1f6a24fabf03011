"""The card of an imported model: where it comes from, and how little is known of it without labelled leads."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from leadgauge.importing.origin import Origin
from leadgauge.lead import ParsedLeads
from leadgauge.package.calibration import apply_calibration
from leadgauge.package.scorer import field_contributions, model_inputs
from leadgauge.report.card import facts_of, intended_use
from leadgauge.report.markdown import plain_text, table
from leadgauge.spec import Spec
from leadgauge.training.data import LeadData
from leadgauge.training.metrics import figures
from leadgauge.training.tiers import expected_tiers

Doubles = npt.NDArray[np.float64]
_EXPLAINED_ROWS = 200
_UNMEASURED = "An imported model without labelled leads: nobody has measured it here. Add --data to the import for figures."
_MEASURED = (
    "Figures on the labelled leads of the import, after the calibration that was fitted on them. If the model was trained on "
    "these leads, they flatter it."
)

_CAUTION = "Contributions say what moved the model's output, not what would happen if a field were changed."


def import_card(
    spec: Spec,
    document: dict[str, Any],
    serving: dict[str, Any],
    origin: Origin,
    data: LeadData | None,
    leads: ParsedLeads,
    labels: npt.NDArray[np.int64],
    margins: Doubles,
    version: str,
    created_at: str,
) -> dict[str, Any]:
    """The document of card.json. `leads`, `labels` (-1: unknown) and `margins` are those that percentiles refer to."""
    no_contributions = serving["explanation"].get("noContributions")
    probabilities = apply_calibration(serving["calibration"], margins)
    if probabilities.shape[1] == 1:
        probabilities = np.column_stack([1 - probabilities, probabilities])
    measured = figures(labels, probabilities) if data is not None else {}
    made_up = (
        f"No labelled leads were given: percentiles, the reference profile and the shares of the tiers come from {len(margins):,} "
        "leads that were made up from the spec, and drift is measured against those. The probabilities are the model's own."
    )
    return {
        "formatVersion": 1,
        "model": spec.name,
        "title": spec.title,
        "version": version,
        "createdAt": created_at,
        "family": serving["family"],
        "task": spec.target.kind,
        "moment": serving["moment"],
        "intendedUse": intended_use(spec, serving["moment"]),
        "imported": {
            "file": origin.file_name,
            "sha256": origin.sha256,
            "bytes": origin.bytes,
            "library": document["library"],
            "objective": document["objective"],
            "features": document["features"],
            "outputs": document["predictor"]["outputs"],
        },
        "data": None if data is None else {**facts_of(data, spec), "warnings": data.warnings},
        "metrics": {
            name: {"value": value if np.isfinite(value) else None, "low": None, "high": None}
            for name, value in measured.items()
        },
        "metricsNote": _UNMEASURED if data is None else _MEASURED,
        "calibration": {
            "served": {
                key: len(value) if isinstance(value, list) else value
                for key, value in serving["calibration"].items()
                if key != "probabilities"
            }
        },
        "tiers": expected_tiers(spec, probabilities, labels),
        "tierNotes": ["as the spec sets them"],
        "contributionUnit": serving["explanation"]["unit"],
        "topFields": _top_fields(spec, serving, leads),
        "limits": [
            *([made_up] if data is None else [f"Data: {warning}." for warning in data.warnings]),
            "Who trained the model, on what and with which hold-out is not known here.",
            _CAUTION if no_contributions is None else f"The model gives no reasons: {no_contributions}.",
        ],
    }


def _top_fields(spec: Spec, serving: dict[str, Any], leads: ParsedLeads) -> list[dict[str, Any]]:
    by_field = field_contributions(serving, model_inputs(serving, leads)[:_EXPLAINED_ROWS])
    if by_field is None:
        return []
    labels = {field.name: field.label for field in spec.fields}
    told: list[dict[str, Any]] = [
        {
            "field": name,
            "label": labels.get(name, name),
            "meanAbsoluteContribution": float(np.abs(values[:, -1]).mean()),
        }
        for name, values in by_field.items()
    ]
    return sorted(told, key=lambda each: -each["meanAbsoluteContribution"])[:20]


def card_markdown(card: dict[str, Any]) -> str:
    """card.md: the same for reading, with texts of the spec and the file escaped."""
    text, imported = plain_text, card["imported"]
    served = ", ".join(f"{name} {value}" for name, value in card["calibration"]["served"].items())
    sections = [
        f"# {text(card['title'])}",
        f"Model `{card['model']}`, version `{card['version']}`, {card['family']}, for the moment **{card['moment']}**. "
        f"Imported {card['createdAt']}.",
        "## Intended use",
        text(card["intendedUse"]),
        "## Where it comes from",
        f"{text(imported['file'])} ({imported['bytes']:,} bytes, SHA-256 `{imported['sha256']}`), written by {text(imported['library'])}: "
        f"objective {text(imported['objective'])}, {imported['features']} features.",
        "## How good it is",
        text(card["metricsNote"]),
    ]
    if card["metrics"]:
        shown = [
            (text(name), "n/a" if each["value"] is None else f"{each['value']:.4f}")
            for name, each in card["metrics"].items()
        ]
        sections.append(table(("Metric", "Value"), shown))
    tiers = [
        (
            text(tier["name"]),
            "n/a" if tier["minimumProbability"] is None else f"{tier['minimumProbability']:.4g}",
            text(tier["action"]),
            f"{tier['expectedShareOfLeads']:.1%}",
        )
        for tier in card["tiers"]
    ]
    fields = [(text(each["label"]), f"{each['meanAbsoluteContribution']:.4f}") for each in card["topFields"]]
    sections += [
        "## Calibration",
        f"Served: {text(served)}.",
        "## Tiers",
        table(("Tier", "From", "Action", "Share of leads"), tiers),
    ]
    if fields:
        sections += [
            "## What moves the score",
            f"Contributions are to the raw output ({card['contributionUnit']}).",
            table(("Field", "Mean absolute contribution"), fields),
        ]
    sections += [
        "## Limits",
        "\n".join(f"- {text(limit)}" for limit in card["limits"]),
    ]
    return "\n\n".join(sections) + "\n"
