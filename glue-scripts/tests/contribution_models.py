"""Trains models of every library and writes the contributions that the library, or shap, gives for some rows.

    contribution_models.py --out DIR

DIR/cases.json lists the cases; DIR/NAME.model is a model file, DIR/NAME.rows.f64 and DIR/NAME.contributions.f64 are
little-endian doubles: rows of features; by row, by output, a contribution a feature and then the bias.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import shap
import xgboost as xgb
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.tree import DecisionTreeClassifier

from leadgauge.package.predictor_file import write_predictor

Doubles = npt.NDArray[np.float64]
FEATURES, CATEGORY, ROWS, EXPLAINED = 9, 8, 900, 12


def table(*, missing: bool, categories: bool) -> tuple[Doubles, Doubles]:
    """Few columns, so that paths ask the same one repeatedly; float32 numbers, which every library compares alike."""
    random = np.random.default_rng(11)
    x = random.normal(size=(ROWS, FEATURES)).astype(np.float32).astype(np.float64)
    x[:, 1] = np.round(x[:, 1])
    if categories:
        x[:, CATEGORY] = random.integers(0, 9, ROWS)
    signal = x[:, 0] * x[:, 2] + np.abs(x[:, 1]) + np.sin(3 * x[:, 3]) + (x[:, CATEGORY] % 3 == 1)
    signal += random.normal(scale=0.3, size=ROWS)
    if missing:
        x[random.random(x.shape) < 0.1] = np.nan
    return x, signal


def of_xgboost(path: Path, **options: Any) -> tuple[Doubles, Doubles]:
    """XGBoost's own figures are float32."""
    rounds = options.pop("rounds", 12)
    x, signal = table(missing=True, categories=True)
    classes = options.get("num_class", 2)
    y = np.digitize(signal, np.quantile(signal, np.arange(1, classes) / classes))
    types = ["q"] * CATEGORY + ["c"]
    data = xgb.DMatrix(x, y, feature_types=types, enable_categorical=True)
    objective = "binary:logistic" if classes == 2 else "multi:softprob"
    parameters = {"objective": objective, "max_depth": 7, "eta": 0.4, "nthread": 1, "seed": 3, **options}
    booster = xgb.train(parameters, data, rounds)
    path.write_bytes(bytes(booster.save_raw("json")))
    rows = x[:EXPLAINED]
    explained = xgb.DMatrix(rows, feature_types=types, enable_categorical=True)
    return rows, booster.predict(explained, pred_contribs=True)


def of_lightgbm(path: Path, **options: Any) -> tuple[Doubles, Doubles]:
    """LightGBM's figures are doubles."""
    x, signal = table(missing=True, categories=True)
    classes = options.get("num_class", 2)
    y = np.digitize(signal, np.quantile(signal, np.arange(1, classes) / classes))
    data = lgb.Dataset(x, y, categorical_feature=[CATEGORY])
    parameters = {
        "objective": "binary" if classes == 2 else "multiclass", "num_leaves": 40, "min_data_in_leaf": 3, "verbose": -1,
        "num_threads": 1, "seed": 3, "deterministic": True, "max_cat_to_onehot": 2, "min_data_per_group": 5, **options,
    }  # fmt: skip
    booster = lgb.train(parameters, data, num_boost_round=12)
    booster.save_model(str(path))
    contributions = booster.predict(x[:EXPLAINED], pred_contrib=True, num_threads=1)
    return x[:EXPLAINED], np.asarray(contributions)


def of_scikit_learn(path: Path, estimator: Any, classes: int) -> tuple[Doubles, Doubles]:
    """shap.TreeExplainer's figures, without background data: path-dependent."""
    x, signal = table(missing=False, categories=False)
    y = np.digitize(signal, np.quantile(signal, np.arange(1, classes) / classes))
    estimator.fit(x, y)
    write_predictor(estimator, path)
    explainer = shap.TreeExplainer(estimator, feature_perturbation="tree_path_dependent")
    values = explainer.shap_values(x[:EXPLAINED], check_additivity=False)
    biases = np.ravel(explainer.expected_value)
    # (rows, features) of a margin, or (rows, features, classes); a forest of two classes tells both.
    by_output = values[:, :, None] if values.ndim == 2 else values
    if classes == 2 and by_output.shape[2] == 2:
        by_output, biases = by_output[:, :, 1:], biases[1:]
    bias = np.broadcast_to(biases, (EXPLAINED, by_output.shape[2]))
    return x[:EXPLAINED], np.concatenate([by_output.swapaxes(1, 2), bias[:, :, None]], axis=2)


CASES: dict[str, tuple[float, Callable[[Path], tuple[Doubles, Doubles]]]] = {
    "xgboost": (1e-4, of_xgboost),
    "xgboost-classes": (1e-4, lambda path: of_xgboost(path, num_class=3)),
    "xgboost-one-hot-categories": (1e-4, lambda path: of_xgboost(path, max_cat_to_onehot=100)),
    "xgboost-dart": (1e-4, lambda path: of_xgboost(path, booster="dart", rate_drop=0.4)),
    "xgboost-forest": (
        1e-4,
        lambda path: of_xgboost(path, num_parallel_tree=9, subsample=0.7, eta=1, rounds=1, max_depth=10),
    ),
    "lightgbm": (1e-9, of_lightgbm),
    "lightgbm-classes": (1e-9, lambda path: of_lightgbm(path, num_class=3)),
    "lightgbm-dart": (1e-9, lambda path: of_lightgbm(path, boosting="dart", drop_rate=0.4)),
    "lightgbm-deep": (1e-9, lambda path: of_lightgbm(path, num_leaves=200, min_data_in_leaf=1)),
    "lightgbm-forest": (
        1e-9,
        lambda path: of_lightgbm(path, boosting="rf", bagging_fraction=0.7, bagging_freq=1),
    ),
    "decision-tree": (1e-9, lambda path: of_scikit_learn(path, DecisionTreeClassifier(random_state=3), 2)),
    "random-forest": (
        1e-9,
        lambda path: of_scikit_learn(path, RandomForestClassifier(8, max_depth=12, random_state=3), 2),
    ),
    "random-forest-classes": (
        1e-9,
        lambda path: of_scikit_learn(path, RandomForestClassifier(8, random_state=3), 3),
    ),
    "gradient-boosting": (
        1e-9,
        lambda path: of_scikit_learn(path, GradientBoostingClassifier(n_estimators=15, random_state=3), 2),
    ),
    "hist-gradient-boosting": (
        1e-9,
        lambda path: of_scikit_learn(path, HistGradientBoostingClassifier(max_iter=12, random_state=3), 2),
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    folder: Path = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    cases = []
    for name, (tolerance, make) in CASES.items():
        rows, contributions = make(folder / f"{name}.model")
        np.asarray(rows, dtype="<f8").tofile(folder / f"{name}.rows.f64")
        np.asarray(contributions, dtype="<f8").tofile(folder / f"{name}.contributions.f64")
        cases.append({"name": name, "rows": EXPLAINED, "tolerance": tolerance})
    (folder / "cases.json").write_text(json.dumps(cases), encoding="utf-8")


if __name__ == "__main__":
    main()
