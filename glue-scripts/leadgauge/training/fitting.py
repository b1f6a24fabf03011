"""Makes, weighs, fits and asks the estimators of `families`, all through one small interface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np
import xgboost
from numpy.typing import NDArray
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from leadgauge.training.families import Parameters

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PROBABILITY_FAMILIES = frozenset({"decision-tree", "random-forest"})
"""Their raw output is a probability a class, not a margin."""


def make_estimator(
    family: str,
    parameters: Parameters,
    *,
    rounds: int | None,
    categorical: NDArray[np.bool_],
    classes: int,
    seed: int,
) -> Any:
    """An unfitted estimator on one thread. ``categorical`` marks the columns that hold category codes."""
    keywords: dict[str, Any] = {**parameters, "random_state": seed}
    if rounds is not None:
        keywords["max_iter" if family == "hist-gradient-boosting" else "n_estimators"] = rounds
    if family == "hist-gradient-boosting":
        keywords["categorical_features"] = categorical if categorical.any() else None
    if family == "xgboost" and categorical.any():
        keywords["feature_types"] = ["c" if is_code else "q" for is_code in categorical]
        keywords["enable_categorical"] = True
    return _MAKERS[family](keywords, classes)


def _xgboost(keywords: dict[str, Any], classes: int) -> Any:
    objective = "binary:logistic" if classes == 2 else "multi:softprob"
    return xgboost.XGBClassifier(**keywords, tree_method="hist", objective=objective, n_jobs=1)


def _lightgbm(keywords: dict[str, Any], classes: int) -> Any:
    return lightgbm.LGBMClassifier(
        **keywords,
        subsample_freq=1,
        objective="binary" if classes == 2 else "multiclass",
        deterministic=True,
        force_row_wise=True,
        n_jobs=1,
        verbose=-1,
    )


_MAKERS: dict[str, Callable[[dict[str, Any], int], Any]] = {
    "logistic-regression": lambda keywords, _: LogisticRegression(**keywords, max_iter=3000),
    "decision-tree": lambda keywords, _: DecisionTreeClassifier(**keywords),
    "random-forest": lambda keywords, _: RandomForestClassifier(**keywords, n_jobs=1),
    "gradient-boosting": lambda keywords, _: GradientBoostingClassifier(**keywords, min_samples_leaf=5),
    "hist-gradient-boosting": lambda keywords, _: HistGradientBoostingClassifier(
        **keywords, early_stopping=False
    ),
    "xgboost": _xgboost,
    "lightgbm": _lightgbm,
}


def balanced_weights(labels: Ints) -> Floats:
    """A weight a row that makes every class weigh the same; mean 1."""
    counts = np.bincount(labels)
    present = int((counts > 0).sum())
    weights: Floats = len(labels) / (present * counts[labels].astype(np.float64))
    return weights


def fit_estimator(
    estimator: Any,
    features: Floats,
    labels: Ints,
    *,
    weights: Floats | None,
    categorical: NDArray[np.bool_],
    watch: tuple[Floats, Ints] | None = None,
) -> Any:
    """Fits in place and returns the estimator. ``watch`` records a boosted model's log loss on those rows, a round."""
    keywords: dict[str, Any] = {}
    if isinstance(estimator, lightgbm.LGBMClassifier):
        keywords["categorical_feature"] = [int(i) for i in np.flatnonzero(categorical)] or "auto"
        if watch is not None:
            keywords["eval_X"], keywords["eval_y"] = watch
            keywords["eval_metric"] = "binary_logloss" if estimator.objective == "binary" else "multi_logloss"
    elif isinstance(estimator, xgboost.XGBClassifier):
        keywords["verbose"] = False
        if watch is not None:
            estimator.set_params(
                eval_metric="logloss" if estimator.objective == "binary:logistic" else "mlogloss"
            )
            keywords["eval_set"] = [watch]
    estimator.fit(features, labels, sample_weight=weights, **keywords)
    return estimator


def round_losses(estimator: Any, watched: tuple[Floats, Ints]) -> Floats:
    """Log loss on the watched rows after each round of a boosted model fitted with ``watch``; shape (rounds,)."""
    if isinstance(estimator, lightgbm.LGBMClassifier):
        (curves,) = estimator.evals_result_.values()
        return np.asarray(next(iter(curves.values())), dtype=np.float64)
    if isinstance(estimator, xgboost.XGBClassifier):
        (curves,) = estimator.evals_result().values()
        return np.asarray(next(iter(curves.values())), dtype=np.float64)
    features, labels = watched
    return np.asarray(
        [_margin_loss(margins, labels) for margins in estimator.staged_decision_function(features)],
        dtype=np.float64,
    )


def _margin_loss(margins: Floats, labels: Ints) -> float:
    z = margins if margins.ndim == 2 else margins[:, None]
    if z.shape[1] == 1:
        return float(np.mean(np.logaddexp(0.0, z[:, 0]) - labels * z[:, 0]))
    return float(np.mean(np.logaddexp.reduce(z, axis=1) - z[np.arange(len(labels)), labels]))


def raw_margins(estimator: Any, features: Floats, *, rounds: int | None = None) -> Floats:
    """Raw output, shape (rows, outputs): one margin if binary, one a class otherwise; forests and trees give probabilities.

    ``rounds`` uses only the first so many rounds of a boosted model.
    """
    if isinstance(estimator, lightgbm.LGBMClassifier):
        margins = estimator.predict(features, raw_score=True, num_iteration=rounds or -1)
    elif isinstance(estimator, xgboost.XGBClassifier):
        margins = estimator.predict(
            features, output_margin=True, iteration_range=(0, rounds) if rounds else None
        )
    elif isinstance(estimator, (GradientBoostingClassifier, HistGradientBoostingClassifier)) and rounds:
        for round_number, margins in enumerate(estimator.staged_decision_function(features), start=1):  # noqa: B007
            if round_number == rounds:
                break
    elif isinstance(estimator, (DecisionTreeClassifier, RandomForestClassifier)):
        probabilities = estimator.predict_proba(features)
        margins = probabilities[:, 1] if probabilities.shape[1] == 2 else probabilities
    else:
        margins = estimator.decision_function(features)
    table = np.asarray(margins, dtype=np.float64)
    return table if table.ndim == 2 else table[:, None]


def serving_cost(family: str, parameters: Parameters, rounds: int | None, outputs: int) -> float:
    """What a lead's reasons cost to serve, in trees x leaves x depth (an upper bound); 0 for a linear model."""
    if family == "logistic-regression":
        return 0.0
    trees = (rounds or parameters.get("n_estimators", 1)) * outputs
    leaves: int | None = parameters.get("num_leaves") or parameters.get("max_leaf_nodes")
    if leaves is None:
        depth = int(parameters["max_depth"])
        return float(trees * min(2**depth, 500) * depth)
    # Trees that grow leaf by leaf are deeper than balanced ones.
    return float(trees * leaves * 1.6 * np.log2(leaves))
