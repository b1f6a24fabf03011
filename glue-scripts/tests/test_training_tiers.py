"""Tier limits from a capacity or from cost and value, and what the card says of tiers."""

import json

import numpy as np
import pandas as pd
import pytest
from made_up_leads import ORDERED, spec_document

from leadgauge.spec import Spec
from leadgauge.spec_reader import parse_spec
from leadgauge.training.data import TrainingDataError
from leadgauge.training.metrics import Floats
from leadgauge.training.tiers import (
    TierPolicy,
    choose_tiers,
    expected_tiers,
    leads_per_day,
    parse_capacity,
    tier_of_rows,
    tier_results,
)

NO_TIMES = pd.DataFrame({"created": np.full(1000, np.nan)})
PROBABILITIES = np.arange(1000) / 1000


def spec(**changes: object) -> Spec:
    return parse_spec(json.dumps(spec_document(**changes)))


def limits(policy: TierPolicy, **changes: object) -> list[float | None]:
    tiers, _ = choose_tiers(spec(**changes), policy, PROBABILITIES, NO_TIMES)
    return [tier.get("minimumProbability") for tier in tiers]


@pytest.mark.parametrize(
    ("text", "calls"), [("50", 50), ("50/day", 50), ("70 / week", 10), ("365.25/month", 12)]
)
def test_capacities(text: str, calls: float) -> None:
    assert parse_capacity(text) == pytest.approx(calls)


@pytest.mark.parametrize("text", ["", "many", "-5", "0/day", "5/hour", "5/day/day"])
def test_capacities_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="50/day"):
        parse_capacity(text)


def test_a_capacity_fills_the_highest_tier() -> None:
    highest, lower, none = limits(TierPolicy(calls_per_day=50, leads_per_day=200))
    assert highest == 0.75  # the best quarter of the leads
    assert (highest <= PROBABILITIES).sum() == 250
    assert (lower, none) == (0.3, None)


def test_a_large_capacity_moves_the_lower_limits_down_with_it() -> None:
    highest, lower, _ = limits(TierPolicy(calls_per_day=80, leads_per_day=100))
    assert highest == pytest.approx(0.2)
    assert lower == pytest.approx(0.1)  # 0.3 / 0.6 of it, as in the spec


def test_cost_and_value_set_the_limit_of_the_last_call() -> None:
    assert limits(TierPolicy(call_cost=5, conversion_value=50)) == [0.6, 0.1, None]
    highest, lower, _ = limits(TierPolicy(call_cost=35, conversion_value=50))
    assert highest == pytest.approx(0.7 + 0.3 * 0.3 / 0.7)
    assert lower == 0.7


def test_both_together_keep_their_order() -> None:
    highest, lower, _ = limits(TierPolicy(50, 200, call_cost=1, conversion_value=5))
    assert (highest, lower) == (0.75, 0.2)
    assert limits(TierPolicy(90, 100, call_cost=1, conversion_value=5)) == [
        0.6,
        0.2,
        None,
    ]  # not all calls pay


def test_refusals_say_what_to_add() -> None:
    with pytest.raises(TrainingDataError, match="--leads-per-day"):
        limits(TierPolicy(calls_per_day=50))
    with pytest.raises(TrainingDataError, match="below --conversion-value"):
        limits(TierPolicy(call_cost=5, conversion_value=5))
    with pytest.raises(TrainingDataError, match="binary"):
        limits(TierPolicy(calls_per_day=5, leads_per_day=9), **ORDERED)


def test_leads_a_day_come_from_the_times_of_the_file() -> None:
    day = 86_400_000.0
    times = pd.DataFrame({"created": [0.0, 1.0, day, 3 * day + 5, np.nan]})
    assert leads_per_day(spec(), times) == pytest.approx(4 / 4)
    assert leads_per_day(spec(), NO_TIMES) is None


def told_of(own: Spec, table: Floats, labels: list[int]) -> list[dict[str, float]]:
    tier_of_row = tier_of_rows(own.document["tiers"], own.class_names, table)
    return tier_results(own, tier_of_row, np.array(labels))


def test_each_row_falls_into_the_first_tier_that_it_reaches() -> None:
    table = np.array([[0.39, 0.61], [0.4, 0.6], [0.6, 0.4], [0.9, 0.1]])
    told = told_of(spec(), table, [1, 0, 1, 0])
    assert [row["leads"] for row in told] == [2, 1, 1]
    assert [row["conversionRate"] for row in told] == [0.5, 1.0, 0.0]
    expected = expected_tiers(spec(), table, np.array([1, 0, 1, 0]))
    assert expected[0]["expectedConversion"] == pytest.approx(0.605)


def test_ordered_tiers_tell_the_recall_of_their_class() -> None:
    table = np.array([[0.1, 0.5, 0.4], [0.2, 0.6, 0.2], [0.8, 0.1, 0.1], [0.6, 0.3, 0.1]])
    told = told_of(spec(**ORDERED), table, [2, 2, 0, 1])
    assert [row["leads"] for row in told] == [1, 1, 2]
    assert [row["recallOfClass"] for row in told] == [0.5, 0.0, 1.0]
    assert [row["precisionOfClass"] for row in told] == [1.0, 0.0, 0.5]
