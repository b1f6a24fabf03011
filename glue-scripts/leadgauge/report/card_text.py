"""card.md: the model card for reading. Texts of the spec and the data are escaped, since they may be hostile."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

_NONE = "n/a"
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
                (_TITLES[k], _figure(v["value"]), f"{_figure(v['low'])} to {_figure(v['high'])}")
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
        _calibration(card["calibration"]),
        "## Tiers",
        _tiers(card),
        "## With and without the later fields",
        _moments(card),
        "## What moves the score",
        f"Contributions are to the raw output ({card['contributionUnit']}).",
        table(
            ("Field", "Mean absolute contribution"),
            [
                (plain_text(each["label"]), _figure(each["meanAbsoluteContribution"]))
                for each in card["topFields"]
            ],
        ),
        "## Limits",
        "\n".join(f"- {plain_text(limit)}" for limit in card["limits"]),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def plain_text(value: Any) -> str:
    """Plain text inside Markdown: no markup, no HTML, one line."""
    line = " ".join(str(value).split())
    return re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", line)


def _figure(value: float | None) -> str:
    return _NONE if value is None else f"{value:.4f}"


def _share(value: float | None) -> str:
    return _NONE if value is None else f"{value:.1%}"


def _factor(value: float | None) -> str:
    return _NONE if value is None else f"{value:.2f}"


def _within(figures: dict[str, Any], name: str, written: Callable[[float | None], str]) -> str:
    """A figure with its interval in brackets."""
    low, high = figures["intervals"][name]
    own = written(figures[name])
    return own if figures[name] is None else f"{own} ({written(low)} to {written(high)})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


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
                *(_within(own, figure, _figure) for figure in ("precision", "recall", "f1")),
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
                *(_figure(trial[k]) for k in ("logLoss", "rocAuc")),
                *(_figure(held[k]) for k in ("logLoss", "rocAuc", "accuracy", "f1")),
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
            (name, _figure(loss), f"{gain['logLoss']:+.4f} ± {gain['standardError']:.4f}" if gain else _NONE)
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


_CRITERIA = {
    "slope": "Slope",
    "meanDifference": "Mean probability less rate",
    "expectedCalibrationErrorDifference": "Calibration error less that before calibration",
}
_VERDICTS = {
    "met": "met",
    "missed-within-chance": "missed, by no more than chance may explain",
    "missed": "**missed**",
    "undefined": "cannot be told from these rows",
}


def _calibration(calibration: dict[str, Any]) -> str:
    held = calibration["holdOut"]
    rows = [
        (
            plain_text(name),
            *(_within(each, figure, _figure) for figure in ("slope", "intercept", "meanProbability", "rate")),
        )
        for name, each in held["byClass"].items()
    ]
    criteria = [
        (
            _CRITERIA[each["figure"]] + (f" ({plain_text(each['class'])})" if "class" in each else ""),
            _limits(each["atLeast"], each["atMost"]),
            _figure(each["value"]),
            _NONE if each["value"] is None else f"{_figure(each['low'])} to {_figure(each['high'])}",
            _VERDICTS[each["verdict"]],
        )
        for each in held["criteria"]
    ]
    return "\n\n".join(
        [
            f"Served: {_correction(calibration['served'])}, fitted on out-of-fold raw outputs of all rows. The hold-out figures rest on "
            f"{_correction(held['applied'])}: what the same procedure fitted without the hold-out.",
            table(("Class", "Slope", "Intercept", "Mean probability", "Rate"), rows),
            f"Expected calibration error on the hold-out: {_figure(held['expectedCalibrationError'])}; before calibration "
            f"{_figure(held['expectedCalibrationErrorUncalibrated'])}.",
            table(("Criterion", "Allowed", "Hold-out", "95 % interval", "Verdict"), criteria),
            *([_drift(calibration["drift"])] if "drift" in calibration else []),
        ]
    )


def _drift(drift: dict[str, Any]) -> str:
    rows = [
        (
            f"{each['from'][:10]} to {each['to'][:10]}",
            f"{each['rows']:,}",
            *(_figure(each[k]) for k in ("meanProbability", "rate", "slope")),
        )
        for each in drift["slices"]
    ]
    slope, intercept = drift["correction"]["slope"], drift["correction"]["intercept"]
    steady = (
        f"The mean probability was off by {drift['meanError']:.4f} (root mean square of the periods), in no steady direction, so nothing is corrected for it: "
        "expect as much on the next leads."
        if slope == 1 and intercept == 0
        else f"The drift is steady; what is served follows it (log-odds times {slope:.4g}, plus {intercept:+.4g}), for leads that come after these."
    )
    return (
        "Drift: models fitted on all leads before each period, asked about the leads of that period.\n\n"
        f"{table(('Period', 'Leads', 'Mean probability', 'Rate', 'Slope'), rows)}\n\n{steady}"
    )


def _correction(calibration: dict[str, Any]) -> str:
    """A calibration in words; one that changes nothing is told as such."""
    if calibration["method"] == "isotonic":
        return f"isotonic regression ({calibration['margins']} knots)"
    if calibration["method"] == "temperature":
        return (
            "no correction (temperature 1)"
            if calibration["temperature"] == 1
            else f"temperature {calibration['temperature']:.4g}"
        )
    if calibration["slope"] == 1 and calibration["intercept"] == 0:
        return "no correction (slope 1, intercept 0)"
    return f"Platt scaling (slope {calibration['slope']:.4g}, intercept {calibration['intercept']:.4g})"


def _limits(at_least: float | None, at_most: float | None) -> str:
    if at_least is None:
        return f"at most {at_most:g}"
    return f"{at_least:g} to {at_most:g}"


def _tiers(card: dict[str, Any]) -> str:
    rows = []
    for tier in card["tiers"]:
        limit = _NONE if tier["minimumProbability"] is None else f"{tier['minimumProbability']:.4g}"
        if "class" in tier and tier["minimumProbability"] is not None:
            limit = f"P({plain_text(tier['class'])}) ≥ {limit}"
        held = tier["holdOut"]
        row = [
            plain_text(tier["name"]),
            limit,
            plain_text(tier["action"]),
            _share(tier["expectedShareOfLeads"]),
            _share(tier["expectedConversion"]),
            _within(held, "conversionRate", _share),
            _within(held, "lift", _factor),
            _within(held, "shareOfConversions", _share),
        ]
        if "class" in tier:
            row += [_within(held, "recallOfClass", _share), _within(held, "precisionOfClass", _share)]
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
                    *(_figure(each["metrics"][k]) for k in ("rocAuc", "logLoss", "accuracy")),
                ]
            )
        else:
            rows.append([name, str(each["fields"]), plain_text(each["failed"]), _NONE, _NONE])
    note = (
        "The same family and parameters with the fields that are known by each moment, on the same hold-out. Fields of after-contact may "
        "be filled in because of the outcome: a gain from them is not one that a new lead can have."
    )
    if len(rows) == 1:
        note = "No field of this spec is known at another moment."
    return f"{table(['Known by', 'Features', 'ROC-AUC', 'Log loss', 'Accuracy'], rows)}\n\n{note}"
