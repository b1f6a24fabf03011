"""Fits scikit-learn's estimators, exports them, and writes what they answer, for the importer's test.

    sklearn_models.py --out DIR

In the layout of lightgbm_models.py: DIR/cases.json, DIR/NAME.txt and DIR/NAME.*.f64. Where a model knows categories, the rows hold
their codes, and DIR/NAME.rows.csv the same rows as the estimator itself takes them.
"""

import argparse
import csv
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier
from threadpoolctl import threadpool_limits

from leadgauge.package.predictor import PROBABILITY_FAMILIES
from leadgauge.package.predictor_file import read_predictor, write_predictor

Doubles = npt.NDArray[np.float64]
ROWS, FEATURES, CATEGORICAL = 500, 6, 5
UNKNOWN_CODES = [-3.0, 9.0, 31.0, 32.0, 255.0, 1e9, float("nan")]
SPECIAL = [0.0, -0.0, 5e-324, 1e-40, -1e-40, 1e-30, 1e30, -1e30, 0.1, 0.30000001192092896, 16777217.0]


_HISTOGRAM: dict[str, Any] = {
    "max_iter": 12,
    "max_leaf_nodes": 12,
    "categorical_features": [CATEGORICAL],
    "random_state": 1,
}
_HISTOGRAMS: dict[str, dict[str, Any]] = {
    "histogram-numbers-missing": {"categorical_features": None},
    "histogram-mask-missing": {"categorical_features": [column == CATEGORICAL for column in range(FEATURES)]},
    "histogram-several-missing": {"categorical_features": [CATEGORICAL, 1], "max_bins": 60},
    "histogram-early-stop-missing": {
        "max_iter": 80, "learning_rate": 0.7, "early_stopping": True, "n_iter_no_change": 3, "validation_fraction": 0.3,
    },
    "histogram-options-missing": {
        "interaction_cst": "no_interactions", "max_features": 0.5, "l2_regularization": 2.0, "class_weight": "balanced",
        "max_leaf_nodes": None, "max_depth": 4, "min_samples_leaf": 2,
    },
    "histogram-fractions-missing": {},
    "histogram-frame-missing": {"categorical_features": "from_dtype"},
    "histogram-names-missing": {"categorical_features": ["f5", "f1"]},
}  # fmt: skip
# What stands in the place of the codes 0 to 8: numbers in any order, fractions, huge ones; and texts.
ODD_NUMBERS = np.array([3.5, -2.0, 3.0, 1e9, 0.1, -0.5, 1e-300, 70.0, 3.7])
TEXTS = ["API", "a, b", 'say "so"', "ü", " led ", "3", "nan", "None", "Zürich Süd"]


def estimators(classes: int) -> dict[str, Any]:
    """By name; those that take missing values say so in theirs."""
    return {
        "logistic": LogisticRegression(max_iter=500),
        "tree-missing": DecisionTreeClassifier(max_depth=6, random_state=1),
        "tree-weighted-missing": DecisionTreeClassifier(
            criterion="entropy", class_weight="balanced", max_leaf_nodes=20, ccp_alpha=0.001, random_state=1
        ),
        "tree-of-chance-missing": ExtraTreeClassifier(max_depth=6, max_features=3, random_state=1),
        "forest-missing": RandomForestClassifier(20, max_depth=7, random_state=1, n_jobs=1),
        "forest-weighted-missing": RandomForestClassifier(
            8,
            class_weight="balanced_subsample",
            max_samples=0.5,
            criterion="log_loss",
            random_state=1,
            n_jobs=1,
        ),
        "extra-trees-missing": ExtraTreesClassifier(8, bootstrap=True, random_state=1, n_jobs=1),
        "extra-trees": ExtraTreesClassifier(20, max_depth=7, random_state=1, n_jobs=1),
        "boosting": GradientBoostingClassifier(n_estimators=15, max_depth=3, random_state=1),
        "boosting-subsample": GradientBoostingClassifier(n_estimators=10, subsample=0.5, random_state=1),
        "boosting-early-stop": GradientBoostingClassifier(
            n_estimators=60,
            learning_rate=0.8,
            n_iter_no_change=3,
            max_features=2,
            random_state=1,
        ),
        "boosting-zero": GradientBoostingClassifier(n_estimators=5, init="zero", random_state=1),
        "histogram-missing": HistGradientBoostingClassifier(
            max_iter=15, max_leaf_nodes=12, categorical_features=[CATEGORICAL], random_state=1
        ),
        "histogram-all-known": HistGradientBoostingClassifier(
            max_iter=15, max_leaf_nodes=12, categorical_features=[CATEGORICAL], random_state=1
        ),
        **{name: HistGradientBoostingClassifier(**(_HISTOGRAM | more)) for name, more in _HISTOGRAMS.items()},
    } | (
        {
            "histogram-monotone-missing": HistGradientBoostingClassifier(
                **_HISTOGRAM, monotonic_cst=[1, -1, 0, 0, 0, 0]
            ),
            "boosting-exponential": GradientBoostingClassifier(
                loss="exponential", n_estimators=15, random_state=1
            ),
        }
        if classes == 2
        else {}
    )


def regressors() -> dict[str, Any]:
    """By name, as `estimators`."""
    return {
        "tree-missing": DecisionTreeRegressor(max_depth=5, criterion="poisson", random_state=1),
        "forest-missing": RandomForestRegressor(10, max_depth=6, random_state=1, n_jobs=1),
        "forest-targets": ExtraTreesRegressor(6, max_depth=5, random_state=1, n_jobs=1),
        **{
            f"boosting-{loss}": GradientBoostingRegressor(
                loss=loss, n_estimators=10, alpha=0.3, random_state=1
            )
            for loss in ("squared_error", "absolute_error", "huber", "quantile")
        },
        **{
            f"histogram-{loss}-missing": HistGradientBoostingRegressor(
                **(_HISTOGRAM | {"loss": loss, "quantile": 0.3 if loss == "quantile" else None})
            )
            for loss in ("squared_error", "absolute_error", "gamma", "poisson", "quantile")
        },
    }


def target(name: str, classes: int, signal: Doubles) -> Any:
    """Numbers above 0, of which a regressor of several targets gets two columns; or the number of a class."""
    if classes:
        return np.digitize(signal, [0.8] if classes == 2 else [0.4, 1.3])
    positive = np.exp(signal / 2)
    return np.column_stack([positive, -signal]) if name.endswith("targets") else positive


def answers_of(estimator: Any, classes: int, taken: Any, *, is_share: bool) -> dict[str, Any]:
    """What the library answers: margins, and what it makes of them."""
    if not classes:
        outputs = estimator.predict(taken)
        is_boosted = isinstance(estimator, HistGradientBoostingRegressor)
        return {"margins": estimator._raw_predict(taken) if is_boosted else outputs, "outputs": outputs}
    probabilities = estimator.predict_proba(taken)
    probabilities = probabilities[:, 1:] if classes == 2 else probabilities
    return {
        "margins": probabilities if is_share else estimator.decision_function(taken),
        "outputs": probabilities,
    }


def table(random: np.random.Generator, *, missing: bool) -> Doubles:
    x = random.normal(size=(ROWS, FEATURES))
    x[:, 1] = np.round(x[:, 1], 1)
    x[:, CATEGORICAL] = random.integers(0, 9, ROWS)
    if missing:
        x[random.random(x.shape) < 0.15] = np.nan
    return x


def probing_rows(
    document: dict[str, Any],
    x: Doubles,
    random: np.random.Generator,
    *,
    special: list[float],
    codes: list[float],
) -> Doubles:
    """Rows exactly on thresholds and next to them, in double and in float32, special values and codes of categories."""
    rows = [*x[:60]]

    def with_value(column: int, value: float) -> None:
        row = x[int(random.integers(len(x)))].copy()
        row[column] = value
        rows.append(row)

    predictor = document["predictor"]
    if predictor["kind"] == "trees":
        splits = np.flatnonzero(predictor["feature"] >= 0)
        for node in random.permutation(splits)[:150]:
            column, threshold = int(predictor["feature"][node]), float(predictor["threshold"][node])
            if column == CATEGORICAL or abs(threshold) > 1e38:  # it parts missing values from all others
                continue
            single = np.float32(threshold)
            near = [np.nextafter(single, np.float32(way)) for way in (-np.inf, np.inf)]
            for value in (
                threshold,
                np.nextafter(threshold, -np.inf),
                np.nextafter(threshold, np.inf),
                single,
                *near,
            ):
                with_value(column, float(value))
    for column in range(FEATURES):
        for value in special if column != CATEGORICAL else codes:
            with_value(column, value)
    return np.array(rows)


def as_taken(name: str, rows: Doubles) -> Any:
    """Rows of the table as the estimator of this name takes them: codes as odd numbers, or a frame with texts and truths."""
    if name.startswith("histogram-fractions"):
        rows = rows.copy()
        codes = rows[:, CATEGORICAL]
        is_known = np.isin(codes, np.arange(9))
        codes[is_known] = ODD_NUMBERS[codes[is_known].astype(int)]
        return rows
    if not name.startswith(("histogram-frame", "histogram-names")):
        return rows
    frame = pd.DataFrame(rows, columns=[f"f{column}" for column in range(FEATURES)])
    texts = [np.nan if np.isnan(code) else _text(code) for code in rows[:, CATEGORICAL]]
    truths = [np.nan if np.isnan(value) else bool(value > 0) for value in rows[:, 1]]
    if name.startswith("histogram-frame"):
        frame["f5"] = pd.Categorical(texts)
        frame["f1"] = pd.Categorical(truths)
        frame["f2"] = pd.Categorical(np.round(rows[:, 2]))
    else:
        frame["f5"] = pd.Series(texts, dtype=object)
        frame["f1"] = np.where(np.isnan(rows[:, 1]), np.nan, np.round(rows[:, 1]) + 0.5)
    return frame


def _text(code: float) -> str:
    return TEXTS[int(code)] if code in range(9) else f"unknown {code}"


def as_coded(estimator: Any, taken: Any) -> Doubles:
    """Rows with codes in the place of categories, NaN where the estimator knows none, by its own encoder."""
    is_categorical = estimator.is_categorical_
    if is_categorical is None:
        return np.asarray(taken, dtype=np.float64)
    encoded: Doubles = estimator._preprocessor.transform(taken)
    coded = np.empty_like(encoded)
    coded[:, np.concatenate([np.flatnonzero(is_categorical), np.flatnonzero(~is_categorical)])] = encoded
    return coded


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    cases: list[dict[str, Any]] = []
    for classes in (2, 3, 0):
        for name, estimator in (estimators(classes) if classes else regressors()).items():
            random = np.random.default_rng([classes, len(cases)])
            missing = name.endswith("missing")
            x = table(random, missing=missing)
            signal = (
                np.nan_to_num(x[:, 0])
                + np.abs(np.nan_to_num(x[:, 1]))
                + (np.nan_to_num(x[:, CATEGORICAL]) % 3 == 1)
            )
            estimator.fit(as_taken(name, x), target(name, classes, signal))
            case = f"{name}-{classes or 'regressor'}"
            write_predictor(estimator, out / f"{case}.txt", [f"f{column}" for column in range(FEATURES)])
            document = read_predictor(out / f"{case}.txt")
            special = [*SPECIAL, *([np.nan] if missing else [])]
            codes = [0.0, 3.0, 8.0]
            if name.startswith("histogram"):
                codes += UNKNOWN_CODES
            rows = probing_rows(document, x, random, special=special, codes=codes)
            taken = as_taken(name, rows)
            is_share = document["family"] in PROBABILITY_FAMILIES
            has_categories = document["categories"] is not None
            if has_categories:
                # Quoted, so that a text keeps its spaces; truths as the numbers that scikit-learn makes of them.
                written = pd.DataFrame(taken).apply(
                    lambda column: column.astype(float) if True in set(column) else column
                )
                written.to_csv(
                    out / f"{case}.rows.csv", header=False, index=False, quoting=csv.QUOTE_NONNUMERIC
                )
            answers = {
                "rows": as_coded(estimator, taken) if has_categories else rows,
                **answers_of(estimator, classes, taken, is_share=is_share),
            }
            for kind, values in answers.items():
                np.asarray(values, dtype="<f8").tofile(out / f"{case}.{kind}.f64")
            cases.append({
                "name": case, "rows": len(rows), "features": FEATURES, "kinds": list(answers), "hasCategories": has_categories,
            })  # fmt: skip
    (out / "cases.json").write_text(json.dumps(cases), encoding="utf-8")


if __name__ == "__main__":
    with threadpool_limits(1):  # several are slower on tables as small as these
        main()
