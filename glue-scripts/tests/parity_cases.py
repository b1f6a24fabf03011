"""Writes a model package and leads with the answers that serving must give, for the parity test of the other
language.

    parity_cases.py --spec FILE --family FAMILY|all --out DIR --seed N [--rows N] [--data FILE]

DIR/package is the package, DIR/cases.jsonl one case a line in the form of golden rows, with margins of the
library that
trained the model (with `--family all`: DIR/FAMILY/package and so on). The model is small and trained on made-
up leads
with some signal, or on FILE. Half of the one-hot categories become native ones where the library has such
splits.
"""

import argparse
import copy
import json
import sys
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import numpy.typing as npt
import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from leadgauge.features import FeatureEncoder
from leadgauge.lead import ParsedLeads, parse_lead_records, parse_leads, read_target
from leadgauge.package.build import build_package
from leadgauge.package.evaluate import evaluate
from leadgauge.package.predictor import PROBABILITY_FAMILIES, native_margins
from leadgauge.package.sample_leads import LeadSampler, threshold_values
from leadgauge.package.scorer import model_inputs, score_rows
from leadgauge.package.write import write_package
from leadgauge.spec import FAMILIES, MOMENTS, Spec
from leadgauge.spec_reader import load_spec, parse_spec
from leadgauge.table import read_table

NATIVE = ("hist-gradient-boosting", "xgboost", "lightgbm")
TRAINING_ROWS = 1_000
GOLDEN_ROWS = 100  # the cases are the test; fewer golden rows keep it quick


def estimator_of(family: str, encoder: FeatureEncoder, seed: int) -> Any:
    """A small estimator that still uses what the family can do: native splits, several threads, missing
    values.
    """
    codes = encoder.categorical_columns_
    kinds = ["c" if position in codes else "q" for position in range(len(encoder.columns_))]
    makers: dict[str, Callable[[], Any]] = {
        "logistic-regression": lambda: LogisticRegression(C=0.5, max_iter=300),
        "decision-tree": lambda: DecisionTreeClassifier(max_depth=7, min_samples_leaf=5, random_state=seed),
        "random-forest": lambda: RandomForestClassifier(25, max_depth=8, min_samples_leaf=3, random_state=seed),
        "gradient-boosting": lambda: GradientBoostingClassifier(
            n_estimators=25, max_depth=4, subsample=0.8, random_state=seed
        ),
        "hist-gradient-boosting": lambda: HistGradientBoostingClassifier(
            max_iter=25, max_leaf_nodes=15, categorical_features=codes or None, random_state=seed
        ),
        "xgboost": lambda: XGBClassifier(
            n_estimators=25, max_depth=5, n_jobs=1, enable_categorical=True, feature_types=kinds,
            max_cat_to_onehot=2,
            random_state=seed,
        ),
        "lightgbm": lambda: LGBMClassifier(
            n_estimators=25, num_leaves=15, min_child_samples=10, n_jobs=1, verbose=-1, random_state=seed,
            min_data_per_group=10, cat_smooth=1.0,
        ),
    }  # fmt: skip
    return makers[family]()


def with_native_categories(spec: Spec) -> Spec:
    """The spec with every second one-hot category as a native one."""
    document = copy.deepcopy(spec.document)
    categories = {field.name for field in spec.fields if field.type == "category"}
    taken = 0
    for feature in document["features"]:
        if feature["encode"] == "one-hot" and feature["input"] in categories:
            taken += 1
            if taken % 2:
                feature["encode"] = "native"
    return parse_spec(json.dumps(document))


@cache
def made_up_leads(document: str, seed: int) -> tuple[ParsedLeads, npt.NDArray[np.int64]]:
    """Leads that can be used, and labels that depend on their values; the same for every family of a spec."""
    spec = parse_spec(document)
    sampler = LeadSampler(spec, {"fields": {}}, {}, np.random.default_rng(seed))
    leads = accepted_only(parse_lead_records(spec, [sampler.lead() for _ in range(TRAINING_ROWS)]))
    random = np.random.default_rng(seed + 1)
    signal = np.zeros(len(leads.values))
    for name in leads.values.columns:
        column = leads.values[name]
        if column.dtype == object:
            # crc32 and not hash(), which differs from one process to the next
            effect = column.map(
                lambda text: zlib.crc32(f"{seed} {text}".encode()) % 1000 / 500 - 1, na_action=None
            )
            signal += effect.to_numpy(dtype=np.float64) * random.uniform(0, 1)
        else:
            ranks = column.rank(pct=True).fillna(0.3).to_numpy()
            signal += (ranks - 0.5) * random.uniform(-2, 2)
    signal += random.normal(0, signal.std() * 0.7, len(signal))
    classes = len(spec.target.classes)
    return leads, np.searchsorted(np.quantile(signal, np.linspace(0, 1, classes + 1)[1:-1]), signal).astype(
        np.int64
    )


def accepted_only(leads: ParsedLeads, also: npt.NDArray[np.bool_] | None = None) -> ParsedLeads:
    """The leads without an error."""
    return leads.take(leads.accepted if also is None else leads.accepted & also)


def calibration_of(spec: Spec, family: str) -> dict[str, Any]:
    """Made-up parameters: the fit is not what is tested."""
    kind = "probability" if family in PROBABILITY_FAMILIES else "margin"
    if spec.target.kind == "ordered":
        return {"method": "temperature", "input": kind, "temperature": 1.3}
    if family == "gradient-boosting":
        return {
            "method": "isotonic",
            "margins": [-3.0, -0.7, 0.1, 2.5],
            "probabilities": [0.02, 0.2, 0.2, 0.97],
        }
    return {"method": "platt", "input": kind, "slope": 1.1, "intercept": -0.2}


def raw_cases(
    spec: Spec,
    serving: dict[str, Any],
    profile: dict[str, Any],
    table: pd.DataFrame | None,
    rows: int,
    seed: int,
) -> list[dict[str, Any]]:
    """Made-up leads, some with broken Unicode or far too long a text, and rows of the file with a cell of a made-up lead here and
    there.
    """
    random = np.random.default_rng(seed + 2)
    sampler = LeadSampler(spec, profile, threshold_values(spec, serving), random)
    leads = [sampler.lead() for _ in range(rows)]
    for lead in leads[: rows // 50]:
        lead[str(random.choice(list(lead) or ["x"]))] = str(
            random.choice(["half a pair \ud83d", "x" * 33_000])
        )
    if table is not None:
        for row in random.choice(len(table), min(rows, len(table)), replace=False):
            lead = {str(key): value for key, value in table.iloc[int(row)].to_dict().items()}
            if random.random() < 0.5:
                lead |= dict(list(sampler.lead().items())[: int(random.integers(1, 6))])
            leads.append(lead)
    return leads


def write_cases(
    spec: Spec, family: str, folder: Path, seed: int, rows: int, table: pd.DataFrame | None
) -> None:
    """One package and its cases."""
    if family in NATIVE:
        spec = with_native_categories(spec)
    if table is None:
        leads, labels = made_up_leads(json.dumps(spec.document), seed)
    else:
        parsed, indices = parse_leads(spec, table), read_target(spec, table)
        keep = (indices >= 0) & (np.random.default_rng(seed).permutation(len(indices)) < 4 * TRAINING_ROWS)
        leads, labels = accepted_only(parsed, keep), indices[parsed.accepted & keep]
    encoder = FeatureEncoder(
        spec,
        MOMENTS[seed % 3] if table is not None else "after-contact",
        accepts_missing=family not in ("logistic-regression", "gradient-boosting"),
        scales=family == "logistic-regression",
        native_categories=family in NATIVE,
    )
    inputs = encoder.fit_transform(leads.values)
    estimator = estimator_of(family, encoder, seed)
    extra = {"categorical_feature": encoder.categorical_columns_} if family == "lightgbm" else {}
    estimator.fit(inputs, labels, **extra)
    content = build_package(
        spec,
        family=family,
        estimator=estimator,
        encoder=encoder,
        leads=leads,
        labels=labels,
        calibration=calibration_of(spec, family),
        reference_margins=native_margins(family, estimator, inputs),
        seed=seed,
        golden_rows=GOLDEN_ROWS,
    )
    write_package(
        folder / "package",
        content.files,
        {
            "model": spec.name, "createdAt": "2026-01-01T00:00:00Z", "family": family, "task": spec.target.kind,
            "moment": encoder.moment, "data": {"sha256": "0" * 64, "rows": len(labels), "columns": len(spec.fields)},
            "libraries": {}, "seed": seed, "threads": 1, "parent": None, "metrics": {}, "metricsNote": "a test",
        },
    )  # fmt: skip
    raw = raw_cases(spec, content.serving, content.profile, table, rows, seed)
    cases = parse_lead_records(spec, raw)
    answers = score_rows(
        content.serving, cases, margins_of_library(family, estimator, content.serving, cases)
    )
    with (folder / "cases.jsonl").open("w", encoding="utf-8") as file:
        for lead, answer in zip(raw, answers, strict=True):
            # Escaped, because a lone surrogate has no UTF-8.
            file.write(json.dumps({"lead": lead, **answer}, ensure_ascii=True, allow_nan=False) + "\n")


def margins_of_library(
    family: str, estimator: Any, serving: dict[str, Any], cases: ParsedLeads
) -> npt.NDArray[np.float64]:
    """The library's margins; the evaluator's only for rejected leads and numbers beyond float32, which
    libraries refuse.
    """
    inputs = model_inputs(serving, cases)
    margins = evaluate(serving["predictor"], inputs)
    usable = cases.accepted & ~(np.abs(inputs) > float(np.finfo(np.float32).max)).any(axis=1)
    native = native_margins(family, estimator, inputs[usable])
    if serving["predictor"]["kind"] == "linear":
        # BLAS adds up in another order: the last digits differ, and with them the side of a cut that is a lead's margin.
        np.testing.assert_allclose(margins[usable], native, rtol=1e-12, atol=1e-12)
    else:
        margins[usable] = native
    return margins


def main() -> None:
    """Command line; see the module's text."""
    parser = argparse.ArgumentParser(description="Leads with expected answers for the parity test")
    parser.add_argument("--spec", type=Path, required=True)
    parser.add_argument("--family", choices=[*FAMILIES, "all"], required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--rows", type=int, default=400)
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    spec = load_spec(arguments.spec)
    table = None
    if arguments.data is not None:
        table = read_table(arguments.data)
    for family in FAMILIES if arguments.family == "all" else [arguments.family]:
        folder = arguments.out / family if arguments.family == "all" else arguments.out
        folder.mkdir(parents=True, exist_ok=True)
        write_cases(spec, family, folder, arguments.seed, arguments.rows, table)


if __name__ == "__main__":
    main()
