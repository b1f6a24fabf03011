"""scikit-learn's estimators as predictors. Their trees compare float32 inputs, the histogram ones doubles."""

from typing import Any

import numpy as np

from leadgauge.package.trees import (
    ExportError,
    Tree,
    largest_single_not_above,
    tree_predictor,
)


def export_logistic(estimator: Any) -> dict[str, Any]:
    """LogisticRegression: one margin for two classes, one a class for more."""
    return {
        "kind": "linear",
        "coefficients": np.asarray(estimator.coef_, dtype=np.float64),
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


def _class_shares(fitted: Any, classes: int) -> Any:
    shares = fitted.value[:, 0, :].astype(np.float64)
    return shares[:, 1:] if classes == 2 else shares


def export_decision_tree(estimator: Any) -> dict[str, Any]:
    """DecisionTreeClassifier: the margin is the leaf's share of the class."""
    classes = len(estimator.classes_)
    outputs = 1 if classes == 2 else classes
    tree = _tree(estimator.tree_, _class_shares(estimator.tree_, classes))
    return tree_predictor(
        [tree], outputs=outputs, base=[0.0] * outputs, input_type="float32", accumulate="float64"
    )


def export_random_forest(estimator: Any) -> dict[str, Any]:
    """RandomForestClassifier: the sum of the trees' shares, divided by their number."""
    classes = len(estimator.classes_)
    outputs = 1 if classes == 2 else classes
    trees = [_tree(each.tree_, _class_shares(each.tree_, classes)) for each in estimator.estimators_]
    return tree_predictor(
        trees,
        outputs=outputs,
        base=[0.0] * outputs,
        input_type="float32",
        accumulate="float64",
        divide=len(trees),
    )


def export_gradient_boosting(estimator: Any) -> dict[str, Any]:
    """GradientBoostingClassifier: log-odds of the prior, then learning rate x leaf, stage by stage."""
    base = estimator._raw_predict_init(np.zeros((1, estimator.n_features_in_), dtype=np.float32))[0]
    trees = [
        _tree(each.tree_, estimator.learning_rate * each.tree_.value[:, :, 0], output)
        for stage in estimator.estimators_
        for output, each in enumerate(stage)
    ]
    return tree_predictor(
        trees, outputs=len(base), base=list(base), input_type="float32", accumulate="float64"
    )


def export_hist_gradient_boosting(estimator: Any) -> dict[str, Any]:
    """HistGradientBoostingClassifier; it moves categorical columns to the front and recodes them, which is
    undone here.
    """
    columns = np.arange(estimator.n_features_in_)
    recoded: list[list[int]] = []
    if estimator._preprocessor is not None:
        columns = np.concatenate([columns[estimator.is_categorical_], columns[~estimator.is_categorical_]])
        encoder = estimator._preprocessor.named_transformers_["encoder"]
        recoded = [[int(code) for code in codes if not np.isnan(code)] for codes in encoder.categories_]
    trees = []
    for stage in estimator._predictors:
        for output, each in enumerate(stage):
            nodes = each.nodes
            leaf = nodes["is_leaf"].astype(bool)
            sets = {
                int(node): [
                    code
                    for index, code in enumerate(recoded[int(nodes["feature_idx"][node])])
                    if each.raw_left_cat_bitsets[nodes["bitset_idx"][node], index // 32] >> (index % 32) & 1
                ]
                for node in np.flatnonzero(nodes["is_categorical"].astype(bool) & ~leaf)
            }
            if not np.isfinite(nodes["value"]).all():
                raise ExportError("a leaf's value is not finite")
            trees.append(
                Tree(
                    feature=np.where(leaf, 0, columns[np.where(leaf, 0, nodes["feature_idx"])]),
                    threshold=nodes["num_threshold"].astype(np.float64),
                    left=np.where(leaf, -1, nodes["left"].astype(np.int64)),
                    right=np.where(leaf, -1, nodes["right"].astype(np.int64)),
                    missing_left=nodes["missing_go_to_left"].astype(bool),
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
