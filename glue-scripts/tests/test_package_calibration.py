"""Calibration: fdlibm's exp and log, the three methods, cut points."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadgauge.package.calibration import (
    ALWAYS,
    NEVER,
    apply_calibration,
    apply_isotonic,
    cut_point,
    percentile_cuts,
    probability_cuts,
)
from leadgauge.package.fdlibm import exp, log

PLATT = {"method": "platt", "input": "margin", "slope": 1.3, "intercept": -0.4}
PLATT_OF_SHARES = {"method": "platt", "input": "probability", "slope": 0.8, "intercept": 0.1}
ISOTONIC = {"method": "isotonic", "margins": [-2.0, -0.5, 0.0, 1.5], "probabilities": [0.05, 0.3, 0.3, 0.9]}
BINARY = [PLATT, PLATT_OF_SHARES, ISOTONIC]


def units_apart(found: float, expected: float) -> float:
    return abs(found - expected) / math.ulp(expected) if expected else abs(found - expected) / 5e-324


@given(st.floats(-745, 709.75))
def test_exp_is_within_two_units_of_the_runtimes(x: float) -> None:
    assert units_apart(float(exp(np.array([x]))[0]), math.exp(x)) <= 2


@given(st.floats(0, allow_nan=False, allow_infinity=False, exclude_min=True))
def test_log_is_within_two_units_of_the_runtimes(x: float) -> None:
    assert units_apart(float(log(np.array([x]))[0]), math.log(x)) <= 2


def test_exp_and_log_at_their_ends() -> None:
    ends = np.array([0.0, -0.0, 1.0, math.inf, -math.inf, 710.0, -746.0, math.nan])
    assert exp(ends)[:7].tolist() == [1, 1, math.e, math.inf, 0, math.inf, 0]
    assert np.isnan(exp(ends)[7])
    assert log(np.array([1.0, 0.0, -0.0, math.inf])).tolist() == [0, -math.inf, -math.inf, math.inf]
    assert np.isnan(log(np.array([-1.0, math.nan]))).all()


def test_platt_is_the_logistic_of_the_line() -> None:
    margins = np.linspace(-500, 900, 2001)[:, None]
    with np.errstate(over="ignore"):
        expected = 1 / (1 + np.exp(-(1.3 * margins - 0.4)))
    np.testing.assert_allclose(apply_calibration(PLATT, margins), expected, rtol=1e-14)


def test_shares_are_held_away_from_0_and_1() -> None:
    p = apply_calibration(PLATT_OF_SHARES, np.array([[0.0], [1e-6], [0.5], [1 - 1e-6], [1.0]]))[:, 0]
    assert p[0] == p[1] > 0
    assert p[3] == p[4] < 1
    assert p[2] == pytest.approx(1 / (1 + math.exp(-0.1)))


def test_isotonic_is_linear_between_knots_and_flat_outside() -> None:
    p = apply_calibration(
        ISOTONIC, np.array([[-9.0], [-2.0], [-1.25], [-0.5], [-0.25], [0.0], [0.75], [1.5], [9.0]])
    )
    np.testing.assert_allclose(p[:, 0], [0.05, 0.05, 0.175, 0.3, 0.3, 0.3, 0.6, 0.9, 0.9])
    assert apply_isotonic(
        np.array([-1.0, 5.0]), knots=np.array([0.0]), probabilities=np.array([0.4])
    ).tolist() == [0.4, 0.4]


def test_temperature_is_a_softmax() -> None:
    margins = np.array([[1.0, 2.0, 3.0], [1000.0, 0.0, -1000.0]])
    p = apply_calibration({"method": "temperature", "input": "margin", "temperature": 2.0}, margins)
    powers = np.exp(margins / 2 - (margins / 2).max(axis=1, keepdims=True))
    np.testing.assert_allclose(p, powers / powers.sum(axis=1, keepdims=True), rtol=1e-14)
    of_shares = {"method": "temperature", "input": "probability", "temperature": 1.0}
    np.testing.assert_allclose(
        apply_calibration(of_shares, np.array([[0.2, 0.3, 0.5]])), [[0.2, 0.3, 0.5]], rtol=1e-14
    )
    assert apply_calibration(of_shares, np.array([[0.0, 0.0, 1.0]]))[0, 0] == pytest.approx(1e-6, rel=1e-5)


@pytest.mark.parametrize("calibration", BINARY, ids=lambda each: f"{each['method']} {each.get('input', '')}")
@given(limit=st.floats(0, 1))
def test_a_cut_point_is_the_smallest_margin_that_reaches_the_limit(
    calibration: dict[str, Any], limit: float
) -> None:
    cut = cut_point(calibration, limit)
    with np.errstate(over="ignore"):
        below = np.nextafter(cut, -np.inf)
    if cut < NEVER:
        assert apply_calibration(calibration, np.array([[cut]]))[0, 0] >= limit
    if np.isfinite(below):
        assert apply_calibration(calibration, np.array([[below]]))[0, 0] < limit


def test_cut_points_that_none_or_all_reach() -> None:
    assert cut_point(ISOTONIC, 0.95) == NEVER
    assert cut_point(ISOTONIC, 0.05) == ALWAYS
    assert cut_point(PLATT, 0.0) == ALWAYS
    assert cut_point(PLATT_OF_SHARES, 1.0) == NEVER


@pytest.mark.parametrize("slope", [0.0, -1.0])
def test_a_calibration_that_turns_the_order_around_is_refused(slope: float) -> None:
    with pytest.raises(ValueError, match="wrong way round"):
        cut_point(PLATT | {"slope": slope}, 0.5)


@pytest.mark.parametrize("calibration", BINARY, ids=lambda each: f"{each['method']} {each.get('input', '')}")
def test_score_cuts_round_half_up(calibration: dict[str, Any]) -> None:
    cuts = probability_cuts(calibration)
    assert len(cuts) == 100
    assert cuts == sorted(cuts)
    margins = np.random.default_rng(0).normal(0, 2, 2000)
    scores = np.searchsorted(cuts, margins, side="right")
    expected = np.floor(100 * apply_calibration(calibration, margins[:, None])[:, 0] + 0.5)
    assert (scores == expected).all()


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30), st.floats(-6, 6))
def test_percentile_is_the_share_of_reference_values_that_are_no_higher(
    reference: list[float], value: float
) -> None:
    cuts = percentile_cuts(np.array(reference))
    share = 100 * sum(each <= value for each in reference) // len(reference)
    assert np.searchsorted(cuts, value, side="right") == share


def test_percentiles_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="no reference values"):
        percentile_cuts(np.array([]))
