"""XGBoost's JSON model as a predictor. Everything is float32: inputs, thresholds, leaves and every partial
sum.
"""

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from leadgauge.package.trees import LARGEST_SINGLE, ExportError, Tree, code_count, tree_predictor


def export_xgboost(estimator: Any, columns: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """XGBClassifier with binary:logistic or multi:softprob; after early stopping, up to the best iteration."""
    booster = estimator.get_booster()
    best = booster.attr("best_iteration")
    if best is not None:
        booster = booster[: int(best) + 1]
    learner = json.loads(bytes(booster.save_raw("json")).decode("utf-8"))["learner"]
    if learner["gradient_booster"]["name"] != "gbtree":
        raise ExportError(f"the booster {learner['gradient_booster']['name']} is not supported; use gbtree")
    model = learner["gradient_booster"]["model"]
    objective = learner["objective"]["name"]
    if objective not in ("binary:logistic", "multi:softprob"):
        raise ExportError(
            f"the objective {objective} is not supported; use binary:logistic or multi:softprob"
        )
    outputs = 1 if objective == "binary:logistic" else int(learner["learner_model_param"]["num_class"])
    scores = json.loads(learner["learner_model_param"]["base_score"])
    scores = scores if isinstance(scores, list) else [scores]
    base = [
        _base_margin(objective, float(score)) for score in (scores * outputs if len(scores) == 1 else scores)
    ]
    trees = [
        _tree(tree, output, columns) for tree, output in zip(model["trees"], model["tree_info"], strict=True)
    ]
    if not trees:
        raise ExportError("the model has no tree")
    return tree_predictor(trees, outputs=outputs, base=base, input_type="float32", accumulate="float32")


def _base_margin(objective: str, score: float) -> float:
    single = np.float32(score)
    if objective == "binary:logistic":
        # In this order of roundings the bits are the library's own.
        odds = np.float32(np.float32(1) / single) - np.float32(1)
        return float(np.float32(-math.log(float(np.float32(odds)))))
    return float(single)


def _tree(tree: dict[str, Any], output: int, columns: Sequence[dict[str, Any]]) -> Tree:
    left = np.array(tree["left_children"], dtype=np.int64)
    leaf = left < 0
    feature = np.where(leaf, 0, np.array(tree["split_indices"], dtype=np.int64))
    conditions = np.array(tree["split_conditions"], dtype=np.float32)
    # XGBoost asks x < t, the package x <= t: the float32 just below t.
    below = np.clip(
        np.nextafter(conditions, np.float32(-np.inf)).astype(np.float64), -LARGEST_SINGLE, LARGEST_SINGLE
    )
    return Tree(
        feature=feature,
        threshold=below,
        left=left,
        right=np.where(leaf, -1, np.array(tree["right_children"], dtype=np.int64)),
        missing_left=np.array(tree["default_left"], dtype=bool),
        values=conditions.astype(np.float64).reshape(-1, 1),
        cover=np.array(tree["sum_hessian"], dtype=np.float64),
        category_codes=_codes_that_go_left(tree, feature, columns),
        output=int(output),
    ).in_preorder()


def _codes_that_go_left(
    tree: dict[str, Any], feature: Any, columns: Sequence[dict[str, Any]]
) -> dict[int, list[int]]:
    """XGBoost lists the categories that go right."""
    result = {}
    for node, start, size in zip(
        tree["categories_nodes"], tree["categories_segments"], tree["categories_sizes"], strict=True
    ):
        right = set(tree["categories"][start : start + size])
        result[int(node)] = [code for code in range(code_count(columns[feature[node]])) if code not in right]
    return result
