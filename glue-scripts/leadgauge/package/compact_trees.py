"""Trees as a serving file holds them: the distinct questions of all splits, and the nodes in pre-order (docs/model-package.md)."""

from typing import Any

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]

# What the flags of a row have room for.
MAXIMUM_CUTS = 65_000
_BY_NODE = (
    "feature",
    "threshold",
    "left",
    "right",
    "missingLeft",
    "zeroMissing",
    "categorySet",
    "value",
    "cover",
)
_EXPANDED = ("treeStart", "feature", "threshold", "left", "right", "missingLeft", "zeroMissing", "value")


def fits_compact(predictor: dict[str, Any]) -> bool:
    """Whether the form can say these trees: no splits by sets of categories, no linear leaves, not too many questions, and sums in
    float32 only of float32 numbers.
    """
    if "categorySet" in predictor or "linearLeaves" in predictor:
        return False
    if len(_cuts_of(predictor)[0]["threshold"]) > MAXIMUM_CUTS:
        return False
    added = [np.asarray(predictor[key], dtype=np.float64) for key in ("value", "base")]
    return predictor["accumulate"] != "float32" or all(
        np.array_equal(numbers.astype(np.float32), numbers) for numbers in added
    )


def compact_trees(predictor: dict[str, Any]) -> dict[str, Any]:
    """Takes a predictor of numpy arrays in pre-order; gives it `cuts`, `leaf`, `split` and `leafValue` in the place of what it has by node, but for
    `cover`.
    """
    splits, distinct = _cuts_of(predictor)
    is_split = np.asarray(predictor["feature"]) >= 0
    column, count = np.unique(splits["feature"], return_counts=True)
    cuts = {"column": column, "count": count}
    cuts |= {key: values for key, values in splits.items() if key != "feature"}
    kept = {key: value for key, value in predictor.items() if key not in _EXPANDED}
    return kept | {
        "cuts": cuts,
        "leaf": ~is_split,
        "split": distinct,
        "leafValue": np.asarray(predictor["value"])[~is_split],
    }


def expand_trees(predictor: dict[str, Any]) -> dict[str, Any]:
    """The inverse, of decoded arrays: a predictor by node. `cover` stays as it is."""
    is_split = np.asarray(predictor["leaf"]) == 0
    left, right, starts = _sides(is_split)
    cuts = predictor["cuts"]
    question = np.asarray(predictor["split"]).astype(np.int64)
    nodes = len(is_split)
    leaf_value = np.asarray(predictor["leafValue"])
    value = np.zeros((nodes, predictor["valuesPerLeaf"]))
    value[~is_split] = leaf_value
    feature = np.full(nodes, -1, dtype=np.int64)
    feature[is_split] = np.repeat(cuts["column"], cuts["count"].astype(np.int64))[question].astype(np.int64)
    expanded = {"treeStart": starts, "feature": feature, "left": left, "right": right, "value": value}
    for key in ("threshold", "missingLeft", "zeroMissing"):
        if key in cuts:
            numbers = np.zeros(nodes)
            numbers[is_split] = cuts[key][question]
            expanded[key] = numbers if key == "threshold" else numbers.astype(np.int64)
    return {
        key: value for key, value in predictor.items() if key not in ("cuts", "leaf", "split", "leafValue")
    } | expanded


def in_pre_order(predictor: dict[str, Any]) -> dict[str, Any]:
    """The same trees with every split before its left side and that before its right side; nodes that no tree reaches are left
    out.
    """
    start = np.asarray(predictor["treeStart"]).astype(np.int64)
    feature = np.asarray(predictor["feature"])
    tree_of = np.repeat(start[:-1], np.diff(start))
    left = np.asarray(predictor["left"]).astype(np.int64) + tree_of
    right = np.asarray(predictor["right"]).astype(np.int64) + tree_of
    levels = [start[:-1]]
    while len(levels[-1]) > 0:
        splits = levels[-1][feature[levels[-1]] >= 0]
        levels.append(np.concatenate([left[splits], right[splits]]))
    below = np.ones(len(feature), dtype=np.int64)
    split_levels = [level[feature[level] >= 0] for level in levels]
    for splits in reversed(split_levels):
        below[splits] = 1 + below[left[splits]] + below[right[splits]]
    starts = np.concatenate([[0], np.cumsum(below[start[:-1]])])
    place = np.full(len(feature), -1, dtype=np.int64)
    place[start[:-1]] = starts[:-1]
    for splits in split_levels:
        place[left[splits]] = place[splits] + 1
        place[right[splits]] = place[splits] + 1 + below[left[splits]]
    reached = np.flatnonzero(place >= 0)
    order = reached[np.argsort(place[reached])]
    ordered = {key: np.asarray(predictor[key])[order] for key in _BY_NODE if key in predictor}
    is_split = ordered["feature"] >= 0
    first = np.repeat(starts[:-1], np.diff(starts))
    for key, side in (("left", left), ("right", right)):
        ordered[key] = np.where(is_split, place[side[order]] - first, 0)
    return predictor | ordered | {"treeStart": starts}


def _cuts_of(predictor: dict[str, Any]) -> tuple[dict[str, npt.NDArray[Any]], Integers]:
    """The distinct questions, by column and rising within it, and for each split which of them it asks."""
    is_split = np.asarray(predictor["feature"]) >= 0
    keys = [key for key in ("feature", "threshold", "zeroMissing", "missingLeft") if key in predictor]
    columns = {key: np.asarray(predictor[key])[is_split].astype(np.float64) for key in keys}
    order = np.lexsort([columns[key] for key in reversed(keys)])
    rows = np.column_stack([columns[key][order] for key in keys])
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    distinct = np.zeros(len(order), dtype=np.int64)
    distinct[order] = np.cumsum(is_new) - 1
    return {key: columns[key][order][is_new] for key in keys}, distinct


def _sides(is_split: npt.NDArray[np.bool_]) -> tuple[Integers, Integers, Integers]:
    """Of nodes in pre-order: where the sides of splits are, within their tree, and where trees start, with their end."""
    left, right = np.zeros(len(is_split), dtype=np.int64), np.zeros(len(is_split), dtype=np.int64)
    starts = [0]
    waiting: list[int] = []
    for node, splits in enumerate(is_split.tolist()):
        if splits:
            left[node] = node + 1 - starts[-1]
            waiting.append(node)
        elif waiting:
            right[waiting.pop()] = node + 1 - starts[-1]
        else:
            starts.append(node + 1)
    return left, right, np.array(starts, dtype=np.int64)
