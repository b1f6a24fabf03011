"""Percentile intervals of nested figures by resampling rows; the TypeScript twin is `core/evaluation/bootstrap.ts`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

LEVEL = 0.95
MOST_RESAMPLES = 1_000
FEWEST_RESAMPLES = 200
MOST_DRAWS = 10_000_000
"""Rows drawn in all: large tables, whose intervals are narrow anyway, are resampled less often."""


def resample_count(rows: int) -> int:
    return min(MOST_RESAMPLES, max(FEWEST_RESAMPLES, MOST_DRAWS // rows))


def bootstrap_intervals(
    rows: int, measure: Callable[[Ints], Any], *, seed: int, resamples: int | None = None
) -> Any:
    """A tree like that of ``measure`` (dicts and lists of numbers), with ``(low, high)`` in the place of every number.

    95 % percentile intervals under resampling of rows with replacement (Efron 1979). ``measure`` takes row indices, shape
    (rows,), and must answer with the same shape every time. Every figure is measured on the same resamples; those in which it is
    not defined (NaN) are left out of its interval.
    """
    generator = np.random.default_rng(seed)
    drawn = []
    shape: Any = None
    for _ in range(resamples or resample_count(rows)):
        shape = measure(generator.integers(0, rows, rows))
        drawn.append(list(_leaves(shape)))
    intervals = iter([_percentile_interval(values) for values in np.asarray(drawn, dtype=np.float64).T])
    return map_leaves(shape, lambda _: next(intervals))


def map_leaves(tree: Any, change: Callable[[Any], Any]) -> Any:
    """The same dicts and lists with every other value changed, in order."""
    if isinstance(tree, dict):
        return {name: map_leaves(branch, change) for name, branch in tree.items()}
    if isinstance(tree, list):
        return [map_leaves(branch, change) for branch in tree]
    return change(tree)


def _leaves(tree: Any) -> Iterator[float]:
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, list):
        for branch in tree:
            yield from _leaves(branch)
    else:
        yield float(tree)


def _percentile_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    if not len(known):
        return float("nan"), float("nan")
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)
