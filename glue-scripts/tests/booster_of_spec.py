"""Trains a model on made-up leads of a spec, with features named as `leadgauge import` wants them, and saves its file.

booster_of_spec.py --spec NAME|FILE.json --library LIBRARY --out FILE --data LEADS.csv --answers FILE.json

The answers are the library's own: `[{ "lead": raw cells, "margin": one an output, "probability": one of the event, or one a class }]`.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import xgboost as xgb
from sklearn.linear_model import LogisticRegression

from leadgauge.features import FeatureEncoder
from leadgauge.generate.table import generate_table, write_table
from leadgauge.lead import parse_leads, read_target
from leadgauge.package.predictor_file import write_predictor
from leadgauge.spec_reader import load_spec

Floats = npt.NDArray[np.float64]
Answers = tuple[Floats, Floats]

ROWS = 3_000
ANSWERS = 200


def boost_xgboost(
    inputs: Floats, labels: Any, names: list[str], classes: int, out: str, **options: Any
) -> Answers:
    several = {"objective": "multi:softprob", "num_class": classes}
    parameters = {"nthread": 1, **(several if classes > 2 else {"objective": "binary:logistic"}), **options}
    if options.get("objective") == "multi:softprob":
        parameters["num_class"] = classes
    data = xgb.DMatrix(inputs, labels, feature_names=names)
    booster = xgb.train(parameters, data, num_boost_round=20)
    booster.save_model(out)
    return booster.predict(data, output_margin=True), booster.predict(data)


def boost_lightgbm(
    inputs: Floats, labels: Any, names: list[str], classes: int, out: str, *, several: str, **options: Any
) -> Answers:
    parameters = {
        "objective": several, "num_class": classes, "num_leaves": 15, "num_threads": 1, "verbose": -1, "sigmoid": 1.5, **options,
    }  # fmt: skip
    booster = lgb.train(parameters, lgb.Dataset(inputs, labels, feature_name=names), 20)
    booster.save_model(out)
    probabilities = np.asarray(booster.predict(inputs), dtype=np.float64)
    # LightGBM leaves them as they are; as scikit-learn does, they are made to add up.
    if several == "multiclassova":
        probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
    return np.asarray(booster.predict(inputs, raw_score=True), dtype=np.float64), probabilities


def fit_logistic(inputs: Floats, labels: Any, names: list[str], classes: int, out: str) -> Answers:
    # On tenths, so that the solver comes to an end without scaling.
    estimator = LogisticRegression(max_iter=5_000).fit(inputs, labels)
    write_predictor(estimator, out, feature_names=names)
    probabilities = estimator.predict_proba(inputs)
    return estimator.decision_function(inputs), probabilities if classes > 2 else probabilities[:, 1]


LIBRARIES: dict[str, Callable[..., Answers]] = {
    "xgboost": lambda *args: boost_xgboost(*args, max_depth=4),
    "gblinear": lambda *args: boost_xgboost(
        *args, booster="gblinear", updater="coord_descent", feature_selector="cyclic"
    ),
    "lightgbm": lambda *args: boost_lightgbm(*args, several="multiclass"),
    "one-vs-rest": lambda *args: boost_lightgbm(*args, several="multiclassova"),
    "xgboost-softmax": lambda *args: boost_xgboost(*args, objective="multi:softprob"),
    "linear-leaves": lambda *args: boost_lightgbm(
        *args, several="multiclass", linear_tree=True, linear_lambda=0.1
    ),
    "logistic": fit_logistic,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--spec", required=True)
    parser.add_argument("--library", required=True, choices=LIBRARIES)
    parser.add_argument("--out", required=True)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--answers", required=True, type=Path)
    arguments = parser.parse_args()
    is_file = arguments.spec.endswith(".json")
    spec = load_spec(
        Path(arguments.spec) if is_file else Path(__file__).parents[2] / "specs" / f"{arguments.spec}.json"
    )
    table = generate_table(spec.name, ROWS, seed=8)
    write_table(spec.name, table, arguments.data)
    leads, labels = parse_leads(spec, table), np.asarray(read_target(spec, table))
    encoder = FeatureEncoder(spec, "engagement").fit(leads.values)
    inputs = encoder.transform(leads.values)
    names = [column["name"] for column in encoder.columns_]
    margins, probabilities = LIBRARIES[arguments.library](
        inputs, labels, names, len(spec.class_names), arguments.out
    )
    if len(spec.class_names) == 2 and margins.ndim == 2:  # a softmax of two classes: its log-odds
        margins, probabilities = margins[:, 1].astype(np.float64) - margins[:, 0], probabilities[:, 1]
    rows = np.flatnonzero(leads.accepted)[:ANSWERS]
    answers = [
        {
            "lead": table.iloc[row].to_dict(),
            "margin": [float(each) for each in np.ravel(margins[row])],
            "probability": [float(each) for each in np.ravel(probabilities[row])],
        }
        for row in rows
    ]
    arguments.answers.write_text(json.dumps(answers), encoding="utf-8")


if __name__ == "__main__":
    main()
