"""Contributions against shap, LightGBM's own, and the definition of a Shapley value by enumeration."""

import itertools
import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import shap
import xgboost
from package_samples import fitted, package

from leadgauge.package.contributions import contributions, fold_by_field
from leadgauge.package.evaluate import evaluate, goes_left, prepare
from leadgauge.package.predictor import native_margins
from leadgauge.spec import FAMILIES

Doubles = npt.NDArray[np.float64]
CASES = [(family, ordered) for family in FAMILIES for ordered in (False, True)]


def rows_with_missing(family: str, ordered: bool, rows: int = 60) -> Doubles:
    model = fitted(family, ordered)
    inputs = model.inputs[:rows].copy()
    if model.encoder.accepts_missing:
        inputs[np.random.default_rng(1).random(inputs.shape) < 0.2] = np.nan
    return inputs


def explained(family: str, ordered: bool, inputs: Doubles) -> tuple[Doubles, Doubles]:
    serving = package(family, ordered).serving
    return contributions(serving["predictor"], serving["explanation"], inputs), np.array(
        serving["explanation"]["baseline"]
    )


@pytest.mark.parametrize(("family", "ordered"), CASES)
def test_contributions_add_up_to_the_margin(family: str, ordered: bool) -> None:
    inputs = rows_with_missing(family, ordered)
    values, baseline = explained(family, ordered, inputs)
    margins = evaluate(package(family, ordered).serving["predictor"], inputs)
    tolerance = 1e-4 if family == "xgboost" else 1e-11  # its margins and weights are sums in float32
    np.testing.assert_allclose(baseline + values.sum(axis=1), margins, atol=tolerance)


def expected_margin(predictor: dict[str, Any], tree: int, row: Doubles, known: frozenset[int]) -> Doubles:
    """The path-dependent expectation of one tree when only some columns are known: EXPVALUE of the TreeSHAP paper."""
    start = int(predictor["treeStart"][tree])

    def below(node: int) -> Doubles:
        column = int(predictor["feature"][node])
        if column < 0:
            return np.asarray(predictor["value"][node])
        left, right = (start + int(predictor[side][node]) for side in ("left", "right"))
        if column in known:
            went_left = goes_left(predictor, np.array([node]), row[[column]])[0]
            return below(left if went_left else right)
        cover = predictor["cover"]
        return np.asarray((below(left) * cover[left] + below(right) * cover[right]) / cover[node])

    return below(start)


def small_trees(predictor: dict[str, Any]) -> list[tuple[dict[str, Any], list[int]]]:
    """Two trees, each as a predictor of its own, with at most 7 columns, so that every subset can be tried."""
    found = []
    for tree, (start, end) in enumerate(itertools.pairwise(predictor["treeStart"])):
        columns = sorted({int(column) for column in predictor["feature"][start:end] if column >= 0})
        if 3 <= len(columns) <= 7:
            one = {
                "treeOutput": predictor["treeOutput"][[tree]],
                "treeStart": predictor["treeStart"][[tree, tree + 1]],
            }
            found.append((predictor | one | {"divide": None}, columns))
    return found[:2]


@pytest.mark.parametrize("family", ["gradient-boosting", "xgboost", "lightgbm", "hist-gradient-boosting"])
def test_contributions_are_shapley_values_by_their_definition(family: str) -> None:
    """Native categories and missing values included, which shap cannot check."""
    inputs = rows_with_missing(family, False, rows=3)
    trees = small_trees(package(family, False).serving["predictor"])
    assert len(trees) == 2
    for predictor, columns in trees:
        found = contributions(predictor, {}, inputs)
        prepared = prepare(predictor, inputs)
        for row in range(len(inputs)):
            margin_of = {
                subset: float(expected_margin(predictor, 0, prepared[row], frozenset(subset))[0])
                for size in range(len(columns) + 1)
                for subset in itertools.combinations(columns, size)
            }
            for column in columns:
                value = sum(
                    (margin_of[tuple(sorted((*subset, column)))] - margin_of[subset])
                    / (math.comb(len(columns) - 1, len(subset)) * len(columns))
                    for subset in margin_of
                    if column not in subset
                )
                # XGBoost's covers are float32 sums, so that children do not add up to their parent exactly.
                assert found[row, column, 0] == pytest.approx(
                    value, abs=1e-6 if family == "xgboost" else 1e-12
                )


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("family", ["decision-tree", "random-forest", "gradient-boosting"])
def test_contributions_are_those_of_shap(family: str, ordered: bool) -> None:
    if family == "gradient-boosting" and ordered:
        pytest.skip("shap explains scikit-learn's gradient boosting for two classes only")
    model = fitted(family, ordered)
    inputs = model.inputs[:80]
    inputs = inputs[~np.isnan(inputs).any(axis=1)]
    explainer = shap.TreeExplainer(model.estimator, feature_perturbation="tree_path_dependent")
    theirs = np.asarray(explainer.shap_values(inputs, check_additivity=False))
    theirs = theirs.reshape(*inputs.shape, -1)
    theirs = theirs[:, :, 1:] if theirs.shape[2] == 2 else theirs
    values, baseline = explained(family, ordered, inputs)
    np.testing.assert_allclose(values, theirs, atol=1e-9)
    np.testing.assert_allclose(baseline, np.ravel(explainer.expected_value)[-len(baseline) :], atol=1e-9)


@pytest.mark.parametrize("ordered", [False, True])
def test_contributions_are_lightgbms_own(ordered: bool) -> None:
    inputs = rows_with_missing("lightgbm", ordered)
    booster = fitted("lightgbm", ordered).estimator.booster_
    theirs = (
        booster.predict(inputs, pred_contrib=True)
        .reshape(len(inputs), -1, inputs.shape[1] + 1)
        .transpose(0, 2, 1)
    )
    values, baseline = explained("lightgbm", ordered, inputs)
    np.testing.assert_allclose(values, theirs[:, :-1], atol=1e-10)
    np.testing.assert_allclose(np.tile(baseline, (len(inputs), 1)), theirs[:, -1], atol=1e-10)


@pytest.mark.parametrize("ordered", [False, True])
def test_contributions_are_xgboosts_within_single_precision(ordered: bool) -> None:
    model = fitted("xgboost", ordered)
    inputs = rows_with_missing("xgboost", ordered)
    matrix = xgboost.DMatrix(inputs, feature_types=model.estimator.feature_types, enable_categorical=True)
    theirs = model.estimator.get_booster().predict(matrix, pred_contribs=True)
    theirs = theirs.reshape(len(inputs), -1, inputs.shape[1] + 1).transpose(0, 2, 1)
    values, _ = explained("xgboost", ordered, inputs)
    np.testing.assert_allclose(values, theirs[:, :-1], atol=2e-5)


def test_a_linear_model_is_explained_from_its_means() -> None:
    model = fitted("logistic-regression", False)
    values, baseline = explained("logistic-regression", False, model.inputs)
    np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-12)
    margins = native_margins("logistic-regression", model.estimator, model.inputs)
    np.testing.assert_allclose(baseline[0], margins.mean(), atol=1e-12)


def test_columns_fold_into_the_field_they_are_told_under() -> None:
    model = fitted("lightgbm", False)
    values, _ = explained("lightgbm", False, model.inputs)
    folded = fold_by_field(model.encoder.columns_, values)
    assert list(folded) == ["time", "visits", "source", "city", "rating", "subscribed"]
    own = [position for position, column in enumerate(model.encoder.columns_) if column["field"] == "time"]
    assert [model.encoder.columns_[position]["name"] for position in own] == ["time", "time per visit"]
    np.testing.assert_allclose(folded["time"], values[:, own].sum(axis=1), atol=1e-15)
    np.testing.assert_allclose(sum(folded.values()), values.sum(axis=1), atol=1e-12)
