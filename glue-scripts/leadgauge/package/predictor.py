"""Fitted estimators of every family as a package's predictor, and their own margins to compare it with."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from leadgauge.package.export_lightgbm import export_lightgbm
from leadgauge.package.export_sklearn import (
    export_decision_tree,
    export_gradient_boosting,
    export_hist_gradient_boosting,
    export_logistic,
    export_random_forest,
)
from leadgauge.package.export_xgboost import export_xgboost
from leadgauge.package.trees import ExportError

_EXPORTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "logistic-regression": export_logistic,
    "decision-tree": export_decision_tree,
    "random-forest": export_random_forest,
    "gradient-boosting": export_gradient_boosting,
    "hist-gradient-boosting": export_hist_gradient_boosting,
    "lightgbm": export_lightgbm,
}
# A margin that is a probability is told so, because calibration and contributions depend on it.
PROBABILITY_FAMILIES = ("decision-tree", "random-forest")


def export_predictor(family: str, estimator: Any, columns: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The predictor (arrays as numpy) of a fitted classifier whose classes are 0, 1, ... and whose inputs are
    `columns`.

    Raises ExportError for what the format cannot say exactly.
    """
    classes = list(estimator.classes_)
    if classes != list(range(len(classes))) or len(classes) < 2:
        raise ExportError(
            f"the estimator knows the classes {classes}; it must have seen every class, numbered from 0"
        )
    if estimator.n_features_in_ != len(columns):
        raise ExportError(
            f"the estimator takes {estimator.n_features_in_} inputs, but there are {len(columns)} columns"
        )
    if family == "xgboost":
        return export_xgboost(estimator, columns)
    return export_fitted(family, estimator)


def export_fitted(family: str, estimator: Any) -> dict[str, Any]:
    """As `export_predictor`, of any family but xgboost, whose export needs the columns."""
    return _EXPORTS[family](estimator)


def native_margins(family: str, estimator: Any, inputs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The library's own margins, shape (rows, outputs): log-odds or softmax margins, shares of forests and
    trees.
    """
    if family == "xgboost":
        margins = estimator.predict(inputs, output_margin=True)
    elif family == "lightgbm":
        margins = estimator.booster_.predict(inputs, raw_score=True, num_threads=1)
    elif family in PROBABILITY_FAMILIES:
        if hasattr(estimator, "n_jobs"):
            estimator.set_params(n_jobs=1)  # several threads add the trees in an order of their own
        margins = estimator.predict_proba(inputs)
        margins = margins[:, 1:] if margins.shape[1] == 2 else margins
    else:
        margins = estimator.decision_function(inputs)
    return np.asarray(margins, dtype=np.float64).reshape(len(inputs), -1)


def explanation_unit(family: str, outputs: int) -> str:
    """The unit of margins and contributions."""
    if family in PROBABILITY_FAMILIES:
        return "probability"
    return "log-odds" if outputs == 1 else "margin"
