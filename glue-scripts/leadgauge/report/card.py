"""card.json: what a person must know of a model before trusting it (after Mitchell et al. 2019, "Model Cards")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leadgauge.report.data_report import Dropped
from leadgauge.spec import Spec
from leadgauge.training.assessment import HoldOutResult
from leadgauge.training.calibrate import Calibration
from leadgauge.training.data import LeadData
from leadgauge.training.drift import Drift
from leadgauge.training.search import Evaluated
from leadgauge.training.selection import Selection
from leadgauge.training.time_features import TimeFeatures

METRICS_NOTE = (
    "Figures of the model before the refit: fitted on the training part, measured once on the hold-out. "
    "The served model is the same family and parameters, refitted on all rows. Intervals: 95 %, bootstrap."
)
_SHOWN_FAMILY_METRICS = ("logLoss", "rocAuc", "accuracy", "f1", "expectedCalibrationError")


def build_card(
    *,
    spec: Spec,
    version: str,
    created_at: str,
    options: dict[str, Any],
    data: LeadData,
    hold_out_rows: int,
    selection: Selection,
    families: Sequence[tuple[Evaluated, HoldOutResult]],
    hold_out: dict[str, Any],
    applied_calibration: Calibration,
    served_calibration: Calibration,
    drift: tuple[Drift | None, Drift | None],
    time_features: TimeFeatures | None,
    tiers: list[dict[str, Any]],
    tier_notes: list[str],
    moments: list[dict[str, Any]],
    importance: list[dict[str, Any]],
    unit: str,
    dropped: Sequence[Dropped],
) -> dict[str, Any]:
    """The card's document. ``hold_out`` is what `measurement.hold_out_parts` tells, ``tiers`` what `tiers.expected_tiers` does;
    the applied calibration is that of the hold-out's figures; ``drift`` was measured without the hold-out and on all rows.
    """
    champion = selection.champion.candidate
    counts = data.class_counts(spec)
    split = spec.training.hold_out
    calibration = {
        "served": _brief(served_calibration),
        "holdOut": {"applied": _brief(applied_calibration), **hold_out["calibration"]},
    }
    for name, measured in zip(("driftBeforeHoldOut", "drift"), drift, strict=True):
        if measured is not None:
            calibration[name] = measured.document()
    return {
        "formatVersion": 1,
        "model": spec.name,
        "title": spec.title,
        "version": version,
        "createdAt": created_at,
        "family": champion.family,
        "task": spec.target.kind,
        "moment": champion.moment,
        "intendedUse": intended_use(spec, champion.moment),
        "data": {
            **facts_of(data, spec),
            "droppedColumns": [{"column": each.column, "reason": each.reason} for each in dropped],
            "warnings": data.warnings,
        },
        "training": {
            **options,
            "holdOut": {
                "by": split.by,
                "share": split.share,
                "field": split.field,
                "rows": hold_out_rows,
            },
            "searchRows": len(selection.sample),
            "parameters": dict(champion.parameters),
            "rounds": champion.rounds,
            "resampling": selection.resampling,
            **({} if time_features is None else {"timeFeatures": time_features.document()}),
        },
        "families": [_family(evaluated, result, champion.family) for evaluated, result in families],
        "metrics": hold_out["metrics"],
        "metricsNote": METRICS_NOTE,
        "bootstrap": hold_out["bootstrap"],
        "confusionMatrix": hold_out["confusionMatrix"],
        "byClass": hold_out["byClass"],
        "calibration": calibration,
        "tiers": [
            {**expected, "holdOut": result} for expected, result in zip(tiers, hold_out["tiers"], strict=True)
        ],
        "tierNotes": tier_notes,
        "moments": moments,
        "contributionUnit": unit,
        "topFields": importance[:20],
        "limits": _limits(spec, data, champion.moment, counts, calibration["holdOut"]),
    }


def facts_of(data: LeadData, spec: Spec) -> dict[str, Any]:
    """What a card tells of the leads it rests on."""
    counts = data.class_counts(spec)
    return {
        "file": data.file_name,
        "sha256": data.sha256,
        "rowsInFile": data.rows_in_file,
        "rows": len(data.rows),
        "columns": data.columns,
        "classes": counts,
        "rate": counts[spec.class_names[-1]] / len(data.rows),
        "leftOut": data.left_out,
    }


def intended_use(spec: Spec, moment: str) -> str:
    """What the model is for, in two sentences."""
    event = spec.target.event or f"is {spec.target.classes[-1].label}"
    horizon = f" within {spec.target.horizon_in_days:g} days" if spec.target.horizon_in_days else ""
    known = {
        "at-creation": "as soon as it is created",
        "engagement": "once its first engagement is known",
        "after-contact": "after sales has been in contact with it",
    }[moment]
    return (
        f"Ranks leads and says how likely each {event}{horizon}, so that people decide whom to contact first. A lead can be scored "
        f"{known}. Not for decisions about a person that have legal or similarly grave effects."
    )


def _family(evaluated: Evaluated, result: HoldOutResult, champion: str) -> dict[str, Any]:
    return {
        "family": evaluated.candidate.family,
        "champion": evaluated.candidate.family == champion,
        "parameters": dict(evaluated.candidate.parameters),
        "rounds": evaluated.candidate.rounds,
        "crossValidation": {name: evaluated.figures[name] for name in _SHOWN_FAMILY_METRICS},
        "holdOut": {name: result.figures[name] for name in _SHOWN_FAMILY_METRICS},
    }


def _brief(calibration: dict[str, Any]) -> dict[str, Any]:
    """Without the knots of an isotonic map, which serving.json has."""
    return {
        key: len(value) if isinstance(value, list) else value
        for key, value in calibration.items()
        if key != "probabilities"
    }


def _limits(
    spec: Spec, data: LeadData, moment: str, counts: dict[str, int], calibration: dict[str, Any]
) -> list[str]:
    limits = [
        "The model knows leads like those of its training data; other markets, products or channels need their own data.",
        "Contributions say what moved the model's output, not what would happen if a field were changed.",
    ]
    if moment == "after-contact":
        limits.append(
            "It uses fields that are filled in after contact, some perhaps because of the outcome: not for new leads. "
            "See the comparison of moments."
        )
    if spec.training.hold_out.by == "random":
        limits.append(
            "The hold-out is random, not later in time: a change of the market since is not in the figures."
        )
    limits += _miscalibrated(calibration, by_time=spec.training.hold_out.by == "time")
    rarest = min(counts, key=lambda name: counts[name])
    if counts[rarest] < 500:
        limits.append(f"Only {counts[rarest]} rows of class {rarest}: mind the intervals.")
    return limits + [f"Data: {warning}." for warning in data.warnings]


def _miscalibrated(calibration: dict[str, Any], *, by_time: bool) -> list[str]:
    """A sentence a class whose probabilities are off by more than chance can explain."""
    told = []
    for name, each in calibration["byClass"].items():
        missed = any(
            criterion["verdict"] == "missed" and criterion.get("class") == name
            for criterion in calibration["criteria"]
        )
        if not missed:
            continue
        cause = (
            "leads have changed over time, so train again as new outcomes come in"
            if by_time
            else "mind the probabilities"
        )
        told.append(
            f"On the hold-out the probabilities of {name} are off (slope {each['slope']:.2f}, mean {each['meanProbability']:.3f} against a rate of "
            f"{each['rate']:.3f}): {cause}."
        )
    return told
