"""Tiers and score that suit how often the event happens, until a person sets them by capacity or cost."""

from typing import Any

import numpy as np

from leadgauge.init.target import ProposedTarget

HOT_ODDS = 4.0
"""A hot lead has four times the odds of an average one."""
LOW_RATE = 0.1
ACTIONS = ("Call today", "Call this week", "Nurture by e-mail")


def propose_tiers(target: ProposedTarget) -> dict[str, Any]:
    """The spec's `tiers` and `score`."""
    if target.kind == "ordered":
        return {"tiers": _by_class([name for name, _ in target.classes]), "score": {"scale": "probability"}}
    rate = float(np.mean(target.labels[target.labels >= 0] == 1))
    odds = HOT_ODDS * rate / (1 - rate)
    limits = [_rounded(odds / (1 + odds)), _rounded(rate)]
    tiers: list[dict[str, Any]] = [
        {"name": name, "minimumProbability": limit, "action": action}
        for name, limit, action in zip(("Hot", "Warm"), limits, ACTIONS, strict=False)
    ]
    if limits[0] <= limits[1]:
        tiers.pop()  # so common an event that no lead can be much likelier than an average one
    tiers.append({"name": "Cold", "action": ACTIONS[2]})
    return {"tiers": tiers, "score": {"scale": "percentile" if rate < LOW_RATE else "probability"}}


def _rounded(probability: float) -> float:
    """Two significant digits, off 0 and 1."""
    return min(max(float(f"{probability:.2g}"), 1e-6), 0.99)


def _by_class(names: list[str]) -> list[dict[str, Any]]:
    """The best class first; a class is a lead's tier when it is somewhat more likely than one of many."""
    limit = round(1.2 / len(names), 2)
    tiers: list[dict[str, Any]] = []
    for index, name in enumerate(reversed(names)):
        action = ACTIONS[min(index, 2)] if index < len(names) - 1 else ACTIONS[2]
        tier: dict[str, Any] = {"name": name, "class": name}
        if index < len(names) - 1:
            tier["minimumProbability"] = limit
        tiers.append({**tier, "action": action})
    return tiers
