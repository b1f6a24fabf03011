"""Fits scikit-learn's estimators, exports them, and writes what they answer, for the importer's test.

    sklearn_models.py --out DIR

In the layout of lightgbm_models.py: DIR/cases.json, DIR/NAME.txt and DIR/NAME.*.f64.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from leadgauge.package.predictor import PROBABILITY_FAMILIES
from leadgauge.package.predictor_file import read_predictor, write_predictor

Doubles = npt.NDArray[np.float64]
ROWS, FEATURES, CATEGORICAL = 500, 6, 5
UNKNOWN_CODES = [-3.0, 9.0, 31.0, 32.0, 255.0, 1e9, float("nan")]
SPECIAL = [0.0, -0.0, 5e-324, 1e-40, -1e-40, 1e-30, 1e30, -1e30, 0.1, 0.30000001192092896, 16777217.0]


def estimators(classes: int) -> dict[str, Any]:
    """By name; those that take missing values say so in theirs."""
    return {
        "logistic": LogisticRegression(max_iter=500),
        "tree-missing": DecisionTreeClassifier(max_depth=6, random_state=1),
        "forest-missing": RandomForestClassifier(20, max_depth=7, random_state=1, n_jobs=1),
        "extra-trees": ExtraTreesClassifier(20, max_depth=7, random_state=1, n_jobs=1),
        "boosting": GradientBoostingClassifier(n_estimators=15, max_depth=3, random_state=1),
        "boosting-subsample": GradientBoostingClassifier(n_estimators=10, subsample=0.5, random_state=1),
        "boosting-zero": GradientBoostingClassifier(n_estimators=5, init="zero", random_state=1),
        "histogram-missing": HistGradientBoostingClassifier(
            max_iter=15, max_leaf_nodes=12, categorical_features=[CATEGORICAL], random_state=1
        ),
        "histogram-all-known": HistGradientBoostingClassifier(
            max_iter=15, max_leaf_nodes=12, categorical_features=[CATEGORICAL], random_state=1
        ),
    } | (
        {
            "boosting-exponential": GradientBoostingClassifier(
                loss="exponential", n_estimators=15, random_state=1
            )
        }
        if classes == 2
        else {}
    )


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


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    cases: list[dict[str, Any]] = []
    for classes in (2, 3):
        for name, estimator in estimators(classes).items():
            random = np.random.default_rng([classes, len(cases)])
            missing = name.endswith("missing")
            x = table(random, missing=missing)
            signal = (
                np.nan_to_num(x[:, 0])
                + np.abs(np.nan_to_num(x[:, 1]))
                + (np.nan_to_num(x[:, CATEGORICAL]) % 3 == 1)
            )
            y = np.digitize(signal, [0.8] if classes == 2 else [0.4, 1.3])
            estimator.fit(x, y)
            case = f"{name}-{classes}"
            write_predictor(estimator, out / f"{case}.txt", [f"f{column}" for column in range(FEATURES)])
            document = read_predictor(out / f"{case}.txt")
            special = [*SPECIAL, *([np.nan] if missing else [])]
            codes = [0.0, 3.0, 8.0]
            if name.startswith("histogram"):
                codes += UNKNOWN_CODES
            rows = probing_rows(document, x, random, special=special, codes=codes)
            probabilities = estimator.predict_proba(rows)
            probabilities = probabilities[:, 1:] if classes == 2 else probabilities
            is_share = document["family"] in PROBABILITY_FAMILIES
            answers = {
                "rows": rows,
                "margins": probabilities if is_share else estimator.decision_function(rows),
                "outputs": probabilities,
            }
            for kind, values in answers.items():
                np.asarray(values, dtype="<f8").tofile(out / f"{case}.{kind}.f64")
            cases.append({"name": case, "rows": len(rows), "features": FEATURES, "kinds": list(answers)})
    (out / "cases.json").write_text(json.dumps(cases), encoding="utf-8")


if __name__ == "__main__":
    main()
