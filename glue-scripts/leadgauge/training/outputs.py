"""What a run leaves beside the served files: explained fields, tiers, dropped columns, reports, and the manifest's facts."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version as library_version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadgauge.package.contributions import contributions, fold_by_field
from leadgauge.report.card_text import card_markdown
from leadgauge.report.data_report import Dropped, data_report
from leadgauge.report.plots import write_plots, write_shap_summary
from leadgauge.spec import Spec
from leadgauge.training.assessment import HoldOutResult
from leadgauge.training.data import LeadData
from leadgauge.training.options import TrainingOptions
from leadgauge.training.rows import Rows
from leadgauge.training.search import Evaluated, Fitted
from leadgauge.training.time_features import TimeFeatures

Floats = NDArray[np.float64]

EXPLAINED_ROWS = 1_000
"""Rows whose contributions are computed for the SHAP summary and the card's top fields."""
LIBRARIES = (
    "numpy",
    "pandas",
    "scipy",
    "scikit-learn",
    "imbalanced-learn",
    "xgboost-cpu",
    "lightgbm",
    "shap",
)


def explain(
    spec: Spec, serving: dict[str, Any], final: Fitted, data: LeadData, seed: int, folder: Path
) -> list[dict[str, Any]]:
    """Draws the SHAP summary; returns the fields by mean absolute contribution (of the last class)."""
    generator = np.random.default_rng(seed)
    count = min(EXPLAINED_ROWS, len(data.rows))
    rows = np.sort(generator.choice(len(data.rows), count, replace=False))
    values = data.rows.values.iloc[rows]
    by_column = contributions(serving["predictor"], serving["explanation"], final.encode(values))
    by_field = fold_by_field(serving["columns"], by_column[:, :, -1:])
    labels = {field.name: field.label for field in spec.fields}
    names = sorted(by_field, key=lambda name: -float(np.abs(by_field[name]).mean()))
    numeric = [name for name in names if name in values.columns]
    table = np.column_stack(
        [
            values[name].to_numpy(dtype=np.float64)
            if name in numeric and values[name].dtype != object
            else np.full(count, np.nan)
            for name in names
        ]
    )
    write_shap_summary(
        folder / "plots" / "shap-summary.png",
        np.column_stack([by_field[name][:, 0] for name in names]),
        table,
        [labels.get(name, name) for name in names],
        title=f"What moves {spec.target.classes[-1].label} ({count:,} leads; grey: no number)",
        unit=serving["explanation"]["unit"],
    )
    return [
        {
            "field": name,
            "label": labels.get(name, name),
            "meanAbsoluteContribution": float(np.abs(by_field[name]).mean()),
        }
        for name in names
    ]


def dropped_columns(
    spec: Spec, final: Fitted, data: LeadData, time_features: TimeFeatures | None
) -> list[Dropped]:
    """Columns of the file, and features, that the model does without, and why."""
    used = {column["input"] for column in final.encoder.columns_}
    reasons = {
        "later-moment": f"known later than the moment {final.candidate.moment}",
        "no-value": "no value in any training row",
        "one-value": "one value in all training rows",
    }
    dropped = [
        Dropped(
            each.get("name") or "(unnamed)", f"ignored by the spec: {each.get('reason', 'no reason given')}"
        )
        for each in spec.document.get("ignored", [])
    ]
    if time_features is not None and not time_features.kept:
        dropped += [Dropped(name, time_features.told()) for name in time_features.inputs]
    dropped += [
        Dropped(each.name, reasons[each.reason])
        for each in final.encoder.dropped_
        if each.reason != "one-value" or each.input not in used
    ]
    dropped += [Dropped(name or "(unnamed)", "not in the spec") for name in data.unknown_columns]
    return dropped


def write_reports(
    folder: Path,
    spec: Spec,
    options: TrainingOptions,
    data: LeadData,
    own: HoldOutResult,
    held: Rows,
    card: dict[str, Any],
) -> None:
    write_plots(
        folder / "plots",
        held.labels,
        own.probabilities,
        own.raw,
        [each.label for each in spec.target.classes],
    )
    dropped = [Dropped(each["column"], each["reason"]) for each in card["data"]["droppedColumns"]]
    (folder / "report.html").write_text(data_report(spec, data, options.moment, dropped), encoding="utf-8")
    (folder / "card.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "card.md").write_text(card_markdown(card), encoding="utf-8")


def manifest(
    options: TrainingOptions, data: LeadData, champion: Evaluated, card: dict[str, Any]
) -> dict[str, Any]:
    spec = options.spec
    counts = list(data.class_counts(spec).values())
    return {
        "model": spec.name,
        "createdAt": card["createdAt"],
        "family": champion.candidate.family,
        "task": spec.target.kind,
        "moment": options.moment,
        "data": {
            "sha256": data.sha256,
            "rows": len(data.rows),
            "columns": data.columns,
            **({"positives": counts[1]} if spec.target.kind == "binary" else {}),
        },
        "libraries": {
            "python": platform.python_version(),
            **{name: library_version(name) for name in LIBRARIES},
        },
        "seed": options.seed,
        "threads": options.threads,
        "parent": None,
        "metrics": {name: each["value"] for name, each in card["metrics"].items()},
        "metricsNote": card["metricsNote"],
    }
