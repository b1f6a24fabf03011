"""Calibration recovers a distortion that was put in, leaves good margins alone, and never turns the order round."""

import numpy as np
import pytest

from leadgauge.package.calibration import apply_calibration
from leadgauge.training import calibrate
from leadgauge.training.metrics import calibration_line, class_calibration_error, log_loss


def margins_and_labels(
    seed: int, rows: int, *, slope: float = 1.0, intercept: float = 0.0
) -> tuple[calibrate.Floats, calibrate.Ints]:
    """Margins m of which the true log-odds are slope * m + intercept."""
    generator = np.random.default_rng(seed)
    margins = generator.normal(0, 2, rows)
    truth = 1 / (1 + np.exp(-(slope * margins + intercept)))
    return margins[:, None], (generator.random(rows) < truth).astype(np.int64)


def test_platt_finds_the_distortion() -> None:
    margins, labels = margins_and_labels(0, 900, slope=0.5, intercept=-0.7)
    fitted = calibrate.fit_calibration(margins, labels, input_kind="margin", seed=0)
    assert fitted["method"] == "platt"
    assert fitted["slope"] == pytest.approx(0.5, abs=0.1)
    assert fitted["intercept"] == pytest.approx(-0.7, abs=0.25)
    slope, intercept = calibration_line(labels == 1, calibrate.probabilities_of(fitted, margins)[:, 1])
    assert [slope, intercept] == pytest.approx([1, 0], abs=1e-4)


def test_margins_that_are_calibrated_stay_as_they_are() -> None:
    margins, labels = margins_and_labels(1, 900)
    fitted = calibrate.fit_calibration(margins, labels, input_kind="margin", seed=0)
    assert fitted == calibrate.uncalibrated(1, "margin")


def test_isotonic_needs_a_thousand_rows_of_each_class_and_a_gain() -> None:
    def warped(rows: int) -> tuple[calibrate.Floats, calibrate.Ints]:
        generator = np.random.default_rng(2)
        margins = generator.normal(0, 2, rows)
        truth = np.where(
            margins > 0.5, 0.9, np.where(margins > -0.5, 0.5, 0.1)
        )  # a staircase: no line fits it
        return margins[:, None], (generator.random(rows) < truth).astype(np.int64)

    few, many = warped(1_500), warped(4_000)
    assert calibrate.fit_calibration(*few, input_kind="margin", seed=0)["method"] == "platt"
    fitted = calibrate.fit_calibration(*many, input_kind="margin", seed=0)
    assert fitted["method"] == "isotonic"
    assert np.all(np.diff(fitted["margins"]) > 0)
    assert np.all(np.diff(fitted["probabilities"]) >= 0)
    assert 0 < fitted["probabilities"][0] < fitted["probabilities"][-1] < 1
    smooth = margins_and_labels(3, 4_000, slope=0.6)
    assert calibrate.fit_calibration(*smooth, input_kind="margin", seed=0)["method"] == "platt"


def test_shares_of_a_forest_are_stretched() -> None:
    margins, labels = margins_and_labels(4, 900, slope=2.5)
    shares = 1 / (1 + np.exp(-margins))
    fitted = calibrate.fit_calibration(shares, labels, input_kind="probability", seed=0)
    assert fitted["input"] == "probability"
    assert fitted["slope"] == pytest.approx(2.5, abs=0.5)


def test_one_temperature_for_three_classes() -> None:
    generator = np.random.default_rng(5)
    truth = generator.normal(0, 1.5, (3_000, 3))
    odds = np.exp(truth) / np.exp(truth).sum(axis=1, keepdims=True)
    labels = np.array([generator.choice(3, p=row) for row in odds], dtype=np.int64)
    fitted = calibrate.fit_calibration(truth * 2, labels, input_kind="margin", seed=0)
    assert fitted["temperature"] == pytest.approx(2, abs=0.2)
    before = calibrate.probabilities_of(calibrate.uncalibrated(3, "margin"), truth * 2)
    after = calibrate.probabilities_of(fitted, truth * 2)
    assert log_loss(labels, after) < log_loss(labels, before)
    assert class_calibration_error(labels, after) < class_calibration_error(labels, before)


@pytest.mark.parametrize("turned", [-1.0, 0.0])
def test_a_model_that_ranks_no_better_than_chance_says_the_rate(turned: float) -> None:
    margins, labels = margins_and_labels(6, 600, slope=turned)
    fitted = calibrate.fit_calibration(margins, labels, input_kind="margin", seed=0)
    assert fitted["slope"] > 0
    table = calibrate.probabilities_of(fitted, margins)
    assert table[:, 1].mean() == pytest.approx(labels.mean(), abs=0.02)
    assert np.ptp(table[:, 1]) < 0.2


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("input_kind", ["margin", "probability"])
def test_figures_use_the_probabilities_that_are_served(outputs: int, input_kind: str) -> None:
    generator = np.random.default_rng(7)
    margins = (
        generator.normal(0, 2, (200, outputs)) if input_kind == "margin" else generator.random((200, outputs))
    )
    for calibration in [
        {
            **calibrate.uncalibrated(outputs, input_kind),
            **({"slope": 1.3, "intercept": -0.2} if outputs == 1 else {"temperature": 0.8}),
        },
        *(
            [{"method": "isotonic", "margins": [-1.0, 0.0, 0.5], "probabilities": [0.1, 0.2, 0.9]}]
            if outputs == 1
            else []
        ),
    ]:
        served = apply_calibration(calibration, margins)
        own = calibrate.probabilities_of(calibration, margins)
        np.testing.assert_allclose(own[:, 1:] if outputs == 1 else own, served, atol=1e-12)
