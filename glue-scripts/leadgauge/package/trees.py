"""One neutral form for the trees of every library: the `trees` predictor of docs/model-package.md as numpy
arrays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

LARGEST_DOUBLE = float(np.finfo(np.float64).max)
LARGEST_SINGLE = float(np.finfo(np.float32).max)


class ExportError(ValueError):
    """A fitted estimator that the package format cannot say exactly."""


@dataclass
class Tree:
    """One tree, nodes in any order, root 0. Children of leaves are -1; `values` has shape (nodes, values per
    leaf).

    `threshold`: x <= threshold goes left. `category_codes[node]`: codes that go left, None for a numeric
    split.
    """

    feature: npt.NDArray[np.int64]
    threshold: npt.NDArray[np.float64]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    missing_left: npt.NDArray[np.bool_]
    values: npt.NDArray[np.float64]
    cover: npt.NDArray[np.float64]
    category_codes: dict[int, list[int]] = field(default_factory=dict)
    output: int = 0

    def in_preorder(self) -> "Tree":
        """The same tree with every child after its parent, and without nodes that cannot be reached."""
        order: list[int] = []
        stack = [0]
        while stack:
            node = stack.pop()
            order.append(node)
            if self.left[node] >= 0:
                stack += [int(self.right[node]), int(self.left[node])]
        index = np.full(len(self.left) + 1, -1, dtype=np.int64)  # the last entry stands for "no child"
        index[order] = np.arange(len(order))
        return Tree(
            feature=self.feature[order],
            threshold=self.threshold[order],
            left=index[self.left[order]],
            right=index[self.right[order]],
            missing_left=self.missing_left[order],
            values=self.values[order],
            cover=self.cover[order],
            category_codes={
                int(index[node]): codes for node, codes in self.category_codes.items() if index[node] >= 0
            },
            output=self.output,
        )


def tree_predictor(
    trees: Sequence[Tree],
    *,
    outputs: int,
    base: Sequence[float],
    input_type: str,
    accumulate: str,
    flush_tiny: bool = False,
    divide: int | None = None,
) -> dict[str, Any]:
    """Joins trees, in the order in which they are added, into the predictor of a serving file.

    Raises ExportError for a tree with a node that no training weight reached, as its contributions are
    undefined.
    """
    trees = [
        tree if np.all(tree.left[tree.left >= 0] > np.flatnonzero(tree.left >= 0)) else tree.in_preorder()
        for tree in trees
    ]
    sets: list[list[int]] = []
    index_of: dict[tuple[int, ...], int] = {}
    category_set: list[npt.NDArray[np.int64]] = []
    for tree in trees:
        marks = np.full(len(tree.left), -1, dtype=np.int64)
        for node, codes in sorted(tree.category_codes.items()):
            key = tuple(sorted(codes))
            if key not in index_of:
                index_of[key] = len(sets)
                sets.append(list(key))
            marks[node] = index_of[key]
        category_set.append(marks)
    leaf = np.concatenate([tree.left < 0 for tree in trees])
    cover = np.concatenate([tree.cover for tree in trees]).astype(np.float64)
    if not (cover > 0).all():
        raise ExportError(
            "a tree has a node without training weight; train with a minimum weight per leaf above 0"
        )
    threshold = np.concatenate([tree.threshold for tree in trees]).astype(np.float64)
    is_set = np.concatenate(category_set)
    predictor: dict[str, Any] = {
        "kind": "trees",
        "outputs": outputs,
        "input": input_type,
        "flushTiny": flush_tiny,
        "accumulate": accumulate,
        "base": [float(value) for value in base],
        "divide": divide,
        "valuesPerLeaf": trees[0].values.shape[1],
        "treeOutput": np.array([tree.output for tree in trees], dtype=np.int32),
        "treeStart": np.cumsum([0, *(len(tree.left) for tree in trees)]).astype(np.int32),
        "feature": np.where(leaf, -1, np.concatenate([tree.feature for tree in trees])).astype(np.int32),
        "threshold": np.where(leaf | (is_set >= 0), 0.0, threshold) + 0.0,
        "left": np.where(leaf, 0, np.concatenate([tree.left for tree in trees])).astype(np.int32),
        "right": np.where(leaf, 0, np.concatenate([tree.right for tree in trees])).astype(np.int32),
        "missingLeft": np.where(leaf, False, np.concatenate([tree.missing_left for tree in trees])).astype(
            np.uint8
        ),
        "value": np.where(leaf[:, None], np.concatenate([tree.values for tree in trees]), 0.0).astype(
            np.float64
        ),
        "cover": cover,
    }
    if sets:
        predictor["categorySet"] = is_set.astype(np.int32)
        predictor["categorySets"] = sets
    return predictor


def linear_leaves(members: Mapping[str, Any]) -> dict[str, npt.NDArray[Any]]:
    """Leaves that are linear models, as `evaluate` takes them: `node`, `constant` and `count` of each leaf, `column` and `coefficient`
    of each of its terms, one leaf behind the other.
    """
    whole = ("node", "count", "column")
    return {
        key: np.asarray(numbers, dtype=np.int64 if key in whole else np.float64)
        for key, numbers in members.items()
    }


def largest_single_not_above(thresholds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """For x of float32, x <= threshold (a double) is the same question as x <= this float32."""
    with np.errstate(over="ignore"):
        singles = thresholds.astype(np.float32)
    singles = np.where(
        singles.astype(np.float64) > thresholds, np.nextafter(singles, np.float32(-np.inf)), singles
    )
    return np.clip(singles.astype(np.float64), -LARGEST_SINGLE, LARGEST_SINGLE)


def code_count(column: dict[str, Any]) -> int:
    """How many codes a `category-code` column can have."""
    return len(column["known"]) + bool(column["rareCode"])
