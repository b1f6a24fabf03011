"""The model families: which input each takes and which parameters are searched. `fitting` makes and fits them.

Every fit runs on one thread, so that the same data and seed give the same model on any number of threads; `--threads` fits run
side by side instead. The grids stay at or below 400 trees of at most 31 leaves: a lead's reasons cost trees x leaves x depth
when it is served.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Family:
    """What a family needs and what is tried. ``grid`` is ordered from the cheapest to serve to the dearest."""

    name: str
    accepts_missing: bool
    scales: bool
    native_categories: bool
    grid: tuple[dict[str, Any], ...]
    quick_grid: tuple[dict[str, Any], ...]
    rounds: int | None = None
    """Boosted families: the most trees (of a class) tried; how many are kept is chosen from the out-of-fold curve."""


FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        Family(
            "logistic-regression",
            accepts_missing=False,
            scales=True,
            native_categories=False,
            grid=tuple({"C": c} for c in (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)),
            quick_grid=({"C": 0.1}, {"C": 1.0}),
        ),
        Family(
            "decision-tree",
            accepts_missing=True,
            scales=False,
            native_categories=False,
            grid=tuple(
                {"max_depth": depth, "min_samples_leaf": leaf}
                for depth in (4, 6, 8, 10)
                for leaf in (50, 20, 10)
            ),
            quick_grid=({"max_depth": 5, "min_samples_leaf": 30}, {"max_depth": 7, "min_samples_leaf": 20}),
        ),
        Family(
            "random-forest",
            accepts_missing=True,
            scales=False,
            native_categories=False,
            grid=tuple(
                {"n_estimators": 150, "max_depth": depth, "max_features": share, "min_samples_leaf": 3}
                for depth in (8, 12)
                for share in ("sqrt", 0.3)
            ),
            quick_grid=({"n_estimators": 60, "max_depth": 10, "max_features": 0.3, "min_samples_leaf": 3},),
        ),
        Family(
            "gradient-boosting",
            accepts_missing=False,
            scales=False,
            native_categories=False,
            grid=(
                {"learning_rate": 0.1, "max_depth": 3, "subsample": 0.8, "max_features": 0.3},
                {"learning_rate": 0.06, "max_depth": 4, "subsample": 0.8, "max_features": 0.3},
            ),
            quick_grid=({"learning_rate": 0.15, "max_depth": 3, "subsample": 0.8, "max_features": 0.3},),
            rounds=250,
        ),
        Family(
            "hist-gradient-boosting",
            accepts_missing=True,
            scales=False,
            native_categories=True,
            grid=(
                {"learning_rate": 0.1, "max_leaf_nodes": 8, "min_samples_leaf": 20, "l2_regularization": 1.0},
                {
                    "learning_rate": 0.06,
                    "max_leaf_nodes": 15,
                    "min_samples_leaf": 20,
                    "l2_regularization": 5.0,
                },
            ),
            quick_grid=(
                {
                    "learning_rate": 0.15,
                    "max_leaf_nodes": 8,
                    "min_samples_leaf": 20,
                    "l2_regularization": 1.0,
                },
            ),
            rounds=250,
        ),
        Family(
            "xgboost",
            accepts_missing=True,
            scales=False,
            native_categories=True,
            grid=tuple(
                {
                    "learning_rate": rate,
                    "max_depth": depth,
                    "min_child_weight": weight,
                    "subsample": 0.8,
                    "colsample_bytree": columns,
                    "reg_lambda": ridge,
                }
                for depth, rate in ((3, 0.1), (4, 0.06), (5, 0.05))
                for weight, columns, ridge in ((2.0, 0.4, 1.0), (5.0, 0.8, 5.0))
            ),
            quick_grid=(
                {
                    "learning_rate": 0.15,
                    "max_depth": 3,
                    "min_child_weight": 2.0,
                    "subsample": 0.8,
                    "colsample_bytree": 0.4,
                    "reg_lambda": 1.0,
                },
            ),
            rounds=400,
        ),
        Family(
            "lightgbm",
            accepts_missing=True,
            scales=False,
            native_categories=True,
            grid=tuple(
                {
                    "learning_rate": rate,
                    "num_leaves": leaves,
                    "min_child_samples": rows,
                    "subsample": 0.8,
                    "colsample_bytree": columns,
                    "reg_lambda": ridge,
                }
                for leaves, rate in ((7, 0.08), (15, 0.05), (31, 0.04))
                for rows, columns, ridge in ((20, 0.4, 1.0), (40, 0.7, 5.0))
            ),
            quick_grid=(
                {
                    "learning_rate": 0.12,
                    "num_leaves": 10,
                    "min_child_samples": 20,
                    "subsample": 0.8,
                    "colsample_bytree": 0.4,
                    "reg_lambda": 1.0,
                },
            ),
            rounds=400,
        ),
    )
}
