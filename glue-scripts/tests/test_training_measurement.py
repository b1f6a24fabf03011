"""What is told of a hold-out: intervals that cover, verdicts that can go either way, and the figures of the TypeScript twin."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from spec_samples import ORDERED_TARGET, sample_spec

from leadgauge.spec import Spec
from leadgauge.training import bootstrap
from leadgauge.training.measurement import HoldOut, hold_out_parts
from leadgauge.training.metrics import Floats, Ints

CASES = json.loads(
    (Path(__file__).parents[2] / "test" / "cases" / "evaluation.json").read_text(encoding="utf-8")
)["cases"]


@pytest.fixture(autouse=True)
def fewest_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough for these tests, in a fifth of the time."""
    monkeypatch.setattr(bootstrap, "MOST_DRAWS", 0)


def binary_spec() -> Spec:
    return sample_spec(fields=[{"name": "x", "type": "number"}])


def leads(rows: int, *, slope: float = 1.0, shift: float = 0.0) -> tuple[Floats, Ints]:
    """Stated log-odds, and outcomes whose true log-odds are slope * stated + shift."""
    generator = np.random.default_rng(4)
    stated = generator.normal(0, 1.5, rows)
    truth = 1 / (1 + np.exp(-(slope * stated + shift)))
    return stated, (generator.random(rows) < truth).astype(np.int64)


def table(log_odds: Floats) -> Floats:
    event = 1 / (1 + np.exp(-log_odds))
    return np.column_stack([1 - event, event])


def verdicts(stated: Floats, labels: Ints, *, uncalibrated: Floats | None = None) -> dict[str, str]:
    own = table(stated)
    raw = own if uncalibrated is None else table(uncalibrated)
    parts = hold_out_parts(binary_spec(), HoldOut(labels, own, raw), seed=0)
    return {each["figure"]: each["verdict"] for each in parts["calibration"]["criteria"]}


def test_bootstrap_covers_the_mean_of_a_known_distribution() -> None:
    values = np.random.default_rng(0).normal(5.0, 2.0, 400)

    def measure(rows: Ints) -> dict[str, Any]:
        return {"means": [float(values[rows].mean()), float("nan")], "count": len(rows)}

    told = bootstrap.bootstrap_intervals(400, measure, seed=1, resamples=500)
    half_width = 1.96 * values.std(ddof=1) / 20
    assert told["means"][0] == pytest.approx(
        (values.mean() - half_width, values.mean() + half_width), abs=0.05
    )
    assert np.isnan(told["means"][1]).all()
    assert told["count"] == (400, 400)
    assert bootstrap.bootstrap_intervals(400, measure, seed=1, resamples=500)["means"][0] == told["means"][0]


def test_every_figure_has_an_interval_around_it_and_counts_stay_whole() -> None:
    stated, labels = leads(700)
    parts = hold_out_parts(binary_spec(), HoldOut(labels, table(stated), table(stated)), seed=0)
    groups = [
        *parts["tiers"],
        *parts["byClass"].values(),
        *parts["calibration"]["byClass"].values(),
    ]
    assert len(groups) == 3 + 2 + 1
    for group in groups:
        for name, (low, high) in group["intervals"].items():
            assert low <= group[name] <= high, name
            assert low < high, name
    matrix = parts["confusionMatrix"]
    for counts, bounds in zip(matrix["rowsAreTrue"], matrix["intervals"], strict=True):
        for count, (low, high) in zip(counts, bounds, strict=True):
            assert isinstance(low, int) and isinstance(high, int)
            # A count of n rows with share q has a deviation of sqrt(n q (1 - q)).
            half_width = 1.96 * np.sqrt(count * (1 - count / 700))
            assert low == pytest.approx(count - half_width, abs=6)
            assert high == pytest.approx(count + half_width, abs=6)


def test_an_empty_tier_has_no_rate() -> None:
    labels = np.array([0, 1, 0, 1] * 10)
    told = hold_out_parts(binary_spec(), HoldOut(labels, table(np.zeros(40)), table(np.zeros(40))), seed=0)
    hot, warm, _ = told["tiers"]
    assert (hot["conversionRate"], hot["lift"], hot["intervals"]["lift"]) == (None, None, [None, None])
    assert warm["leads"] == 40
    assert told["calibration"]["criteria"][0] == {
        "figure": "slope",
        "class": "won",
        "value": None,
        "low": None,
        "high": None,
        "atLeast": 0.9,
        "atMost": 1.1,
        "verdict": "undefined",
    }


def test_a_calibrated_model_meets_the_criteria() -> None:
    assert set(verdicts(*leads(6_000)).values()) == {"met"}


@pytest.mark.parametrize(
    ("slope", "shift", "missed"), [(0.7, 0.0, "slope"), (1.4, 0.0, "slope"), (1.0, 0.3, "meanDifference")]
)
def test_a_model_that_is_off_misses_them(slope: float, shift: float, missed: str) -> None:
    assert verdicts(*leads(2_500, slope=slope, shift=shift))[missed] == "missed"


def test_what_few_rows_cannot_tell_is_told_as_chance() -> None:
    stated, labels = leads(150, slope=1.3)
    assert verdicts(stated, labels)["slope"] == "missed-within-chance"


def test_a_correction_that_makes_it_worse_is_told() -> None:
    stated, labels = leads(2_500)
    assert verdicts(2 * stated, labels, uncalibrated=stated)["expectedCalibrationErrorDifference"] == "missed"
    assert verdicts(stated, labels, uncalibrated=2 * stated)["expectedCalibrationErrorDifference"] == "met"


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_figures_are_those_that_typescript_computes(case: dict[str, Any]) -> None:
    ordered = len(case["classes"]) > 2
    spec = sample_spec(
        fields=[{"name": "x", "type": "number"}], **({"target": ORDERED_TARGET} if ordered else {})
    )
    assert list(spec.class_names) == case["classes"]
    probabilities = np.array(case["probabilities"], dtype=np.float64)
    told = hold_out_parts(
        spec, HoldOut(np.array(case["labels"]), probabilities, probabilities), seed=case["seed"]
    )
    expected = case["expected"]
    assert {name: each["value"] for name, each in told["metrics"].items()} == pytest.approx(
        expected["metrics"], rel=1e-9
    )
    assert told["confusionMatrix"]["rowsAreTrue"] == expected["confusion"]
    for own, theirs in (
        (told["byClass"], expected["byClass"]),
        (told["calibration"]["byClass"], expected["calibration"]),
        ({each["tier"]: each for each in told["tiers"]}, expected["tiers"]),
    ):
        assert list(own) == list(theirs)
        for name, figures in theirs.items():
            for key, value in figures.items():
                assert own[name][key] == (value if value is None else pytest.approx(value, rel=1e-7)), (
                    name,
                    key,
                )
