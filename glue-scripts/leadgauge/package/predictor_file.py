"""A fitted scikit-learn estimator as a file that `leadgauge predict-raw` and `leadgauge import` read (docs/importing.md).

    from leadgauge.package.predictor_file import write_predictor

    write_predictor(fitted_estimator, "model.json", feature_names=["visits", "Lead Origin=API"])

A pickle is code, which nobody should load from a stranger; this file is plain numbers.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from sklearn.base import is_classifier
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils.validation import check_is_fitted

from leadgauge.package.export_sklearn import export_hist_gradient_boosting, known_categories
from leadgauge.package.predictor import PROBABILITY_FAMILIES, export_fitted
from leadgauge.package.trees import ExportError, linear_leaves

FORMAT = "leadgauge-predictor"
FORMAT_VERSION = 1
_FAMILIES: tuple[tuple[type, str], ...] = (
    (LogisticRegression, "logistic-regression"),
    (DecisionTreeClassifier, "decision-tree"),
    (RandomForestClassifier, "random-forest"),
    (ExtraTreesClassifier, "random-forest"),
    (GradientBoostingClassifier, "gradient-boosting"),
    (HistGradientBoostingClassifier, "hist-gradient-boosting"),
    (DecisionTreeRegressor, "decision-tree"),
    (RandomForestRegressor, "random-forest"),
    (ExtraTreesRegressor, "random-forest"),
    (GradientBoostingRegressor, "gradient-boosting"),
    (HistGradientBoostingRegressor, "hist-gradient-boosting"),
)
_OLDEST_LIBRARY = (1, 4)
# Of histogram gradient boosting; other regressors have no such losses.
_LOSSES_OF_LOGARITHMS = ("poisson", "gamma")
_INTEGERS = (
    "treeOutput",
    "treeStart",
    "feature",
    "left",
    "right",
    "missingLeft",
    "zeroMissing",
    "categorySet",
)


def write_predictor(estimator: Any, path: str | Path, feature_names: Sequence[str] | None = None) -> None:
    """Writes a fitted estimator. Names default to those that it was fitted with.

    Raises NotFittedError, and ExportError for an estimator that is not one of scikit-learn's of trees or logistic regressions, or that
    the file cannot say exactly. Models of XGBoost and LightGBM have files of their own: save_model.
    """
    if tuple(int(part) for part in sklearn.__version__.split(".")[:2]) < _OLDEST_LIBRARY:
        raise ExportError(f"scikit-learn {sklearn.__version__} is too old; 1.4 and later are exported")
    family = next((name for kind, name in _FAMILIES if isinstance(estimator, kind)), None)
    if family is None:
        known = ", ".join(kind.__name__ for kind, _ in _FAMILIES)
        raise ExportError(f"{type(estimator).__name__} is not exported; these are: {known}")
    check_is_fitted(estimator)
    if is_classifier(estimator) and (getattr(estimator, "n_outputs_", 1) != 1 or len(estimator.classes_) < 2):
        raise ExportError("of a classifier, one target of two classes or more is supported")
    categories = None
    if family == "hist-gradient-boosting":
        predictor = export_hist_gradient_boosting(estimator, by_position=True)
        by_column = known_categories(estimator)
        categories = by_column if any(each is not None for each in by_column) else None
    else:
        predictor = export_fitted(family, estimator)
    features = int(estimator.n_features_in_)
    names = (
        list(getattr(estimator, "feature_names_in_", ())) if feature_names is None else list(feature_names)
    )
    if names and len(names) != features:
        raise ExportError(f"there are {len(names)} feature names for {features} features")
    outputs = predictor.get("outputs", len(predictor.get("intercepts", ())))
    document = {
        "format": FORMAT,
        "formatVersion": FORMAT_VERSION,
        "family": family,
        "library": f"scikit-learn {sklearn.__version__}",
        "objective": _objective(estimator, outputs),
        "features": features,
        "featureNames": [str(name) for name in names] or None,
        "categories": categories,
        "link": {"name": _link(family, estimator, outputs), "slope": _slope(estimator)},
        "predictor": {"outputs": outputs} | predictor,
    }
    Path(path).write_text(_json(document) + "\n", encoding="utf-8")


def _objective(estimator: Any, outputs: int) -> str:
    if not is_classifier(estimator):
        return "regression"
    return "binary" if outputs == 1 else "multiclass"


def _link(family: str, estimator: Any, outputs: int) -> str:
    """What makes probabilities, or a regressor's predictions, of the margins."""
    if not is_classifier(estimator):
        return "exp" if getattr(estimator, "loss", None) in _LOSSES_OF_LOGARITHMS else "identity"
    if family in PROBABILITY_FAMILIES:
        return "identity"
    return "sigmoid" if outputs == 1 else "softmax"


def _slope(estimator: Any) -> int:
    """The margins of AdaBoost's loss are half log-odds."""
    return 2 if isinstance(estimator, GradientBoostingClassifier) and estimator.loss == "exponential" else 1


def _json(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{_json(each)}" for key, each in value.items()) + "}"
    if isinstance(value, np.ndarray):
        return "[" + ",".join(_number(each) for each in value.ravel().tolist()) + "]"
    if isinstance(value, list):
        return "[" + ",".join(_json(each) for each in value) + "]"
    return _number(value) if isinstance(value, float) else json.dumps(value)


def _number(value: float) -> str:
    """JSON has no infinity, but a number too great for a double is read as it everywhere."""
    if value in (float("inf"), float("-inf")):
        return "1e999" if value > 0 else "-1e999"
    return json.dumps(value)


def read_predictor(path: str | Path) -> dict[str, Any]:
    """A file's document with numpy arrays inside the predictor, as `evaluate` takes it.

    The file must come from `write_predictor` or from the importer of model files, which has checked it.
    """
    document: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    predictor = document["predictor"]
    for key, value in predictor.items():
        if isinstance(value, list) and key not in ("base", "categorySets"):
            predictor[key] = np.array(value, dtype=np.int64 if key in _INTEGERS else np.float64)
    if "linearLeaves" in predictor:
        predictor["linearLeaves"] = linear_leaves(predictor["linearLeaves"])
    for key, width in (("value", predictor.get("valuesPerLeaf")), ("coefficients", document["features"])):
        if key in predictor:
            predictor[key] = predictor[key].reshape(-1, width)
    return document
