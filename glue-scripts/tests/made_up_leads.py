"""A small lead schema and leads with a known signal, for the tests of training."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

SPEC: dict[str, Any] = {
    "specVersion": 1,
    "name": "made-up",
    "title": "Made-up leads",
    "leadId": {"name": "id"},
    "ignored": [{"name": "batch", "reason": "Constant."}],
    "nullTokens": ["n/a"],
    "fields": [
        {"name": "visits", "label": "Visits", "type": "integer", "knownAt": "engagement"},
        {
            "name": "minutes",
            "label": "Minutes on the site",
            "type": "number",
            "unit": "minutes",
            "knownAt": "engagement",
        },
        {"name": "source", "label": "Source", "type": "category", "knownAt": "at-creation"},
        {"name": "consent", "label": "Consent", "type": "boolean", "knownAt": "at-creation"},
        {"name": "created", "label": "Created", "type": "timestamp", "knownAt": "at-creation"},
        {"name": "verdict", "label": "Verdict of sales", "type": "category", "knownAt": "after-contact"},
    ],
    "features": [
        {"input": "visits", "encode": "number", "impute": "none"},
        {"input": "minutes", "encode": "number", "missingIndicator": True},
        {"input": "source", "encode": "native"},
        {"input": "consent", "encode": "one-hot"},
        {"input": "verdict", "encode": "one-hot"},
    ],
    "target": {
        "field": "won",
        "kind": "binary",
        "event": "signs a contract",
        "classes": [
            {"name": "no", "label": "Lost", "values": ["no"]},
            {"name": "yes", "label": "Won", "values": ["yes"]},
        ],
    },
    "tiers": [
        {"name": "Hot", "minimumProbability": 0.6, "action": "Call"},
        {"name": "Warm", "minimumProbability": 0.3, "action": "Mail"},
        {"name": "Cold", "action": "Wait"},
    ],
}
ORDERED = {
    "target": {
        "field": "won",
        "kind": "ordered",
        "classes": [
            {"name": "Low", "label": "Low", "values": ["low"], "weight": 0},
            {"name": "Medium", "label": "Medium", "values": ["medium"], "weight": 50},
            {"name": "High", "label": "High", "values": ["high"], "weight": 100},
        ],
    },
    "tiers": [
        {"name": "First", "class": "High", "minimumProbability": 0.3, "action": "Call"},
        {"name": "Second", "class": "Medium", "minimumProbability": 0.4, "action": "Mail"},
        {"name": "Last", "class": "Low", "action": "Wait"},
    ],
}
HEADER = ["id", "batch", "visits", "minutes", "source", "consent", "created", "verdict", "won"]


def spec_document(**changes: Any) -> dict[str, Any]:
    """The spec with some of its keys replaced."""
    return {**SPEC, **changes}


def write_spec(path: Path, **changes: Any) -> Path:
    path.write_text(json.dumps(spec_document(**changes)))
    return path


def lead_rows(rows: int, *, seed: int = 0, offset: float = 0.0, ordered: bool = False) -> list[list[str]]:
    """Rows under HEADER. `offset` moves the log-odds of winning; 0 wins about 45 %."""
    generator = np.random.default_rng(seed)
    made = []
    for number in range(rows):
        visits, minutes = int(generator.poisson(4)), float(generator.gamma(2, 8))
        source = str(generator.choice(["web", "fair", "friend", "ad <b>"], p=[0.5, 0.2, 0.2, 0.1]))
        consent = bool(generator.random() < 0.7)
        odds = (
            0.35 * visits
            + 0.06 * minutes
            + {"friend": 1.2, "fair": -0.8}.get(source, 0.0)
            + 0.5 * consent
            - 2.9
            + offset
        )
        draw = odds + generator.logistic()
        won = (
            ("low" if draw < -1 else "high" if draw > 2 else "medium")
            if ordered
            else ("yes" if draw > 0 else "no")
        )
        verdict = "" if generator.random() < 0.3 else "keen" if draw > 0.2 else "cool"
        day = 1 + number * 360 // rows
        created = (np.datetime64("2025-01-01") + day).astype(str)
        made.append(
            [
                f"L{number}",
                "x",
                "" if generator.random() < 0.1 else str(visits),
                "n/a" if generator.random() < 0.15 else f"{minutes:.2f}",
                source,
                "yes" if consent else "no",
                created,
                verdict,
                won,
            ]
        )
    return made


def write_leads(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([HEADER, *rows])
    return path
