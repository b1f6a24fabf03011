"""An imported model's package: calibration, reference margins, profile, golden rows, card."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass
from importlib.metadata import version as library_version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from leadgauge.features.columns import category_texts
from leadgauge.importing.card import card_markdown, import_card
from leadgauge.importing.columns import ColumnError, bind_columns, moment_of
from leadgauge.importing.origin import Origin
from leadgauge.lead import ParsedLeads, parse_lead_records
from leadgauge.package.calibration import log_sigmoid
from leadgauge.package.evaluate import evaluate
from leadgauge.package.golden import build_golden
from leadgauge.package.predictor import PROBABILITY_FAMILIES
from leadgauge.package.profile import build_profile
from leadgauge.package.sample_leads import LeadSampler
from leadgauge.package.scorer import model_inputs
from leadgauge.package.serving import build_serving
from leadgauge.package.write import now, package_files, version_of, write_package
from leadgauge.spec import Spec
from leadgauge.training.calibrate import fit_calibration, uncalibrated
from leadgauge.training.data import LeadData

Doubles = npt.NDArray[np.float64]
SAMPLED_LEADS = 4_000
# The links of a softmax: its probabilities, or the class that is first by them.
_SOFTMAX = ("softmax", "first-greatest")
_LIBRARIES = ("numpy", "pandas", "scikit-learn")


class ImportingError(Exception):
    """A model that makes no package of this spec; the text says why and what to do."""


@dataclass(frozen=True)
class ImportedModel:
    version: str
    card: dict[str, Any]


def import_model(
    spec: Spec,
    document: dict[str, Any],
    data: LeadData | None,
    origin: Origin,
    folder: Path,
    *,
    feature_names: list[str] | None,
) -> ImportedModel:
    """Writes the whole package into a folder.

    `document`: what `read_predictor` gives. `data`: labelled leads to calibrate with; None leaves the model's own
    probabilities, and its percentiles and profile to leads that are made up from the spec. Raises ImportingError or ColumnError.
    """
    predictor = _predictor_of(document, spec)
    no_contributions = _without_contributions(document, predictor)
    columns = _columns(spec, document, data, feature_names)
    _drop_unknown_codes(predictor, columns)
    leads = _made_up_leads(spec, columns, origin.seed) if data is None else data.leads
    inputs = model_inputs({"columns": columns}, leads)
    if predictor["kind"] == "linear" and predictor.get("precision") != "float32":
        _refuse_missing_values(spec, columns)
    margins = evaluate(predictor, inputs)
    # Serving rejects the others.
    finite = np.asarray(np.isfinite(margins).all(axis=1), dtype=bool)
    if not finite.any():
        raise ImportingError(
            "the model's margin is a finite number for none of the leads: its leaves or weights are too large"
        )
    leads, inputs, margins = leads.take(finite), inputs[finite], margins[finite]
    if data is not None:
        data = data.keeping(finite, "so large a value that the model cannot compute with it")
    calibration, unit = _calibration(document, spec, margins, data, origin.seed)
    labels = np.full(len(inputs), -1, dtype=np.int64) if data is None else data.rows.labels
    moment = moment_of(spec, columns)
    serving = build_serving(
        spec,
        family=document["family"],
        moment=moment,
        columns=columns,
        predictor=predictor,
        calibration=calibration,
        reference_margins=margins,
        inputs=inputs,
        no_contributions=no_contributions,
    )
    serving["explanation"]["unit"] = unit
    profile = build_profile(leads, labels, serving, margins)
    golden = build_golden(spec, serving, profile, seed=origin.seed)
    files = package_files(spec, serving, profile, golden)
    version = version_of(files)
    card = import_card(spec, document, serving, origin, data, leads, labels, margins, version, now())
    (folder / "card.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "card.md").write_text(card_markdown(card), encoding="utf-8")
    write_package(folder, files, _manifest(spec, serving, card, origin, data))
    return ImportedModel(version, card)


def _predictor_of(document: dict[str, Any], spec: Spec) -> dict[str, Any]:
    predictor: dict[str, Any] = document["predictor"]
    classes = len(spec.class_names)
    outputs, needed = predictor["outputs"], 1 if classes == 2 else classes
    if outputs == classes == 2:
        _refuse_two_outputs(document, spec)
        predictor["difference"] = True
    elif outputs != needed:
        raise ImportingError(
            f"the model has {outputs} outputs, but {spec.name} needs {needed} for its {classes} classes"
        )
    if predictor["kind"] == "trees":
        if len(predictor["treeStart"]) == 1:
            raise ImportingError("the model has no tree")
        _refuse_odd_leaves(predictor)
        if not predictor.get("baseLast", False):
            predictor.pop("baseLast", None)
        if predictor.get("listedGo") == "left":
            predictor.pop("listedGo")
    return predictor


def _refuse_odd_leaves(predictor: dict[str, Any]) -> None:
    linear = predictor.get("linearLeaves", {})
    leaves = (predictor["value"], *(linear[key] for key in ("constant", "coefficient") if key in linear))
    if not all(np.isfinite(numbers).all() for numbers in leaves):
        raise ImportingError(
            "a leaf of the model is not a finite number: no lead that reaches it would have a score. Train it again, with more "
            "regularisation (linear_lambda, lambda) or without the rows that make it so"
        )


def _refuse_two_outputs(document: dict[str, Any], spec: Spec) -> None:
    """Of two outputs a binary model takes those of a softmax, whose difference is the log-odds."""
    objective = document["objective"]
    if objective == "multiclassova":
        raise ImportingError(
            "the objective multiclassova of two classes gives each a sigmoid of its own, and the quotient of the two is no function "
            "of one margin; train it with binary, or with multiclass"
        )
    if document["link"]["name"] not in _SOFTMAX:
        raise ImportingError(
            f"the objective {objective} gives two outputs that are no probabilities of {spec.name}'s classes; train it with one "
            "output, or with a softmax"
        )


def _without_contributions(document: dict[str, Any], predictor: dict[str, Any]) -> str | None:
    """Why the model has no contributions, and then the predictor is left without cover; None: it has."""
    reason: str | None = document.get("noContributions")
    if predictor["kind"] == "trees":
        start, cover = predictor["treeStart"], predictor["cover"]
        is_leaf = np.diff(start) == 1
        cover[start[:-1][is_leaf]] = 1  # of a tree that asks nothing it does not matter
        if not (cover[start[:-1]] > 0).all():
            reason = reason or "no training weight reached one of its trees, by which splits would be weighed"
        if reason is not None:
            del predictor["cover"]
    return reason


def _columns(
    spec: Spec, document: dict[str, Any], data: LeadData | None, feature_names: list[str] | None
) -> list[dict[str, Any]]:
    features = document["features"]
    names = document["featureNames"] if feature_names is None else feature_names
    if names is None:
        raise ColumnError(
            "the model file does not name its features; write one name a line into a file and add --features FILE"
        )
    if len(names) != features:
        raise ColumnError(f"--features holds {len(names)} names; the model has {features} features")
    predictor = document["predictor"]
    sets = predictor.get("categorySet")
    by_sets = set() if sets is None else set(predictor["feature"][sets >= 0].tolist())

    def seen(field: str) -> list[str]:
        if data is None:
            return []
        texts = category_texts(spec, data.rows.values, field)
        return sorted({str(text) for text in texts if text is not None})

    return bind_columns(
        spec,
        names,
        is_categorical=[position in by_sets for position in range(features)],
        categories=document["categories"] or [None] * features,
        mangles_spaces=document["family"] == "lightgbm" and feature_names is None,
        seen=seen,
    )


def _refuse_missing_values(spec: Spec, columns: list[dict[str, Any]]) -> None:
    always_there = {field.name for field in spec.fields if field.required or field.missing_as is not None}
    missing = [
        column["name"]
        for column in columns
        if column["op"] == "number" and column["input"] not in always_there
    ]
    if missing:
        raise ImportingError(
            f"a linear model takes no missing value, but these can be missing: {', '.join(missing[:10])}; "
            'say "required" or "missingAs" for them in the spec'
        )


def _drop_unknown_codes(predictor: dict[str, Any], columns: list[dict[str, Any]]) -> None:
    """Sets hold codes of their column only: no lead has another one."""
    if "categorySet" not in predictor:
        return
    sets: list[list[int]] = []
    marks = predictor["categorySet"].copy()
    index_of: dict[tuple[int, ...], int] = {}
    for node in np.flatnonzero(marks >= 0):
        count = len(columns[int(predictor["feature"][node])]["known"])
        codes = tuple(int(code) for code in predictor["categorySets"][marks[node]] if code < count)
        marks[node] = index_of.setdefault(codes, len(index_of))
        if len(sets) < len(index_of):
            sets.append(list(codes))
    predictor["categorySet"], predictor["categorySets"] = marks, sets


def _made_up_leads(spec: Spec, columns: list[dict[str, Any]], seed: int) -> ParsedLeads:
    """Leads that the spec accepts, drawn from it alone, with the categories that the model knows."""
    known: dict[str, dict[str, int]] = {}
    for column in columns:
        for category in column.get("known", [column["category"]] if "category" in column else []):
            known.setdefault(column["input"], {})[category] = 1
    fields = {name: {"counts": counts} for name, counts in known.items()}
    sampler = LeadSampler(spec, {"fields": fields}, {}, np.random.default_rng([seed, 1]))
    leads = parse_lead_records(spec, [sampler.lead() for _ in range(SAMPLED_LEADS)])
    if not leads.accepted.any():
        raise ImportingError("no lead that can be made up from the spec is accepted by it; add --data")
    return leads.take(leads.accepted)


def _calibration(
    document: dict[str, Any], spec: Spec, margins: Doubles, data: LeadData | None, seed: int
) -> tuple[dict[str, Any], str]:
    """The calibration and the unit of margins: the model's own probabilities, or a fit on labelled leads."""
    outputs = margins.shape[1]
    if document["objective"] == "multiclassova":
        return _one_vs_rest(float(document["link"]["slope"]), margins, data, seed), "margin"
    slope = _own_slope(document)
    kind = "probability" if _gives_shares(document) else "margin"
    if slope is None:
        if data is None or outputs > 1:
            how = (
                "add --data with labelled leads to calibrate it"
                if outputs == 1
                else "train it with a softmax or one against the rest"
            )
            raise ImportingError(
                f"the objective {document['objective']} gives no probabilities of {spec.name}'s classes; {how}"
            )
        slope, unit = 1.0, "margin"
    elif kind == "probability":
        unit = "probability"
    else:
        unit = "log-odds" if outputs == 1 and slope == 1 else "margin"
    calibration = (
        uncalibrated(outputs, kind)
        if data is None
        else fit_calibration(margins * slope, data.rows.labels, input_kind=kind, seed=seed)
    )
    if calibration["method"] == "platt":
        calibration["slope"] *= slope
    elif calibration["method"] == "isotonic":
        calibration["margins"] = [margin / slope for margin in calibration["margins"]]
    else:
        calibration["temperature"] /= slope
    return calibration, unit


def _one_vs_rest(slope: float, margins: Doubles, data: LeadData | None, seed: int) -> dict[str, Any]:
    """LightGBM gives each class a probability of its own; here they are divided by their sum, as scikit-learn does."""
    calibration = (
        uncalibrated(margins.shape[1], "margin")
        if data is None
        else fit_calibration(log_sigmoid(slope * margins), data.rows.labels, input_kind="margin", seed=seed)
    )
    return calibration | {"input": "one-vs-rest", "slope": slope}


def _own_slope(document: dict[str, Any]) -> float | None:
    """What the margins are multiplied by before the sigmoid or softmax that the model was trained with; None: neither."""
    link, objective = document["link"], document["objective"]
    if _gives_shares(document) or objective == "binary:logitraw":
        return 1.0
    wanted = ("sigmoid",) if document["predictor"]["outputs"] == 1 else _SOFTMAX
    return float(link["slope"]) if link["name"] in wanted else None


def _gives_shares(document: dict[str, Any]) -> bool:
    """Are the margins probabilities of the classes?"""
    return document["family"] in PROBABILITY_FAMILIES and document["objective"] != "regression"


def _manifest(
    spec: Spec, serving: dict[str, Any], card: dict[str, Any], origin: Origin, data: LeadData | None
) -> dict[str, Any]:
    if data is None:
        described: dict[str, Any] = {"sha256": None, "rows": 0, "columns": 0}
    else:
        described = {"sha256": data.sha256, "rows": len(data.rows), "columns": data.columns}
        if spec.target.kind == "binary":
            described["positives"] = list(data.class_counts(spec).values())[1]
    return {
        "model": spec.name,
        "createdAt": card["createdAt"],
        "family": serving["family"],
        "task": spec.target.kind,
        "moment": serving["moment"],
        "data": described,
        "imported": card["imported"],
        "libraries": {
            "python": platform.python_version(),
            **{name: library_version(name) for name in _LIBRARIES},
        },
        "seed": origin.seed,
        "threads": 1,
        "parent": None,
        "metrics": {name: each["value"] for name, each in card["metrics"].items()},
        "metricsNote": card["metricsNote"],
    }
