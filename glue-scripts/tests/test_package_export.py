"""Exported models against the libraries that fitted them, to the bit, also where ports usually go wrong."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from lightgbm import LGBMClassifier, early_stopping
from package_samples import FIELDS, Fitted, fitted, sample_leads
from sklearn.base import clone
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
)
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from leadgauge.package.build import check_exactness
from leadgauge.package.evaluate import evaluate
from leadgauge.package.predictor import export_fitted, export_predictor, native_margins
from leadgauge.package.predictor_file import write_predictor
from leadgauge.package.trees import ExportError, largest_single_not_above
from leadgauge.spec import FAMILIES

Doubles = npt.NDArray[np.float64]
CASES = [(family, ordered) for family in FAMILIES for ordered in (False, True)]


def awkward_rows(model: Fitted, predictor: dict[str, Any]) -> Doubles:
    """Every threshold and the doubles and singles next to it, missing values, tiny, huge and negative numbers."""
    random = np.random.default_rng(0)
    rows = [model.inputs]
    codes = set(model.encoder.categorical_columns_)
    numbers = [position for position in range(model.inputs.shape[1]) if position not in codes]
    special = [
        0.0,
        -0.0,
        5e-324,
        -5e-324,
        1e-36,
        -1e-36,
        1e-35,
        1.0000000180025095e-35,
        1.1e-35,
        1e30,
        -1e30,
        0.1,
        16777217.0,
    ]
    if model.encoder.accepts_missing:
        special.append(np.nan)
    for position in numbers:
        values = list(special)
        if predictor["kind"] == "trees":
            for threshold in np.unique(predictor["threshold"][predictor["feature"] == position]):
                with np.errstate(over="ignore"):
                    single = np.float32(threshold)
                    values += [threshold, np.nextafter(threshold, np.inf), np.nextafter(threshold, -np.inf)]
                    values += [float(np.nextafter(single, np.float32(way))) for way in (np.inf, -np.inf)]
        values = [
            value for value in values if not abs(value) > float(np.finfo(np.float32).max)
        ]  # the libraries refuse those
        block = model.inputs[random.integers(len(model.inputs), size=len(values))].copy()
        block[:, position] = values
        rows.append(block)
    if model.encoder.accepts_missing:
        missing = model.inputs[:100].copy()
        missing[random.random(missing.shape) < 0.5] = np.nan
        rows += [missing, np.full((1, missing.shape[1]), np.nan)]
    return np.concatenate(rows)


@pytest.mark.parametrize(("family", "ordered"), CASES)
def test_margins_are_those_of_the_library(family: str, ordered: bool) -> None:
    model = fitted(family, ordered)
    predictor = export_predictor(family, model.estimator, model.encoder.columns_)
    rows = awkward_rows(model, predictor)
    found, expected = evaluate(predictor, rows), native_margins(family, model.estimator, rows)
    assert found.shape == (len(rows), 3 if ordered else 1)
    if family == "logistic-regression":
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    else:
        assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize(("family", "ordered"), [case for case in CASES if case[0] != "logistic-regression"])
def test_trees_are_well_formed(family: str, ordered: bool) -> None:
    model = fitted(family, ordered)
    predictor = export_predictor(family, model.estimator, model.encoder.columns_)
    for start, end in zip(predictor["treeStart"], predictor["treeStart"][1:], strict=False):
        size = end - start
        inner = np.flatnonzero(predictor["feature"][start:end] >= 0)
        children = np.concatenate([predictor[side][start:end][inner] for side in ("left", "right")])
        assert sorted(children.tolist()) == list(range(1, size))  # every node but the root has one parent
        assert (predictor["left"][start:end][inner] > inner).all()
        assert (predictor["right"][start:end][inner] > inner).all()
    assert np.isfinite(predictor["threshold"]).all()
    assert (predictor["cover"] > 0).all()
    assert predictor["treeOutput"].max() < predictor["outputs"]


def test_native_categories_are_really_exported_as_sets() -> None:
    for family in ("xgboost", "lightgbm", "hist-gradient-boosting"):
        model = fitted(family, ordered=False)
        predictor = export_predictor(family, model.estimator, model.encoder.columns_)
        assert any(len(codes) > 1 for codes in predictor["categorySets"]), family


def test_early_stopping_serves_the_best_iteration() -> None:
    _, _, labels = sample_leads(ordered=False)
    model = fitted("xgboost", ordered=False)
    inputs, evaluation = model.inputs[:300], [(model.inputs[300:], labels[300:])]
    boosted = XGBClassifier(
        n_estimators=300, learning_rate=0.5, early_stopping_rounds=5, n_jobs=1,
        feature_types=model.estimator.feature_types, enable_categorical=True,
    )  # fmt: skip
    boosted.fit(inputs, labels[:300], eval_set=evaluation, verbose=False)
    light = LGBMClassifier(n_estimators=300, learning_rate=0.5, n_jobs=1, verbose=-1)
    light.fit(
        inputs,
        labels[:300],
        eval_X=model.inputs[300:],
        eval_y=labels[300:],
        callbacks=[early_stopping(5, verbose=False)],
    )
    for family, estimator, best in (
        ("xgboost", boosted, boosted.best_iteration + 1),
        ("lightgbm", light, light.best_iteration_),
    ):
        predictor = export_predictor(family, estimator, model.encoder.columns_)
        assert len(predictor["treeOutput"]) == best < 300
        check_exactness(family, estimator, predictor, model.inputs)


def test_a_tree_without_a_split() -> None:
    for family, estimator in (
        ("lightgbm", LGBMClassifier(n_estimators=3, min_child_samples=1000, n_jobs=1, verbose=-1)),
        ("xgboost", XGBClassifier(n_estimators=3, gamma=1e9, n_jobs=1)),
        ("decision-tree", DecisionTreeClassifier(max_depth=1, min_impurity_decrease=1e9)),
    ):
        model = fitted("gradient-boosting", ordered=False)
        estimator.fit(model.inputs, model.labels)
        predictor = export_predictor(family, estimator, model.encoder.columns_)
        check_exactness(family, estimator, predictor, model.inputs)


def test_thresholds_of_doubles_become_singles_that_split_alike() -> None:
    thresholds = np.array([0.1, 0.5, 1e-50, -1e-50, 16777217.0, 1e300, -1e300, 3.0])
    singles = largest_single_not_above(thresholds)
    assert (singles.astype(np.float32).astype(np.float64) == singles).all()
    with np.errstate(over="ignore"):
        near = np.concatenate(
            [np.nextafter(singles.astype(np.float32), np.float32(way)) for way in (-np.inf, np.inf)]
        )
    for x in np.concatenate([near, singles.astype(np.float32)]).astype(np.float64):
        usable = np.isfinite(x) & (np.abs(thresholds) < 1e299)
        assert ((x <= thresholds) == (x <= singles))[usable].all()


def test_what_cannot_be_exported_is_refused() -> None:
    model = fitted("xgboost", ordered=False)
    columns = model.encoder.columns_
    with pytest.raises(ExportError, match="inputs, but there are"):
        export_predictor("xgboost", model.estimator, columns[:-1])
    with pytest.raises(ExportError, match="every class"):
        export_predictor(
            "decision-tree",
            DecisionTreeClassifier().fit(model.inputs, np.zeros(len(model.inputs), int)),
            columns,
        )
    with pytest.raises(ExportError, match="every class"):
        export_predictor(
            "decision-tree", DecisionTreeClassifier().fit(model.inputs, model.labels + 1), columns
        )
    numbers = np.nan_to_num(model.inputs)
    with pytest.raises(ExportError, match="dart"):
        export_predictor(
            "xgboost", XGBClassifier(booster="dart", n_estimators=2).fit(numbers, model.labels), columns
        )
    forest = LGBMClassifier(
        boosting_type="rf", bagging_freq=1, bagging_fraction=0.5, n_estimators=2, verbose=-1
    )
    with pytest.raises(ExportError, match="rf"):
        export_predictor("lightgbm", forest.fit(numbers, model.labels), columns)


def test_estimators_that_a_file_cannot_say_are_refused(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(200, 3))
    y = (x[:, 0] > 0).astype(int)
    by_code = HistGradientBoostingClassifier(categorical_features=[2], max_iter=2)
    nothing, days = x.astype(object), x.astype(object)
    nothing[:, 2] = ["high" if value > 0 else None for value in x[:, 2]]
    days[:, 2] = [date(2026, 1, 1 + int(value > 0)) for value in x[:, 2]]
    cases: list[tuple[Any, str]] = [
        (
            GradientBoostingClassifier(n_estimators=2, init=LogisticRegression()).fit(x, y),
            "init=LogisticRegression",
        ),
        (DecisionTreeClassifier().fit(x, np.column_stack([y, 1 - y])), "one target"),
        (DecisionTreeClassifier().fit(x, 0 * y), "two classes or more"),
        (clone(by_code).fit(nothing, y), "feature 2 has None among its categories"),
        (clone(by_code).fit(days, y), "feature 2 has categories of the type date"),
        (AdaBoostClassifier(n_estimators=2).fit(x, y), "AdaBoostClassifier is not exported"),
    ]
    for estimator, message in cases:
        with pytest.raises(ExportError, match=message):
            write_predictor(estimator, tmp_path / "model.json")
    with pytest.raises(NotFittedError):
        write_predictor(DecisionTreeClassifier(), tmp_path / "model.json")
    assert not (tmp_path / "model.json").exists()


def test_a_package_takes_codes_for_categories() -> None:
    x = np.random.default_rng(1).integers(0, 5, (200, 1)) / 2
    estimator = HistGradientBoostingClassifier(categorical_features=[0], max_iter=2).fit(x, x[:, 0] > 1)
    with pytest.raises(ExportError, match=r"0\.5 is no code of a category"):
        export_fitted("hist-gradient-boosting", estimator)


def test_a_wrong_export_is_noticed() -> None:
    model = fitted("lightgbm", ordered=False)
    predictor = export_predictor("lightgbm", model.estimator, model.encoder.columns_)
    broken = predictor | {"value": np.nextafter(predictor["value"], np.inf)}
    with pytest.raises(ExportError, match=r"differs from the library's own margins on [1-9]"):
        check_exactness("lightgbm", model.estimator, broken, model.inputs)


def test_the_sample_covers_every_field_type_of_a_model() -> None:
    assert {field["type"] for field in FIELDS} == {"number", "integer", "category", "ordinal", "boolean"}
