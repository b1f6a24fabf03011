"""LightGBM's text model as a predictor. Everything is double; tiny inputs count as 0."""

from typing import Any

import numpy as np

from leadgauge.package.trees import LARGEST_DOUBLE, ExportError, Tree, tree_predictor

_CATEGORICAL, _DEFAULT_LEFT = 1, 2
_MISSING_NONE, _MISSING_NAN = 0, 2


def export_lightgbm(estimator: Any) -> dict[str, Any]:
    """LGBMClassifier with binary or multiclass; after early stopping, up to the best iteration."""
    header, blocks = _sections(estimator.booster_.model_to_string())
    objective = header.get("objective", "").split(" ")[0]
    if objective not in ("binary", "multiclass"):
        raise ExportError(f"the objective {objective} is not supported; use binary or multiclass")
    if "average_output" in header:
        raise ExportError("boosting type rf is not supported; use gbdt, or the family random-forest")
    outputs = int(header["num_tree_per_iteration"])
    trees = [_tree(block, position % outputs) for position, block in enumerate(blocks)]
    if not trees:
        raise ExportError("the model has no tree")
    return tree_predictor(
        trees,
        outputs=outputs,
        base=[0.0] * outputs,
        input_type="float64",
        accumulate="float64",
        flush_tiny=True,
    )


def _sections(text: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    head, *rest = text.split("end of trees", maxsplit=1)[0].split("\nTree=")
    return _pairs(head), [_pairs(block) for block in rest]


def _pairs(block: str) -> dict[str, str]:
    return {key: value for key, _, value in (line.partition("=") for line in block.splitlines())}


def _numbers(block: dict[str, str], key: str, kind: Any) -> Any:
    return np.array(
        [kind(each) for each in block.get(key, "").split()], dtype=np.float64 if kind is float else np.int64
    )


def _tree(block: dict[str, str], output: int) -> Tree:
    leaves = int(block["num_leaves"])
    if int(block.get("is_linear", "0")):
        raise ExportError("linear trees are not supported")
    splits = leaves - 1
    decision = _numbers(block, "decision_type", int)
    categorical = (decision & _CATEGORICAL) > 0
    missing_type = (decision >> 2) & 3
    if (~np.isin(missing_type, (_MISSING_NONE, _MISSING_NAN)) & ~categorical).any():
        raise ExportError("zero_as_missing is not supported")
    threshold = np.clip(_numbers(block, "threshold", float), -LARGEST_DOUBLE, LARGEST_DOUBLE)
    # Without missing values in training, NaN is read as 0; in a categorical split NaN goes right.
    missing_left = (
        np.where(missing_type == _MISSING_NAN, (decision & _DEFAULT_LEFT) > 0, threshold >= 0) & ~categorical
    )
    leaf_count = _numbers(block, "leaf_count", int) if leaves > 1 else np.array([1])
    none = np.full(leaves, -1, dtype=np.int64)
    return Tree(
        feature=np.concatenate([_numbers(block, "split_feature", int), none]),
        threshold=np.concatenate([threshold, np.zeros(leaves)]),
        left=np.concatenate([_child(block, "left_child", splits), none]),
        right=np.concatenate([_child(block, "right_child", splits), none]),
        missing_left=np.concatenate([missing_left, np.zeros(leaves, dtype=bool)]),
        values=np.concatenate([np.zeros(splits), _numbers(block, "leaf_value", float)]).reshape(-1, 1),
        cover=np.concatenate([_numbers(block, "internal_count", int), leaf_count]).astype(np.float64),
        category_codes=_category_codes(block, categorical, threshold),
        output=output,
    ).in_preorder()


def _child(block: dict[str, str], key: str, splits: int) -> Any:
    child = _numbers(block, key, int)
    return np.where(child < 0, splits + ~child, child)  # a leaf is written as ~leaf


def _category_codes(block: dict[str, str], categorical: Any, threshold: Any) -> dict[int, list[int]]:
    boundaries, words = _numbers(block, "cat_boundaries", int), _numbers(block, "cat_threshold", int)
    result = {}
    for node in np.flatnonzero(categorical):
        index = int(threshold[node])
        bits = words[boundaries[index] : boundaries[index + 1]]
        result[int(node)] = [
            32 * place + bit for place, word in enumerate(bits) for bit in range(32) if word >> bit & 1
        ]
    return result
