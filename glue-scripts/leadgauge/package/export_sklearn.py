"""scikit-learn's estimators as predictors. Their trees compare float32 inputs, the histogram ones doubles."""

from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.base import is_classifier

from leadgauge.package.trees import (
    ExportError,
    Tree,
    largest_single_not_above,
    tree_predictor,
)


def export_logistic(estimator: Any) -> dict[str, Any]:
    """LogisticRegression: one margin for two classes, one a class for more.

    Raises ExportError where the probabilities are neither the sigmoid of the one nor the softmax of the others, as
    scikit-learn before 1.8 could be told.
    """
    classes = len(estimator.classes_)
    way = getattr(estimator, "multi_class", "auto")
    if classes == 2 and way == "multinomial":
        raise ExportError("multi_class='multinomial' of two classes is not supported; leave multi_class out")
    if classes > 2 and (way == "ovr" or estimator.solver == "liblinear"):
        raise ExportError(
            "one class against the rest is not supported; leave multi_class out, and take another solver than liblinear"
        )
    coefficients = estimator.coef_.toarray() if issparse(estimator.coef_) else estimator.coef_
    return {
        "kind": "linear",
        "coefficients": np.asarray(coefficients, dtype=np.float64),
        "intercepts": np.asarray(estimator.intercept_, dtype=np.float64),
    }


def _tree(fitted: Any, values: Any, output: int = 0) -> Tree:
    return Tree(
        feature=fitted.feature.astype(np.int64),
        threshold=largest_single_not_above(fitted.threshold),
        left=fitted.children_left.astype(np.int64),
        right=fitted.children_right.astype(np.int64),
        missing_left=fitted.missing_go_to_left.astype(bool),
        values=values,
        cover=fitted.weighted_n_node_samples,
        output=output,
    )


def _leaf_values(estimator: Any, fitted: Any) -> Any:
    """What a leaf adds, shape (nodes, outputs): of a classifier the shares of its classes, of two only that of the second; of a
    regressor its targets.
    """
    if not is_classifier(estimator):
        return fitted.value[:, :, 0].astype(np.float64)
    shares = fitted.value[:, 0, :].astype(np.float64)
    return shares[:, 1:] if shares.shape[1] == 2 else shares


def export_decision_tree(estimator: Any) -> dict[str, Any]:
    """A decision tree: the margin is the leaf's share of the class, or the value of a regressor."""
    values = _leaf_values(estimator, estimator.tree_)
    outputs = values.shape[1]
    return tree_predictor(
        [_tree(estimator.tree_, values)],
        outputs=outputs,
        base=[0.0] * outputs,
        input_type="float32",
        accumulate="float64",
    )


def export_random_forest(estimator: Any) -> dict[str, Any]:
    """A forest: the sum of the trees' shares or values, divided by their number."""
    trees = [_tree(each.tree_, _leaf_values(estimator, each.tree_)) for each in estimator.estimators_]
    outputs = trees[0].values.shape[1]
    return tree_predictor(
        trees,
        outputs=outputs,
        base=[0.0] * outputs,
        input_type="float32",
        accumulate="float64",
        divide=len(trees),
    )


def export_gradient_boosting(estimator: Any) -> dict[str, Any]:
    """Gradient boosting: log-odds of the prior, or what a regressor starts from, then learning rate x leaf, stage by stage.

    Raises ExportError where an estimator of its own makes each row's start.
    """
    if estimator.init is not None and estimator.init != "zero":
        raise ExportError(
            f"init={type(estimator.init).__name__} is not supported; leave init out, or take 'zero'"
        )
    base = estimator._raw_predict_init(np.zeros((1, estimator.n_features_in_), dtype=np.float32))[0]
    trees = [
        _tree(each.tree_, estimator.learning_rate * each.tree_.value[:, :, 0], output)
        for stage in estimator.estimators_
        for output, each in enumerate(stage)
    ]
    return tree_predictor(
        trees, outputs=len(base), base=list(base), input_type="float32", accumulate="float64"
    )


def export_hist_gradient_boosting(estimator: Any, *, by_position: bool = False) -> dict[str, Any]:
    """Histogram gradient boosting; it moves categorical columns to the front, which is undone here.

    `by_position`: the code of a category is its position in `known_categories`; else the category itself, which is then a whole number
    from 0 on. Raises ExportError for categories that are no such codes.
    """
    columns, known = _categorical_columns(estimator)
    codes = [list(range(len(each))) if by_position else _as_codes(each) for each in known]
    trees = []
    for stage in estimator._predictors:
        for output, each in enumerate(stage):
            nodes = each.nodes
            leaf = nodes["is_leaf"].astype(bool)
            missing_left = nodes["missing_go_to_left"].astype(bool)
            by_set = nodes["is_categorical"].astype(bool) & ~leaf
            # An unknown category goes where a missing one does, but one that no set lists goes right: where missing ones go
            # left, the sides are changed over.
            changed_over = by_set & missing_left
            left, right = (nodes[side].astype(np.int64) for side in ("left", "right"))
            sets = {
                int(node): [
                    code
                    for index, code in enumerate(codes[int(nodes["feature_idx"][node])])
                    if _is_left(each, nodes["bitset_idx"][node], index) != changed_over[node]
                ]
                for node in np.flatnonzero(by_set)
            }
            if not np.isfinite(nodes["value"]).all():
                raise ExportError("a leaf's value is not finite")
            trees.append(
                Tree(
                    feature=np.where(leaf, 0, columns[np.where(leaf, 0, nodes["feature_idx"])]),
                    threshold=nodes["num_threshold"].astype(np.float64),
                    left=np.where(leaf, -1, np.where(changed_over, right, left)),
                    right=np.where(leaf, -1, np.where(changed_over, left, right)),
                    missing_left=missing_left & ~changed_over,
                    values=nodes["value"].reshape(-1, 1),
                    cover=nodes["count"].astype(np.float64),
                    category_codes=sets,
                    output=output,
                )
            )
    base = np.asarray(estimator._baseline_prediction, dtype=np.float64).ravel()
    return tree_predictor(
        trees, outputs=len(base), base=list(base), input_type="float64", accumulate="float64"
    )


def _is_left(tree: Any, bitset: int, index: int) -> bool:
    return bool(tree.raw_left_cat_bitsets[bitset, index // 32] >> (index % 32) & 1)


def known_categories(estimator: Any) -> list[list[Any] | None]:
    """By column, the categories that histogram gradient boosting knows, numbers or texts, in its own order; None: a column of
    numbers. Any other one, 3.7 where 3 is known, is missing to it.
    """
    columns, known = _categorical_columns(estimator)
    by_column: list[list[Any] | None] = [None] * len(columns)
    for column, categories in zip(columns, known, strict=False):
        by_column[column] = categories
    return by_column


def _categorical_columns(estimator: Any) -> tuple[Any, list[list[Any]]]:
    """The column of each feature as the trees count them, and by categorical feature its categories in order."""
    columns = np.arange(estimator.n_features_in_)
    if estimator.is_categorical_ is None:
        return columns, []
    if getattr(estimator, "_preprocessor", None) is None:
        raise ExportError("categorical features are exported from scikit-learn 1.4 on")
    columns = np.concatenate([columns[estimator.is_categorical_], columns[~estimator.is_categorical_]])
    encoder = estimator._preprocessor.named_transformers_["encoder"]
    return columns, [
        # NaN stands among them where missing values were seen.
        [_told(each, column) for each in categories if not _is_nan(each)]
        for column, categories in zip(columns, encoder.categories_, strict=False)
    ]


def _is_nan(category: Any) -> bool:
    return isinstance(category, float | np.floating) and bool(np.isnan(category))


def _told(category: Any, column: int) -> str | float:
    """A category as a file can say it."""
    if isinstance(category, str):
        return category
    if isinstance(category, bool | np.bool_):
        return str(bool(category))
    if isinstance(category, int | float | np.integer | np.floating):
        return float(category)
    if category is None:
        raise ExportError(
            f"feature {column} has None among its categories, which scikit-learn takes for one of them, not for a missing value; "
            "train it with NaN in its place"
        )
    raise ExportError(
        f"feature {column} has categories of the type {type(category).__name__}; texts, numbers and booleans are supported"
    )


def _as_codes(categories: list[Any]) -> list[int]:
    wrong = next(
        (each for each in categories if isinstance(each, str) or each < 0 or each != int(each)), None
    )
    if wrong is not None:
        raise ExportError(f"{wrong} is no code of a category, which is a whole number from 0 on")
    return [int(each) for each in categories]
