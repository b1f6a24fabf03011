"""Trains XGBoost models over the grid of its options and writes what the library answers, for the importer's test.

    xgboost_models.py --out DIR [--seed N] [--lenient]

DIR/cases.json lists the cases; DIR/NAME.json and DIR/NAME.ubj are a model, DIR/NAME.*.f64 are rows, margins, outputs and
contributions as the library gives them for the model read back from the file: little-endian doubles, row by row. Rows
with infinities come last; DMatrix refuses them, so that they have no contributions. `--lenient` leaves out what another
version of XGBoost than the pinned one doesn't know.
"""

import argparse
import json
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xgboost as xgb

Floats = npt.NDArray[np.float32]
FEATURES, CATEGORICAL = 7, (5, 6)
TRAINING_ROWS = 500
MOST_SPLITS = 120
CONTRIBUTION_ROWS = 30

SPECIAL = [
    np.nan,
    0.0,
    -0.0,
    1e-45,
    -1e-45,
    1e-40,
    1.17549435e-38,
    3.4028234e38,
    -3.4028234e38,
    1e-30,
    2147483648.0,
]
INFINITE = [np.inf, -np.inf]
CATEGORY_SPECIAL = [
    np.nan, -1.0, -0.5, -1e-45, 0.5, 0.99999994, 3.7, 31.0, 32.0, 63.9, 64.0, 255.0, 1e3, 16777215.0, 16777216.0, 3e9, -1e10,
]  # fmt: skip


def table(random: np.random.Generator) -> tuple[Floats, npt.NDArray[np.float64]]:
    """Rows with missing values, ties, tiny values and two columns of codes, and a raw signal."""
    x = random.normal(size=(TRAINING_ROWS, FEATURES))
    x[:, 1] = np.round(x[:, 1], 1)
    x[:, 2] = random.integers(-3, 4, TRAINING_ROWS)
    x[:, 4] *= 1e-40
    for column in CATEGORICAL:
        x[:, column] = random.integers(0, 5 if column == 5 else 70, TRAINING_ROWS)
    signal = x[:, 0] + np.abs(x[:, 1]) - 0.5 * x[:, 2] + (x[:, 5] == 2) + (x[:, 6] % 3 == 1) + 1e40 * x[:, 4]
    signal = signal + random.normal(scale=0.3, size=TRAINING_ROWS)
    x[random.random(x.shape) < 0.1] = np.nan
    return x.astype(np.float32), signal


OBJECTIVES = [
    "reg:squarederror", "reg:squaredlogerror", "reg:logistic", "reg:pseudohubererror", "reg:absoluteerror",
    "reg:quantileerror", "reg:expectileerror", "reg:gamma", "reg:tweedie", "count:poisson", "survival:cox", "survival:aft",
    "binary:logistic", "binary:logitraw", "binary:hinge", "multi:softmax", "multi:softprob", "rank:pairwise", "rank:ndcg",
    "rank:map",
]  # fmt: skip
SINCE = {"reg:expectileerror": (3, 3)}


def labels(objective: str, signal: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:  # noqa: PLR0911
    """A target that the objective takes."""
    spread = np.asarray((signal - signal.mean()) / signal.std())
    kind = objective.split(":", maxsplit=1)[0]
    if kind == "multi":
        return np.asarray(np.digitize(spread, [-0.5, 0.6]), dtype=np.float64)
    if kind == "binary" or objective == "rank:map":
        return (spread > 0.2).astype(float)
    if kind == "rank":
        return np.asarray(np.digitize(spread, [-0.5, 0.3, 1.0]), dtype=np.float64)
    if objective == "reg:logistic":
        return np.asarray(1 / (1 + np.exp(-spread)))
    if objective in ("reg:gamma", "reg:tweedie", "count:poisson", "survival:aft", "reg:squaredlogerror"):
        return np.asarray(np.exp(spread))
    if objective == "survival:cox":
        return np.asarray(np.exp(spread) * np.where(np.arange(len(spread)) % 4 == 0, -1, 1))
    return spread * 3


def grid() -> dict[str, dict[str, Any]]:
    """The cases: parameters by name. `rounds`, `targets`, `frame` and others in `train` are ours."""
    version = tuple(int(part) for part in xgb.__version__.split(".")[:2])
    known = [each for each in OBJECTIVES if version >= SINCE.get(each, (0, 0))]
    cases: dict[str, dict[str, Any]] = {each.replace(":", "-"): {"objective": each} for each in known}
    binary = {"objective": "binary:logistic"}
    multi = {"objective": "multi:softprob"}
    hist = {"tree_method": "hist"}
    trees_of_vectors = {**hist, "multi_strategy": "multi_output_tree"}
    dart = {"booster": "dart", "rate_drop": 0.4, "rounds": 25}
    forest = {
        "num_parallel_tree": 5,
        "subsample": 0.7,
        "colsample_bynode": 0.7,
        "learning_rate": 1.0,
        "rounds": 1,
    }
    linear = {"booster": "gblinear", "updater": "coord_descent", "feature_selector": "cyclic"}
    one_hot, sets = (
        {**hist, "codes": True, "max_cat_to_onehot": 100},
        {**hist, "codes": True, "max_cat_to_onehot": 1},
    )
    cases["reg-quantileerror"]["quantile_alpha"] = 0.3
    if "reg-expectileerror" in cases:
        cases["reg-expectileerror"]["expectile_alpha"] = 0.3
    cases |= {
        "exact": {**binary, "tree_method": "exact"},
        "approx": {**binary, "tree_method": "approx"},
        "coarse": {**binary, **hist, "max_bin": 4},
        "leaf-wise": {**binary, **hist, "grow_policy": "lossguide", "max_depth": 0, "max_leaves": 120, "min_child_weight": 0},
        "deep": {**binary, **hist, "max_depth": 18, "min_child_weight": 0, "rounds": 5},
        "many-trees": {**binary, "rounds": 200, "learning_rate": 0.05},
        "pruned": {**binary, "tree_method": "exact", "gamma": 8.0, "max_depth": 8},
        "single-leaves": {**binary, "gamma": 1e9},
        "stumps": {**binary, "max_depth": 1},
        "base-score": {**binary, "base_score": 0.2},
        "base-score-poisson": {"objective": "count:poisson", "base_score": 3.7},
        "base-score-multi": {**multi, "base_score": 0.3},
        "no-rounds": {**binary, "rounds": 0},
        "no-rounds-base-score": {**binary, "rounds": 0, "base_score": 0.3},
        "no-rounds-poisson": {"objective": "count:poisson", "rounds": 0},
        "no-rounds-multi": {**multi, "rounds": 0},
        "one-round": {**binary, "rounds": 1},
        "large-margins": {**binary, "learning_rate": 60.0, "rounds": 40, "lambda": 0.0, "min_child_weight": 0.0},
        "large-margins-multi": {**multi, "learning_rate": 60.0, "rounds": 40, "lambda": 0.0, "min_child_weight": 0.0},
        "large-counts": {"objective": "count:poisson", "learning_rate": 8.0, "max_delta_step": 50.0},
        "many-classes": {"objective": "multi:softprob", "classes": 23, "rounds": 4},
        "dart": {**binary, **dart},
        "dart-forest-normal": {**binary, **dart, "normalize_type": "forest", "sample_type": "weighted"},
        "dart-multi": {**multi, **dart},
        "dart-one-drop": {"objective": "reg:squarederror", **dart, "one_drop": 1, "num_parallel_tree": 2},
        "forest": {**binary, **forest},
        "forest-multi": {**multi, **forest},
        "boosted-forest": {**binary, **forest, "rounds": 4, "learning_rate": 0.5},
        "linear": {**binary, **linear},
        "linear-shotgun": {"objective": "reg:squarederror", "booster": "gblinear", "alpha": 0.01},
        "linear-multi": {**multi, **linear},
        "linear-poisson": {"objective": "count:poisson", **linear},
        "linear-no-rounds": {**binary, **linear, "rounds": 0},
        "one-hot": {**binary, **one_hot},
        "sets": {**binary, **sets},
        "sets-multi": {**multi, **sets},
        "sets-approx": {**binary, **sets, "tree_method": "approx"},
        "sets-dart": {**binary, **sets, **dart},
        "names": {**binary, **hist, "frame": True},
        "targets": {"objective": "reg:squarederror", "targets": 3},
        "targets-labels": {**binary, "targets": 3},
        "targets-vectors": {"objective": "reg:squarederror", "targets": 3, **trees_of_vectors},
        "targets-vectors-labels": {**binary, "targets": 3, **trees_of_vectors},
        "targets-vectors-forest": {"objective": "reg:squarederror", "targets": 2, **trees_of_vectors, "num_parallel_tree": 3},
        "classes-vectors": {**multi, **trees_of_vectors},
        "quantiles": {"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.5, 0.9]},
        "early-stopping": {**binary, "learning_rate": 1.0, "rounds": 60, "stops": True},
        "early-stopping-multi": {**multi, "learning_rate": 1.0, "rounds": 60, "stops": True},
        "early-stopping-dart": {**binary, **dart, "learning_rate": 1.0, "stops": True},
        "early-stopping-vectors": {**multi, "learning_rate": 1.0, "rounds": 40, **trees_of_vectors, "stops": True},
        "refreshed": {**binary, "refreshes": True},
        "monotone": {**binary, "monotone_constraints": "(1,0,-1,0,0,0,0)"},
        "custom": {"objective": "reg:squarederror", "custom": True},
    }  # fmt: skip
    for distribution in ("logistic", "extreme"):
        cases[f"aft-{distribution}"] = {"objective": "survival:aft", "aft_loss_distribution": distribution}
    two = {**multi, "classes": 2}
    return cases | {
        "two-classes": two,
        "two-classes-first": {"objective": "multi:softmax", "classes": 2},
        "two-classes-dart": {**two, **dart},
        "two-classes-linear": {**two, **linear},
        "two-classes-sets": {**two, **sets},
        "two-classes-vectors": {**two, **trees_of_vectors},
    }


def squared_error(margins: Floats, data: xgb.DMatrix) -> tuple[Floats, Floats]:
    """As a user would write an objective."""
    return margins - data.get_label(), np.ones_like(margins)


def train(options: dict[str, Any], random: np.random.Generator) -> xgb.Booster:
    options = dict(options)
    rounds, targets = options.pop("rounds", 12), options.pop("targets", 0)
    has_codes, has_frame, classes = (
        options.pop("codes", False),
        options.pop("frame", False),
        options.pop("classes", 3),
    )
    stops, refreshes, is_custom = (options.pop(each, False) for each in ("stops", "refreshes", "custom"))
    x, signal = table(random)
    objective = options["objective"]
    label = labels(objective, signal)
    if objective.startswith("multi"):
        options["num_class"] = classes
        label = label if classes == 3 else np.arange(len(label)) % classes
    if targets:
        label = np.stack([labels(objective, signal * scale) for scale in (1, -1, 0.5)[:targets]], axis=1)
    if stops:
        label = np.where(random.random(label.shape) < 0.2, label[0], label)
    data: Any = x
    extra: dict[str, Any] = {}
    if has_codes:
        kinds = ["c" if column in CATEGORICAL else "q" for column in range(FEATURES)]
        extra = {"feature_types": kinds, "enable_categorical": True}
    if has_frame:
        names = ["red", "green", "a, b", "black and white", "blue"]
        codes = np.nan_to_num(x[:, 5], nan=-1.0).astype(int)
        data = pd.DataFrame(x, columns=[f"f{column} ü" for column in range(FEATURES)])
        data[data.columns[5]] = pd.Categorical.from_codes(codes, pd.Index(names))
        numbers = np.nan_to_num(x[:, 6], nan=-1.0).astype(int)
        data[data.columns[6]] = pd.Categorical.from_codes(numbers, pd.Index(np.arange(10, 80)))
        extra = {"enable_categorical": True}
    if objective == "survival:aft":
        matrix = xgb.DMatrix(data, **extra)
        matrix.set_float_info("label_lower_bound", label)
        matrix.set_float_info("label_upper_bound", np.where(random.random(len(label)) < 0.2, np.inf, label))
    else:
        matrix = xgb.DMatrix(data, label=label, **extra)
    if objective.startswith("rank"):
        matrix.set_group([20] * (TRAINING_ROWS // 20))
    options = {"max_depth": 4, "nthread": 1, "seed": 5, "verbosity": 0, **options}
    if stops:
        held_out, held_signal = table(random)
        watched = xgb.DMatrix(held_out, label=labels(objective, held_signal))
        return xgb.train(
            options, matrix, rounds, evals=[(watched, "watched")], early_stopping_rounds=5, verbose_eval=False
        )
    booster = xgb.train(options, matrix, rounds, obj=squared_error if is_custom else None)
    if refreshes:
        again = {
            **options,
            "process_type": "update",
            "updater": "refresh,prune",
            "refresh_leaf": 1,
            "gamma": 6.0,
        }
        other, other_signal = table(random)
        booster = xgb.train(
            again, xgb.DMatrix(other, label=labels(objective, other_signal)), rounds, xgb_model=booster
        )
    return booster


def probing_rows(document: dict[str, Any], random: np.random.Generator) -> tuple[Floats, Floats]:
    """Rows exactly on thresholds and one unit in the last place either side, special values, and ordinary ones; and rows
    with infinities."""
    ordinary, _ = table(random)
    rows = [*ordinary[:60]]

    def with_value(column: int, value: float) -> Floats:
        row: Floats = ordinary[int(random.integers(len(ordinary)))].copy()
        row[column] = value
        return row

    booster = document["learner"]["gradient_booster"]
    trees = booster.get("gbtree", booster)["model"].get("trees", [])
    splits = []
    for tree in trees:
        arrays = (tree["left_children"], tree["split_indices"], tree["split_conditions"])
        splits += [(column, limit) for left, column, limit in zip(*arrays, strict=True) if left != -1]
    for place in random.permutation(len(splits))[:MOST_SPLITS]:
        column, limit = splits[place]
        threshold = np.float32(limit)
        if column < FEATURES:
            ways = (np.float32(-np.inf), threshold, np.float32(np.inf))
            rows += [with_value(column, np.nextafter(threshold, way)) for way in ways]
    for column in range(FEATURES):
        values = CATEGORY_SPECIAL + list(range(8)) if column in CATEGORICAL else SPECIAL
        rows += [with_value(column, value) for value in values]
    rows += [np.full(FEATURES, value, dtype=np.float32) for value in SPECIAL]
    infinite = [with_value(column, value) for column in range(FEATURES) for value in INFINITE]
    return np.array(rows, dtype=np.float32), np.array(infinite, dtype=np.float32)


def answers_of(
    booster: xgb.Booster, document: dict[str, Any], rows: Floats, infinite: Floats
) -> dict[str, Any]:
    """What the library answers, by kind."""
    matrix = xgb.DMatrix(rows)
    loose = {"validate_features": False}
    asks: dict[str, dict[str, Any]] = {"margins": {"output_margin": True}, "outputs": {}}
    best = document["learner"]["attributes"].get("best_iteration")
    if best is not None and int(best) >= 0 and document["learner"]["gradient_booster"]["name"] != "gblinear":
        asks["best"] = {"output_margin": True, "iteration_range": (0, int(best) + 1)}
    answers: dict[str, Any] = {}
    for kind, options in asks.items():
        answers[kind] = booster.predict(matrix, **options, **loose)
        if len(infinite):
            is_margin = "output_margin" in options
            further = booster.inplace_predict(
                infinite,
                predict_type="margin" if is_margin else "value",
                iteration_range=options.get("iteration_range", (0, 0)),
                **loose,
            )
            answers[kind] = np.concatenate([answers[kind], further.reshape(-1, *answers[kind].shape[1:])])
    if all(tree["tree_param"]["size_leaf_vector"] in ("0", "1") for tree in trees_of(document)):
        answers["contributions"] = booster.predict(
            xgb.DMatrix(rows[:CONTRIBUTION_ROWS]), pred_contribs=True, **loose
        )
    return answers


def trees_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    booster = document["learner"]["gradient_booster"]
    trees: list[dict[str, Any]] = booster.get("gbtree", booster)["model"].get("trees", [])
    return trees


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lenient", action="store_true")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    cases = []
    for position, (name, options) in enumerate(grid().items()):
        random = np.random.default_rng([arguments.seed, position])
        path = arguments.out / f"{name}.json"
        try:
            train(options, random).save_model(str(path))
            booster = xgb.Booster({"nthread": 1})
            booster.load_model(str(path))
            document = json.loads(path.read_text(encoding="utf-8"))
            rows, infinite = probing_rows(document, random)
            # gblinear has no inplace_predict, and that of dart rounds otherwise than predict.
            if options.get("booster") in ("gblinear", "dart"):
                infinite = infinite[:0]
            answers = answers_of(booster, document, rows, infinite)
        except Exception as error:
            if not arguments.lenient:
                raise
            sys.stderr.write(f"{name}: {str(error)[:200]!r}\n")
            continue
        encodings = ["json"]
        if "ubj" in (getattr(xgb.Booster.save_raw, "__doc__", "") or ""):
            booster.save_model(str(arguments.out / f"{name}.ubj"))
            encodings.append("ubj")
        answers["rows"] = np.concatenate([rows, infinite])
        for kind, values in answers.items():
            np.asarray(values, dtype="<f8").tofile(arguments.out / f"{name}.{kind}.f64")
        cases.append(
            {"name": name, "rows": len(answers["rows"]), "encodings": encodings, "kinds": list(answers)}
        )
    (arguments.out / "cases.json").write_text(json.dumps(cases), encoding="utf-8")


if __name__ == "__main__":
    main()
