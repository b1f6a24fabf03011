"""The metrics against scikit-learn, and what their docstrings promise besides."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference
from sklearn.linear_model import LogisticRegression

from leadgauge.training import metrics


def sample(
    seed: int, rows: int = 300, classes: int = 2, ties: bool = True
) -> tuple[metrics.Ints, metrics.Floats]:
    """Labels and probabilities with some signal; `ties` rounds the probabilities so that many are equal."""
    generator = np.random.default_rng(seed)
    labels = np.arange(rows) % classes
    generator.shuffle(labels)
    table = generator.gamma(1.0, size=(rows, classes)) + np.eye(classes)[labels] * generator.gamma(
        1.0, size=(rows, 1)
    )
    table = table / table.sum(axis=1, keepdims=True)
    if ties and classes == 2:
        event = np.round(table[:, 1], 1)
        table = np.column_stack([1 - event, event])
    return labels.astype(np.int64), table


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), ties=st.booleans())
def test_binary_figures_are_those_of_scikit_learn(seed: int, ties: bool) -> None:
    labels, table = sample(seed, ties=ties)
    event, predicted = table[:, 1], (table[:, 1] >= 0.5).astype(int)
    told = metrics.figures(labels, table)
    assert told["accuracy"] == pytest.approx(reference.accuracy_score(labels, predicted))
    assert told["precision"] == pytest.approx(reference.precision_score(labels, predicted, zero_division=0))
    assert told["recall"] == pytest.approx(reference.recall_score(labels, predicted))
    assert told["f1"] == pytest.approx(reference.f1_score(labels, predicted))
    assert told["rocAuc"] == pytest.approx(reference.roc_auc_score(labels, event))
    assert told["prAuc"] == pytest.approx(reference.average_precision_score(labels, event))
    assert told["logLoss"] == pytest.approx(
        reference.log_loss(labels, np.clip(table, 1e-15, 1 - 1e-15)), rel=1e-9
    )
    assert told["brier"] == pytest.approx(reference.brier_score_loss(labels, event))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_three_class_figures_are_macro_averages(seed: int) -> None:
    labels, table = sample(seed, classes=3)
    predicted = table.argmax(axis=1)
    told = metrics.figures(labels, table)
    assert told["accuracy"] == pytest.approx(reference.accuracy_score(labels, predicted))
    for name, own in (
        (reference.precision_score, "precision"),
        (reference.recall_score, "recall"),
        (reference.f1_score, "f1"),
    ):
        assert told[own] == pytest.approx(name(labels, predicted, average="macro", zero_division=0))
    assert told["rocAuc"] == pytest.approx(
        reference.roc_auc_score(labels, table, multi_class="ovr", average="macro")
    )
    assert told["prAuc"] == pytest.approx(
        np.mean([reference.average_precision_score(labels == k, table[:, k]) for k in range(3)])
    )
    assert told["logLoss"] == pytest.approx(reference.log_loss(labels, table))
    assert metrics.confusion(labels, predicted, 3) == reference.confusion_matrix(labels, predicted).tolist()


def test_calibration_error_by_hand() -> None:
    # Twenty rows, two a bin: |mean probability - rate| is 0.1 in each of the lower bins and 0.2 in each of the upper.
    probability = np.repeat([0.1, 0.8], 10)
    event = np.repeat([False, True], 10)
    assert metrics.expected_calibration_error(event, probability) == pytest.approx((0.1 * 10 + 0.2 * 10) / 20)


def test_calibration_error_of_fewer_rows_than_bins() -> None:
    assert metrics.expected_calibration_error(np.array([True, False]), np.array([0.5, 0.5])) == pytest.approx(
        0.5
    )


def test_lift_takes_the_best_tenth_rounded_up() -> None:
    event = np.array([True, False, False, False, False, False, False, False, False, False, True])
    scores = np.linspace(1, 0, 11)
    assert metrics.lift_at(event, scores, 0.1) == pytest.approx(0.5 / (2 / 11))


def test_logistic_line_is_that_of_an_unpenalised_regression() -> None:
    generator = np.random.default_rng(3)
    x = generator.normal(2.0, 3.0, 500)
    event = generator.random(500) < 1 / (1 + np.exp(-(0.7 * x - 1)))
    slope, intercept = metrics.fit_logistic_line(x, event)
    fitted = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(x[:, None], event)
    assert slope == pytest.approx(float(fitted.coef_[0, 0]), rel=1e-5)
    assert intercept == pytest.approx(float(fitted.intercept_[0]), rel=1e-5)


def test_logistic_line_of_separable_and_degenerate_rows() -> None:
    steep, _ = metrics.fit_logistic_line(
        np.array([-1.0, -2.0, 1.0, 2.0]), np.array([False, False, True, True])
    )
    assert steep > 5
    assert np.isnan(metrics.fit_logistic_line(np.zeros(4), np.array([True, False, True, False]))).all()
    assert np.isnan(metrics.fit_logistic_line(np.arange(4.0), np.ones(4, dtype=bool))).all()


def test_one_class_only_has_no_areas_and_no_lift() -> None:
    labels = np.zeros(5, dtype=np.int64)
    told = metrics.figures(labels, np.tile([0.7, 0.3], (5, 1)))
    assert np.isnan([told["rocAuc"], told["prAuc"], told["liftAt10Percent"]]).all()
    assert told["accuracy"] == 1.0


def test_tiers_add_up() -> None:
    event = np.array([True, True, False, False, True])
    told = metrics.tier_figures(np.array([0, 0, 0, 1, 1]), 3, event)
    assert [row["leads"] for row in told] == [3, 2, 0]
    assert told[0]["conversionRate"] == pytest.approx(2 / 3)
    assert told[0]["lift"] == pytest.approx((2 / 3) / (3 / 5))
    assert np.isnan(told[2]["conversionRate"])
    assert sum(row["shareOfConversions"] for row in told) == pytest.approx(1)
