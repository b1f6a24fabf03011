"""card.md: the model card for reading."""

from __future__ import annotations

from typing import Any

from leadgauge.report.card_calibration import calibration_text
from leadgauge.report.markdown import (
    NOT_AVAILABLE,
    factor_text,
    figure_text,
    plain_text,
    share_text,
    table,
    within_text,
)

_TITLES = {
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "rocAuc": "ROC-AUC",
    "prAuc": "PR-AUC",
    "logLoss": "Log loss",
    "brier": "Brier score",
    "expectedCalibrationError": "Expected calibration error",
    "liftAt10Percent": "Lift at 10 %",
}


def card_markdown(card: dict[str, Any]) -> str:
    """The whole Markdown text of a card."""
    sections = [
        f"# {plain_text(card['title'])}",
        f"Model `{card['model']}`, version `{card['version']}`, {card['family']}, for the moment **{card['moment']}**. "
        f"Made {card['createdAt']}.",
        "## Intended use",
        plain_text(card["intendedUse"]),
        "## Data",
        _data(card),
        "## How good it is",
        plain_text(card["metricsNote"]),
        table(
            ("Metric", "Hold-out", "95 % interval"),
            [
                (_TITLES[k], figure_text(v["value"]), f"{figure_text(v['low'])} to {figure_text(v['high'])}")
                for k, v in card["metrics"].items()
            ],
        ),
        _confusion(card),
        "## Families compared",
        _families(card),
        "## Imbalance",
        _imbalance(card["training"]["resampling"]),
        *_time_features(card["training"].get("timeFeatures")),
        "## Calibration",
        calibration_text(card["calibration"]),
        "## Tiers",
        _tiers(card),
        "## With and without the later fields",
        _moments(card),
        "## What moves the score",
        f"Contributions are to the raw output ({card['contributionUnit']}).",
        table(
            ("Field", "Mean absolute contribution"),
            [
                (plain_text(each["label"]), figure_text(each["meanAbsoluteContribution"]))
                for each in card["topFields"]
            ],
        ),
        "## Limits",
        "\n".join(f"- {plain_text(limit)}" for limit in card["limits"]),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _data(card: dict[str, Any]) -> str:
    data = card["data"]
    classes = ", ".join(f"{plain_text(name)}: {count:,}" for name, count in data["classes"].items())
    told = [
        f"{data['rows']:,} of {data['rowsInFile']:,} rows and {data['columns']} columns of {plain_text(data['file'])} "
        f"(SHA-256 `{data['sha256']}`). Classes: {classes} ({data['rate']:.1%}).",
    ]
    hold_out = card["training"]["holdOut"]
    how = (
        f"the latest by {plain_text(hold_out['field'])}"
        if hold_out["by"] == "time"
        else "drawn at random, stratified"
    )
    told.append(
        f"Hold-out: {hold_out['rows']:,} rows, {how}. Seed {card['training']['seed']}, {card['training']['folds']} folds."
    )
    if data["droppedColumns"]:
        told.append("Columns left out:")
        told.append(
            "\n".join(
                f"- {plain_text(each['column'])}: {plain_text(each['reason'])}"
                for each in data["droppedColumns"]
            )
        )
    return "\n\n".join(told)


def _confusion(card: dict[str, Any]) -> str:
    matrix = card["confusionMatrix"]
    rows = []
    for name, counts, bounds in zip(
        matrix["classes"], matrix["rowsAreTrue"], matrix["intervals"], strict=True
    ):
        own = card["byClass"][name]
        cells = [
            f"{count:,} ({low:,} to {high:,})" for count, (low, high) in zip(counts, bounds, strict=True)
        ]
        rows.append(
            [
                plain_text(name),
                *cells,
                *(within_text(own, figure, figure_text) for figure in ("precision", "recall", "f1")),
            ]
        )
    return table(
        ["True \\ predicted", *map(plain_text, matrix["classes"]), "Precision", "Recall", "F1"],
        rows,
    )


def _families(card: dict[str, Any]) -> str:
    rows = []
    for each in card["families"]:
        name = f"**{each['family']}**" if each["champion"] else each["family"]
        trial, held = each["crossValidation"], each["holdOut"]
        rows.append(
            [
                name,
                *(figure_text(trial[k]) for k in ("logLoss", "rocAuc")),
                *(figure_text(held[k]) for k in ("logLoss", "rocAuc", "accuracy", "f1")),
            ]
        )
    head = ["Family", "CV log loss", "CV AUC", "Hold-out log loss", "Hold-out AUC", "Accuracy", "F1"]
    parameters = ", ".join(f"{name} {value}" for name, value in card["training"]["parameters"].items())
    rounds = f", {card['training']['rounds']} rounds" if card["training"]["rounds"] else ""
    note = f"Chosen by cross-validated {card['training']['metric']}; of those equal within noise, the cheapest to serve. Parameters: {plain_text(parameters)}{rounds}."
    if card["training"]["searchRows"] < card["data"]["rows"] - card["training"]["holdOut"]["rows"]:
        note += f" Searched on a stratified sample of {card['training']['searchRows']:,} rows; the best were cross-validated on all. The hold-out figures here are of models of that sample."
    return f"{table(head, rows)}\n\n{note}"


def _imbalance(resampling: dict[str, Any]) -> str:
    told = f"The rarest class has {resampling['minorityShare']:.1%} of the rows. {plain_text(resampling['rule'])}."
    if len(resampling["logLoss"]) == 1:
        return told + " Nothing had to be tried."
    rows = []
    for name, loss in resampling["logLoss"].items():
        gain = resampling["gain"].get(name)
        rows.append(
            (
                name,
                figure_text(loss),
                f"{gain['logLoss']:+.4f} ± {gain['standardError']:.4f}" if gain else NOT_AVAILABLE,
            )
        )
    return f"{told}\n\n{table(('Tried', 'Out-of-fold log loss, calibrated', 'Gain ± standard error'), rows)}\n\nKept: **{resampling['chosen']}**."


def _time_features(found: dict[str, Any] | None) -> list[str]:
    if found is None:
        return []
    names = ", ".join(plain_text(name) for name in found["inputs"])
    rule = (
        "Kept if models of the earlier leads predict the later ones better with it, by more than one standard error between the periods; where that is "
        "neither better nor worse beyond chance, if leads of the same months are predicted better out of fold. Measured without the hold-out."
    )
    verdict = "Kept" if found["kept"] else "Left out"
    return [
        "## Features that tell the time",
        f"{verdict}: **{names}** ({plain_text(found['told'])}). {rule}",
    ]


def _tiers(card: dict[str, Any]) -> str:
    rows = []
    for tier in card["tiers"]:
        limit = NOT_AVAILABLE if tier["minimumProbability"] is None else f"{tier['minimumProbability']:.4g}"
        if "class" in tier and tier["minimumProbability"] is not None:
            limit = f"P({plain_text(tier['class'])}) ≥ {limit}"
        held = tier["holdOut"]
        row = [
            plain_text(tier["name"]),
            limit,
            plain_text(tier["action"]),
            share_text(tier["expectedShareOfLeads"]),
            share_text(tier["expectedConversion"]),
            within_text(held, "conversionRate", share_text),
            within_text(held, "lift", factor_text),
            within_text(held, "shareOfConversions", share_text),
        ]
        if "class" in tier:
            row += [
                within_text(held, "recallOfClass", share_text),
                within_text(held, "precisionOfClass", share_text),
            ]
        rows.append(row)
    head = [
        "Tier",
        "From",
        "Action",
        "Expected share of leads",
        "Expected conversion",
        "Hold-out conversion",
        "Lift",
        "Share of conversions",
    ]
    if any("class" in tier for tier in card["tiers"]):
        head += ["Recall of its class", "Precision of its class"]
    notes = "; ".join(plain_text(note) for note in card["tierNotes"])
    return f"Limits: {notes}. In brackets: 95 % intervals.\n\n{table(head, rows)}"


def _moments(card: dict[str, Any]) -> str:
    rows = []
    for each in card["moments"]:
        name = f"**{each['moment']}**" if each["moment"] == card["moment"] else each["moment"]
        if "metrics" in each:
            rows.append(
                [
                    name,
                    str(each["fields"]),
                    *(figure_text(each["metrics"][k]) for k in ("rocAuc", "logLoss", "accuracy")),
                ]
            )
        else:
            rows.append([name, str(each["fields"]), plain_text(each["failed"]), NOT_AVAILABLE, NOT_AVAILABLE])
    note = (
        "The same family and parameters with the fields that are known by each moment, on the same hold-out. Fields of after-contact may "
        "be filled in because of the outcome: a gain from them is not one that a new lead can have."
    )
    if len(rows) == 1:
        note = "No field of this spec is known at another moment."
    return f"{table(['Known by', 'Features', 'ROC-AUC', 'Log loss', 'Accuracy'], rows)}\n\n{note}"
