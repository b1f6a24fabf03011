"""Small specs for tests, completed from the part that a test is about."""

import json
from typing import Any

from leadgauge.spec import Spec
from leadgauge.spec_reader import parse_spec

BINARY_TARGET = {
    "field": "label",
    "kind": "binary",
    "classes": [
        {"name": "lost", "label": "Lost", "values": ["0", "no"]},
        {"name": "won", "label": "Won", "values": ["1", "Yes"]},
    ],
}
ORDERED_TARGET = {
    "field": "label",
    "kind": "ordered",
    "classes": [
        {"name": name, "label": name, "values": [name], "weight": weight}
        for name, weight in (("low", 0), ("mid", 50), ("high", 100))
    ],
}
BINARY_TIERS = [
    {"name": "Hot", "minimumProbability": 0.7, "action": "call today"},
    {"name": "Warm", "minimumProbability": 0.3, "action": "write"},
    {"name": "Cold", "action": "wait"},
]
ORDERED_TIERS = [
    {"name": "High", "class": "high", "minimumProbability": 0.4, "action": "call today"},
    {"name": "Medium", "class": "mid", "minimumProbability": 0.5, "action": "write"},
    {"name": "Low", "action": "wait"},
]


def document(**parts: Any) -> dict[str, Any]:
    """A whole spec document; fields get a label and a moment, and without `features` the first field is the
    feature.
    """
    fields = [{"label": each["name"], "knownAt": "at-creation", **each} for each in parts.pop("fields")]
    encode = {"category": "one-hot", "ordinal": "ordinal"}.get(fields[0]["type"], "number")
    ordered = parts.get("target", BINARY_TARGET)["kind"] == "ordered"
    return {
        "specVersion": 1,
        "name": "sample",
        "title": "A sample",
        "fields": fields,
        "features": [{"input": fields[0]["name"], "encode": encode}],
        "target": BINARY_TARGET,
        "tiers": ORDERED_TIERS if ordered else BINARY_TIERS,
        **parts,
    }


def sample_spec(**parts: Any) -> Spec:
    """The Spec of `document(**parts)`."""
    return parse_spec(json.dumps(document(**parts)))
