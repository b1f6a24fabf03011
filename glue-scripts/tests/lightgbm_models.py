"""Trains LightGBM models over the grid of its options and writes what the library answers, for the importer's test.

    lightgbm_models.py --out DIR [--seed N]

DIR/cases.json lists the cases; DIR/NAME.txt is a model, DIR/NAME.*.f64 are rows, margins, outputs and contributions as
the library gives them for the model read back from the file: little-endian doubles, row by row.
"""

import argparse
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
TINY = float(np.float32(1e-35))
FEATURES, CATEGORICAL = 8, (5, 6)
TRAINING_ROWS = 600
MOST_SPLITS = 120
CONTRIBUTION_ROWS = 40

SPECIAL = [
    np.nan, 0.0, -0.0, np.inf, -np.inf, 5e-324, -5e-324, 1e-310, TINY, -TINY,
    np.nextafter(TINY, 1), np.nextafter(-TINY, -1), np.nextafter(TINY, 0), 1e-36, 1e-34, 1e300, -1e300, 1.7976931348623157e308,
]  # fmt: skip
CATEGORY_SPECIAL = [
    np.nan, -1.0, -0.5, 0.5, 0.999, 3.7, 31.0, 32.0, 63.9, 64.0, 1e3, 1e6, 2147483647.0, 2147483648.0, 1e10, 1e19, np.inf, -np.inf,
    -1e10, TINY,
]  # fmt: skip


def table(random: np.random.Generator, *, sparse: bool) -> tuple[Doubles, Doubles]:
    """Rows with missing values, zeros, tiny values and two categorical columns, and a raw signal."""
    x = random.normal(size=(TRAINING_ROWS, FEATURES))
    x[:, 1] = np.round(x[:, 1], 1)
    x[:, 2] = random.integers(-3, 4, TRAINING_ROWS)
    x[:, 4] *= 1e-34
    for column in CATEGORICAL:
        x[:, column] = random.integers(0, 5 if column == 5 else 70, TRAINING_ROWS)
    signal = x[:, 0] + np.abs(x[:, 1]) - 0.5 * x[:, 2] + (x[:, 5] == 2) + (x[:, 6] % 3 == 1) + 1e34 * x[:, 4]
    if sparse:
        x[random.random(x.shape) < 0.3] = 0.0
    signal = signal + random.normal(scale=0.3, size=TRAINING_ROWS)
    x[random.random(x.shape) < 0.1] = np.nan
    return x, signal


def labels(objective: str, signal: Doubles, random: np.random.Generator) -> Doubles:
    """A target that the objective takes."""
    spread = (signal - signal.mean()) / signal.std()
    if objective in ("binary",):
        return np.asarray(spread > 0.2, dtype=np.float64)
    if objective in ("multiclass", "multiclassova"):
        return np.asarray(np.digitize(spread, [-0.5, 0.6]), dtype=np.float64)
    if objective in ("cross_entropy", "cross_entropy_lambda"):
        return np.asarray(1 / (1 + np.exp(-spread)))
    if objective in ("poisson", "gamma", "tweedie"):
        return np.asarray(np.exp(spread) + (0.1 if objective == "gamma" else 0.0))
    if objective in ("lambdarank", "rank_xendcg"):
        return np.asarray(np.digitize(spread, [-0.5, 0.3, 1.0]), dtype=np.float64)
    return np.asarray(spread * 3)


OBJECTIVES = [
    "regression", "regression_l1", "huber", "fair", "poisson", "quantile", "mape", "gamma", "tweedie", "binary",
    "multiclass", "multiclassova", "cross_entropy", "cross_entropy_lambda", "lambdarank", "rank_xendcg",
]  # fmt: skip


def grid() -> dict[str, dict[str, Any]]:
    """The cases: parameters by name. `rounds`, `sparse`, `dense` (no missing value), `classes`, `odd_leaves` and `custom` are ours."""
    cases: dict[str, dict[str, Any]] = {each: {"objective": each} for each in OBJECTIVES}
    binary = {"objective": "binary"}
    bagged = {"bagging_fraction": 0.7, "bagging_freq": 1}
    cases |= {
        "regression-sqrt": {"objective": "regression", "reg_sqrt": True},
        "regression-l1-sqrt": {"objective": "regression_l1", "reg_sqrt": True},
        "huber-sqrt": {"objective": "huber", "reg_sqrt": True},
        "sigmoid": {**binary, "sigmoid": 0.7},
        "ova-sigmoid": {"objective": "multiclassova", "sigmoid": 2.5},
        "missing-none": {**binary, "use_missing": False},
        "missing-none-dense": {**binary, "dense": True},
        "missing-zero": {**binary, "zero_as_missing": True, "sparse": True},
        "missing-zero-regression": {"objective": "regression", "zero_as_missing": True, "sparse": True},
        "missing-nan": {**binary, "sparse": True},
        "categories-one-hot": {**binary, "max_cat_to_onehot": 100},
        "categories-sets": {
            **binary, "max_cat_to_onehot": 1, "min_data_per_group": 1, "cat_smooth": 1.0, "cat_l2": 0.1,
        },
        "dart": {**binary, "boosting": "dart", "drop_rate": 0.5, "rounds": 25},
        "dart-multiclass": {"objective": "multiclass", "boosting": "dart", "drop_rate": 0.3},
        "goss": {**binary, "data_sample_strategy": "goss", "learning_rate": 0.5},
        "forest-binary": {**binary, "boosting": "rf", **bagged},
        "forest-regression": {"objective": "regression", "boosting": "rf", **bagged},
        "forest-multiclass": {"objective": "multiclass", "boosting": "rf", **bagged},
        "forest-poisson": {"objective": "poisson", "boosting": "rf", **bagged},
        "linear": {"objective": "regression", "linear_tree": True, "num_leaves": 6},
        "linear-binary": {**binary, "linear_tree": True, "linear_lambda": 0.1},
        "linear-multiclass": {"objective": "multiclass", "linear_tree": True, "linear_lambda": 0.01},
        "linear-stumps": {"objective": "regression", "linear_tree": True, "min_data_in_leaf": 100_000},
        "linear-dart": {**binary, "linear_tree": True, "boosting": "dart", "drop_rate": 0.5},
        "linear-forest": {**binary, "linear_tree": True, "boosting": "rf", **bagged},
        "linear-sets": {
            **binary, "linear_tree": True, "max_cat_to_onehot": 1, "min_data_per_group": 1, "cat_smooth": 1.0, "cat_l2": 0.1,
        },
        "linear-ova": {"objective": "multiclassova", "linear_tree": True, "linear_lambda": 0.01},
        "linear-leaf-wise": {**binary, "linear_tree": True, "num_leaves": 80, "min_data_in_leaf": 2},
        "leaf-wise": {**binary, "num_leaves": 127, "min_data_in_leaf": 1, "rounds": 30},
        "stumps": {**binary, "max_depth": 1},
        "single-leaves": {"objective": "regression", "min_data_in_leaf": 100_000},
        "single-leaves-multiclass": {"objective": "multiclass", "min_data_in_leaf": 100_000},
        "one-tree": {**binary, "rounds": 1},
        "monotone": {**binary, "monotone_constraints": [1, 0, -1, 0, 0, 0, 0, 0]},
        "extra-trees": {**binary, "extra_trees": True, "path_smooth": 2.0, "feature_fraction": 0.5},
        "coarse": {"objective": "regression", "max_bin": 5},
        "custom": {"custom": 1},
        "custom-three-outputs": {"custom": 3},
        "odd-leaves": {**binary, "odd_leaves": True},
        "odd-leaves-linear": {"objective": "regression", "linear_tree": True, "num_leaves": 6, "odd_leaves": True},
        "two-classes": {"objective": "multiclass", "classes": 2},
        "two-classes-forest": {"objective": "multiclass", "classes": 2, "boosting": "rf", **bagged},
        "two-classes-linear": {"objective": "multiclass", "classes": 2, "linear_tree": True},
        "two-classes-ova": {"objective": "multiclassova", "classes": 2},
    }  # fmt: skip
    return cases


def custom_objective(outputs: int) -> Callable[[Doubles, Any], tuple[Doubles, Doubles]]:
    """Squared error of every output against its own multiple of the label."""

    def gradients(margins: Doubles, data: Any) -> tuple[Doubles, Doubles]:
        label = data.get_label()
        if outputs == 1:
            return margins - label, np.ones_like(margins)
        difference = margins - label[:, None] * np.arange(1, outputs + 1)
        return difference, np.ones_like(difference)

    return gradients


def train(options: dict[str, Any], random: np.random.Generator) -> str:
    """The model's text."""
    options = dict(options)
    if options.pop("odd_leaves", False):
        return with_odd_leaves(train(options, random))
    rounds, custom = options.pop("rounds", 12), options.pop("custom", 0)
    x, signal = table(random, sparse=options.pop("sparse", False))
    if options.pop("dense", False):
        x = np.nan_to_num(x, nan=1.0)
    objective = custom_objective(custom) if custom else options.pop("objective")
    name = "custom" if custom else str(objective)
    label = labels(name, signal, random)
    if name in ("multiclass", "multiclassova"):
        options["num_class"] = options.pop("classes", 3)
        label = np.minimum(label, options["num_class"] - 1)
    if custom > 1:
        options["num_class"] = custom
    data = lgb.Dataset(
        x,
        label,
        group=[20] * (TRAINING_ROWS // 20) if name in ("lambdarank", "rank_xendcg") else None,
        categorical_feature=list(CATEGORICAL),
        feature_name=[f"f{column}" for column in range(FEATURES)],
    )
    parameters = {
        "objective": objective, "num_leaves": 12, "min_data_in_leaf": 5, "verbose": -1, "num_threads": 1, "seed": 5,
        "deterministic": True, **options,
    }  # fmt: skip
    return str(lgb.train(parameters, data, num_boost_round=rounds).model_to_string())


def with_odd_leaves(text: str) -> str:
    """The model with leaves that are no finite numbers in every third tree, as training that goes astray leaves them."""
    odd = {"leaf_value": ["nan", "-inf"], "leaf_const": ["-nan", "0.5", "inf"], "leaf_coeff": ["1", "nan"]}
    head, *trees = re.sub(r"\ntree_sizes=.*", "", text).split("\nTree=")
    for place in range(0, len(trees), 3):
        for key, words in odd.items():

            def replaced(found: re.Match[str], words: list[str] = words) -> str:
                numbers = found[2].split()
                return found[1] + " ".join([*words[: len(numbers)], *numbers[len(words) :]])

            trees[place] = re.sub(rf"(\n{key}=)(.*)", replaced, trees[place])
    return "\nTree=".join([head, *trees])


def probing_rows(text: str, random: np.random.Generator) -> Doubles:
    """Rows exactly on thresholds and one unit in the last place either side, special values, and ordinary ones."""
    ordinary, _ = table(random, sparse=False)
    rows = [*ordinary[:60]]

    def with_value(column: int, value: float) -> Doubles:
        row: Doubles = ordinary[int(random.integers(len(ordinary)))].copy()
        row[column] = value
        return row

    splits = []
    for block in text.split("\nTree=")[1:]:
        found = dict(re.findall(r"^(split_feature|threshold)=(.*)$", block, re.M))
        columns, thresholds = found.get("split_feature", "").split(), found.get("threshold", "").split()
        splits += [(int(column), float(at)) for column, at in zip(columns, thresholds, strict=True)]
    for place in random.permutation(len(splits))[:MOST_SPLITS]:
        column, threshold = splits[place]
        if column in CATEGORICAL:
            continue
        rows += [with_value(column, np.nextafter(threshold, way)) for way in (-np.inf, threshold, np.inf)]
    for column in range(FEATURES):
        values = CATEGORY_SPECIAL + list(range(8)) if column in CATEGORICAL else SPECIAL
        rows += [with_value(column, value) for value in values]
    rows += [np.full(FEATURES, value) for value in SPECIAL]
    return np.array(rows)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    cases = []
    for position, (name, options) in enumerate(grid().items()):
        random = np.random.default_rng([arguments.seed, position])
        text = train(options, random)
        (arguments.out / f"{name}.txt").write_text(text, encoding="utf-8")
        booster = lgb.Booster(model_file=str(arguments.out / f"{name}.txt"))
        rows = probing_rows(text, random)
        answers = {
            "rows": rows,
            "margins": booster.predict(rows, raw_score=True, num_threads=1),
            "outputs": booster.predict(rows, num_threads=1),
        }
        if not {"linear_tree", "odd_leaves"} & options.keys():
            answers["contributions"] = booster.predict(
                rows[:CONTRIBUTION_ROWS], pred_contrib=True, num_threads=1
            )
        for kind, values in answers.items():
            np.asarray(values, dtype="<f8").tofile(arguments.out / f"{name}.{kind}.f64")
        cases.append({"name": name, "rows": len(rows), "features": FEATURES, "kinds": list(answers)})
    (arguments.out / "cases.json").write_text(json.dumps(cases), encoding="utf-8")


if __name__ == "__main__":
    main()
