"""Tier limits: those of the spec, or chosen for a capacity or for what a call costs and a conversion brings."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from leadgauge.spec import Spec
from leadgauge.training.data import MILLISECONDS_A_DAY, TrainingDataError
from leadgauge.training.metrics import tier_figures

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_CAPACITY = re.compile(r"(?P<count>\d+(\.\d+)?)\s*(/\s*(?P<period>day|week|month))?")
_DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12}


@dataclass(frozen=True)
class TierPolicy:
    """What `--capacity`, `--leads-per-day`, `--call-cost` and `--conversion-value` say."""

    calls_per_day: float | None = None
    leads_per_day: float | None = None
    call_cost: float | None = None
    conversion_value: float | None = None

    @property
    def chooses(self) -> bool:
        return self.calls_per_day is not None or self.call_cost is not None


def parse_capacity(text: str) -> float:
    """Calls a day from ``50``, ``50/day``, ``250/week`` or ``1000/month``. Raises ValueError."""
    match = _CAPACITY.fullmatch(text.strip())
    if not match or float(match["count"]) <= 0:
        raise ValueError(f"{text!r} is no capacity; write 50/day, 250/week or 1000/month")
    return float(match["count"]) / _DAYS[match["period"] or "day"]


def leads_per_day(spec: Spec, values: pd.DataFrame) -> float | None:
    """How many leads a day the file holds by its creation (or hold-out) time; None without such a time."""
    named = spec.target.created_at or spec.training.hold_out.field
    timestamps = [each.name for each in spec.fields if each.type == "timestamp"]
    name = named or (timestamps[0] if len(timestamps) == 1 else None)
    if name is None:
        return None
    times = values[name].to_numpy(dtype=np.float64)
    times = times[~np.isnan(times)]
    days = len(np.unique(np.floor(times / MILLISECONDS_A_DAY)))
    if not days:
        return None
    span = (np.floor(times.max() / MILLISECONDS_A_DAY) - np.floor(times.min() / MILLISECONDS_A_DAY)) + 1
    return float(len(times) / span)


def choose_tiers(
    spec: Spec, policy: TierPolicy, probability: Floats, values: pd.DataFrame
) -> tuple[list[dict[str, Any]], list[str]]:
    """The spec's `tiers` with the limits of a policy, and sentences that say how each was found.

    ``probability`` are calibrated out-of-fold probabilities of the event, a training row. A capacity sets the highest tier: as
    many leads a day as can be called. Cost and value set the lowest limit: below cost / value a call loses money. Limits in
    between stay where the spec has them, or are drawn in proportion if that breaks their order.
    """
    limits = [tier.minimum_probability for tier in spec.tiers[:-1]]
    if len(spec.class_names) > 2:
        raise TrainingDataError(
            "--capacity and --call-cost choose the tiers of a binary target; this spec has ordered classes"
        )
    known = [float(limit) for limit in limits if limit is not None]
    if not known:
        raise TrainingDataError("--capacity and --call-cost need a spec with two tiers or more")
    told = []
    lowest: float | None = None
    if policy.call_cost is not None and policy.conversion_value is not None:
        lowest = policy.call_cost / policy.conversion_value
        if not 0 < lowest < 1:
            raise TrainingDataError(
                "--call-cost must be above 0 and below --conversion-value, else no call can pay"
            )
        told.append(
            f'"{spec.tiers[len(known) - 1].name}" from {lowest:.4g}: a call for {policy.call_cost:g} pays from there when a '
            f"conversion is worth {policy.conversion_value:g}"
        )
    highest: float | None = None
    if policy.calls_per_day is not None:
        volume = policy.leads_per_day or leads_per_day(spec, values)
        if volume is None:
            raise TrainingDataError(
                "--capacity needs to know how many leads come in a day, and the file has no time that tells: add --leads-per-day N"
            )
        share = min(1.0, policy.calls_per_day / volume)
        highest = float(np.sort(probability)[::-1][max(0, int(np.floor(share * len(probability))) - 1)])
        told.append(
            f'"{spec.tiers[0].name}" from {highest:.4g}: {policy.calls_per_day:g} calls a day for {volume:.4g} leads a day reach the '
            f"best {share:.1%}"
        )
    chosen = _place(known, highest, lowest)
    document = copy.deepcopy(spec.document["tiers"])
    for tier, limit in zip(document, chosen, strict=False):
        tier["minimumProbability"] = limit
    return document, told


def _place(limits: Sequence[float], highest: float | None, lowest: float | None) -> list[float]:
    """Descending limits with the ends as asked for, the others where they were if that keeps the order.

    Otherwise all are drawn in proportion: onto the room between both ends, between the lowest and 1, or between 0 and the highest.
    A capacity that reaches further down than calls pay gives way to what pays.
    """
    if lowest is not None and highest is not None and highest <= lowest:
        highest = None
    placed = list(limits)
    if lowest is not None:
        placed[-1] = lowest
    if highest is not None:
        placed[0] = highest
    if all(a > b for a, b in pairwise(placed)):
        return placed
    old_bottom, new_bottom = (limits[-1], lowest) if lowest is not None else (0.0, 0.0)
    old_top, new_top = (limits[0], highest) if highest is not None else (1.0, 1.0)
    stretch = (new_top - new_bottom) / (old_top - old_bottom)
    placed = [new_bottom + (limit - old_bottom) * stretch for limit in limits]
    if lowest is not None:
        placed[-1] = lowest
    if highest is not None:
        placed[0] = highest
    return placed


def tier_of_rows(tiers: Sequence[dict[str, Any]], classes: Sequence[str], probabilities: Floats) -> Ints:
    """The index of each row's tier: the first whose limit its probability reaches; shape (rows,)."""
    chosen = np.full(len(probabilities), len(tiers) - 1, dtype=np.int64)
    for index in range(len(tiers) - 2, -1, -1):
        tier = tiers[index]
        column = list(classes).index(tier["class"]) if "class" in tier else 1
        chosen[probabilities[:, column] >= tier["minimumProbability"]] = index
    return chosen


def expected_tiers(spec: Spec, probabilities: Floats, labels: Ints) -> list[dict[str, Any]]:
    """A row a tier: its limit and action, how many leads to expect in it, and which share of them becomes what.

    ``probabilities`` are calibrated and out of fold, ``labels`` what came of the same rows. None where a tier has no row.
    """
    tier_of_row = tier_of_rows(spec.document["tiers"], spec.class_names, probabilities)
    rows = []
    for index, (tier, result) in enumerate(
        zip(spec.tiers, tier_results(spec, tier_of_row, labels), strict=True)
    ):
        inside = tier_of_row == index
        mean = probabilities[inside].mean(axis=0) if inside.any() else None
        rows.append(
            {
                "name": tier.name,
                "action": tier.action,
                "minimumProbability": tier.minimum_probability,
                **({"class": tier.class_name} if tier.class_name else {}),
                "expectedShareOfLeads": result["share"],
                "expectedConversion": float(mean[-1]) if mean is not None else None,
                **(
                    {
                        "expectedClasses": {
                            name: float(p) for name, p in zip(spec.class_names, mean, strict=True)
                        }
                    }
                    if mean is not None and len(spec.class_names) > 2
                    else {}
                ),
                "outOfFold": {
                    "tier": tier.name,
                    **{name: None if np.isnan(value) else value for name, value in result.items()},
                },
            }
        )
    return rows


def tier_results(spec: Spec, tier_of_row: Ints, labels: Ints) -> list[dict[str, float]]:
    """`metrics.tier_figures` of the event (binary) or the best class (ordered); a tier of a class also has that class's recall
    and precision. NaN where the rows cannot define a figure."""
    results = tier_figures(tier_of_row, len(spec.tiers), labels == len(spec.class_names) - 1)
    for index, (tier, result) in enumerate(zip(spec.tiers, results, strict=True)):
        if tier.class_name is not None:
            own = labels == list(spec.class_names).index(tier.class_name)
            inside = tier_of_row == index
            hits = float((own & inside).sum())
            result["recallOfClass"] = hits / int(own.sum()) if own.any() else float("nan")
            result["precisionOfClass"] = hits / int(inside.sum()) if inside.any() else float("nan")
    return results
