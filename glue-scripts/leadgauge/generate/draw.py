"""Seeded draws that the generators share. Everything is a vector over leads; texts are object arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Texts = npt.NDArray[np.object_]
Numbers = npt.NDArray[np.floating[Any]]
Marks = npt.NDArray[np.bool_]


def pick(rng: np.random.Generator, weights: Mapping[str, float], rows: int) -> Texts:
    """One text a lead, with probability in proportion to its weight."""
    names = np.array(list(weights), dtype=object)
    shares = np.array(list(weights.values()), dtype=np.float64)
    drawn: Texts = names[rng.choice(len(names), size=rows, p=shares / shares.sum())]
    return drawn


def pick_by(rng: np.random.Generator, key: Texts, weights: Mapping[str, Mapping[str, float]]) -> Texts:
    """One text a lead, from the weights that belong to the lead's key."""
    drawn = np.empty(len(key), dtype=object)
    for name, table in weights.items():
        rows = key == name
        drawn[rows] = pick(rng, table, int(rows.sum()))
    return drawn


def pick_tilted(rng: np.random.Generator, weights: Mapping[str, tuple[float, float]], tilt: Numbers) -> Texts:
    """One text a lead, with probability in proportion to weight * exp(slope * tilt)."""
    names = np.array(list(weights), dtype=object)
    base, slope = np.array(list(weights.values()), dtype=np.float64).T
    shares = base * np.exp(np.outer(tilt, slope))
    bounds = np.cumsum(shares, axis=1) / shares.sum(axis=1, keepdims=True)
    drawn: Texts = names[np.minimum((rng.random((len(tilt), 1)) > bounds).sum(axis=1), len(names) - 1)]
    return drawn


def chance(rng: np.random.Generator, probability: Numbers | float, rows: int) -> Marks:
    """True with that probability."""
    marks: Marks = rng.random(rows) < probability
    return marks


def sigmoid(x: Numbers) -> Numbers:
    """1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + np.exp(-x))


def choose(marks: Marks, yes: Any, no: Any) -> Texts:
    """`yes` where marked, else `no`; both a text or an array of texts."""
    chosen: Texts = np.where(marks, yes, no).astype(object)
    return chosen


def whole(numbers: Numbers) -> Texts:
    """Whole numbers as text."""
    return np.array([str(int(number)) for number in numbers], dtype=object)


def decimals(numbers: Numbers, places: int) -> Texts:
    """Numbers as text with at most that many decimals, none for whole ones: 2, 2.5, 3.33."""
    return np.array([f"{number:.{places}f}".rstrip("0").rstrip(".") for number in numbers], dtype=object)
