"""Drift is followed where it is steady, left alone where it wanders or is not there, and told in either case."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from spec_samples import ORDERED_TARGET, sample_spec

from leadgauge.training.assessment import assess
from leadgauge.training.calibrate import Calibration, probabilities_of
from leadgauge.training.drift import Slice, corrected, follow_drift, steady_drift
from leadgauge.training.forward import PERIODS
from leadgauge.training.metrics import calibration_line
from leadgauge.training.progress import Progress
from leadgauge.training.rows import Rows
from leadgauge.training.search import Candidate, Evaluated, Setting, evaluate_out_of_fold

FIELDS = [
    {"name": "signal", "type": "number"},
    {"name": "noise", "type": "number"},
    {"name": "created", "type": "timestamp"},
]
FEATURES = [{"input": "signal", "encode": "number"}, {"input": "noise", "encode": "number"}]
BY_TIME = {"holdOut": {"by": "time", "share": 0.2, "field": "created"}}
BY_CHANCE = {"holdOut": {"by": "random", "share": 0.2}}


def setting_of(**parts: object) -> Setting:
    spec = sample_spec(fields=FIELDS, features=FEATURES, **({"training": BY_TIME} | parts))
    return Setting(spec, 0, 1, 5, "logLoss", Progress())


def leads_in_time(
    seed: int, *, rate: float = 0.0, fading: float = 0.0, rows: int = 12_000
) -> tuple[Rows, Rows]:
    """The first 80 % of leads and the rest; over the whole time the log-odds fall by `rate`, the signal's weight by `fading`."""
    generator = np.random.default_rng(seed)
    time = np.linspace(0, 1, rows)
    signal, noise = generator.normal(size=(2, rows))
    truth = -0.2 - rate * time + (1.6 - fading * time) * signal
    labels = (generator.random(rows) < 1 / (1 + np.exp(-truth))).astype(np.int64)
    values = pd.DataFrame({"signal": signal, "noise": noise, "created": 1.7e12 + 1e10 * time})
    shuffled = generator.permutation(rows)  # a file need not be in order of time
    known = np.sort(shuffled[shuffled < rows * 0.8])
    return Rows(values, labels).take(generator.permutation(known)), Rows(values, labels).take(
        np.arange(int(rows * 0.8), rows)
    )


def model_of(setting: Setting, rows: Rows) -> Evaluated:
    candidate = Candidate("logistic-regression", {"C": 1.0}, "engagement")
    return evaluate_out_of_fold(setting, [candidate], rows)[0]


def slope_and_bias(setting: Setting, model: Evaluated, rows: Rows, coming: Rows) -> tuple[float, float]:
    told = assess(setting, model, rows, coming).probabilities[:, 1]
    event = coming.labels == 1
    return calibration_line(event, told)[0], float(told.mean() - event.mean())


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_rate_that_falls_steadily_is_followed(seed: int) -> None:
    setting = setting_of()
    rows, coming = leads_in_time(seed, rate=1.5)
    plain = model_of(setting, rows)
    following, drift = follow_drift(setting, plain, rows)
    assert drift is not None
    assert drift.slope == 1
    assert slope_and_bias(setting, plain, rows, coming)[1] > 0.08
    slope, bias = slope_and_bias(setting, following, rows, coming)
    assert abs(bias) < 0.025
    assert 0.9 < slope < 1.15
    assert [each.rows for each in drift.slices] == [960] * PERIODS
    assert all(each.mean_probability > each.rate for each in drift.slices)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_signal_that_fades_steadily_costs_confidence(seed: int) -> None:
    setting = setting_of()
    rows, coming = leads_in_time(seed, fading=1.0)
    plain = model_of(setting, rows)
    following, _ = follow_drift(setting, plain, rows)
    before, after = (slope_and_bias(setting, each, rows, coming)[0] for each in (plain, following))
    assert before < 0.75
    assert before + 0.15 < after < 1.15


def test_without_drift_calibration_stays_as_it_is_nearly_always() -> None:
    setting = setting_of()
    unmoved = 0
    for seed in range(10):
        rows, _ = leads_in_time(seed, rows=4_000)
        plain = model_of(setting, rows)
        following, drift = follow_drift(setting, plain, rows)
        assert drift is not None
        unmoved += following.calibration == plain.calibration
    assert unmoved >= 8


def slices_of(slopes: list[float], shifts: list[float]) -> tuple[Slice, ...]:
    return tuple(
        Slice(0, 1, 1_000, 0.6 + 0.1 * k, 0.55, 0.5, slope, shift, shift)
        for k, (slope, shift) in enumerate(zip(slopes, shifts, strict=True))
    )


def test_a_drift_that_changes_its_direction_is_told_and_not_followed() -> None:
    drift = steady_drift(slices_of([1.1, 0.9, 1.05, 0.95, 1.0], [-0.22, -0.23, 0.08, -0.07, -0.15]))
    assert (drift.slope, drift.intercept) == (1.0, 0.0)
    assert drift.document()["correction"] == {"slope": 1.0, "intercept": 0.0}
    assert drift.document()["meanError"] == pytest.approx(0.05)
    assert len(drift.document()["slices"]) == PERIODS


def test_a_steady_drift_is_extrapolated_in_proportion_to_time() -> None:
    drift = steady_drift(slices_of([1.0, 1.01, 0.99, 1.0, 1.0], [-0.06, -0.07, -0.08, -0.09, -0.10]))
    assert drift.intercept == pytest.approx(-0.11)


@pytest.mark.parametrize(
    "calibration",
    [
        {"method": "platt", "input": "margin", "slope": 1.3, "intercept": -0.2},
        {"method": "isotonic", "margins": [-2.0, 0.0, 3.0], "probabilities": [0.1, 0.4, 0.9]},
    ],
)
def test_the_correction_is_one_of_log_odds(calibration: Calibration) -> None:
    margins = np.array([[-2.0], [0.0], [3.0]])

    def log_odds(of: Calibration) -> np.ndarray:
        p = probabilities_of(of, margins)[:, 1]
        return np.log(p / (1 - p))

    moved = log_odds(corrected(calibration, 0.8, 0.3))
    np.testing.assert_allclose(moved, 0.8 * log_odds(calibration) + 0.3, rtol=1e-9)


def test_it_is_measured_only_where_a_later_part_is_held_out_and_slices_have_leads_of_both_classes() -> None:
    rows, _ = leads_in_time(0, rows=1_500)
    by_time = setting_of()
    plain = model_of(by_time, rows)
    assert follow_drift(by_time, plain, rows)[1] is not None
    assert follow_drift(setting_of(training=BY_CHANCE), plain, rows) == (plain, None)
    assert follow_drift(setting_of(target=ORDERED_TARGET), plain, rows) == (plain, None)
    assert follow_drift(by_time, plain, rows.take(np.arange(400))) == (plain, None)
    timeless = Rows(rows.values.assign(created=np.nan), rows.labels)
    assert follow_drift(by_time, plain, timeless) == (plain, None)


def test_threads_change_nothing() -> None:
    setting = setting_of()
    rows, _ = leads_in_time(3, rate=1.5, rows=3_000)
    plain = model_of(setting, rows)
    one = follow_drift(setting, plain, rows)[1]
    assert one == follow_drift(replace(setting, threads=3), plain, rows)[1]
