"""Exact contributions of columns and fields to a margin.

Trees: path-dependent TreeSHAP (Lundberg, Erion, Lee 2018, "Consistent Individualized Feature Attribution for Tree
Ensembles"). The Shapley weights |S|! (D-|S|-1)! / D! are the integral over t from 0 to 1 of t^|S| (1-t)^(D-|S|-1), so
that a leaf of value v, whose path asks D different columns, adds to column i

    v (o_i - z_i) * integral of the product over j != i of (t o_j + (1-t) z_j)

with o_j = 1 where the row passes every split on j of the path, else 0, and z_j the share of training weight
that passes
them. The integrand is a polynomial of degree D - 1: Gauss-Legendre with ceil(D/2) points is exact. Linear
models:
coefficient x (value - mean), which is the Shapley value for independent columns.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from leadgauge.package.evaluate import as_margins, evaluate, goes_left, prepare

Doubles = npt.NDArray[np.float64]
_NO_SHARE = 1e-100
_ROWS_AT_ONCE = 32  # keeps the arrays of a tree in the processor's cache


@dataclass(frozen=True)
class _Paths:
    """The paths to the leaves of one tree. A pair is one column on one path; its conditions are split nodes."""

    leaves: npt.NDArray[np.int64]  # (leaves,) absolute node
    condition_node: npt.NDArray[np.int64]  # (conditions,) absolute node, grouped by pair
    condition_left: npt.NDArray[np.bool_]
    pair_start: npt.NDArray[np.int64]  # (pairs,) first condition
    pair_column: npt.NDArray[np.int64]
    pair_leaf: npt.NDArray[np.int64]  # (pairs,) position in `leaves`
    pair_place: npt.NDArray[np.int64]  # (pairs,) position on the path
    pair_share: Doubles  # (pairs,) z


def contributions(predictor: dict[str, Any], explanation: dict[str, Any], inputs: Doubles) -> Doubles:
    """Contributions of every column to every margin, shape (rows, columns, margins); margin = baseline +
    their sum.
    """
    if predictor["kind"] == "linear":
        present = np.where(np.isnan(inputs), 0.0, inputs)  # where one may be missing, it counts nothing
        centred = present - np.asarray(explanation["means"], dtype=np.float64)
        return as_margins(
            predictor,
            np.asarray(centred[:, :, None] * predictor["coefficients"].T[None, :, :], dtype=np.float64),
        )
    prepared = prepare(predictor, inputs)
    result = np.zeros((*inputs.shape, predictor["outputs"]))
    for tree in range(len(predictor["treeOutput"])):
        paths = _paths(predictor, tree)
        if not len(paths.pair_start):
            continue
        for first in range(0, len(inputs), _ROWS_AT_ONCE):
            rows = slice(first, first + _ROWS_AT_ONCE)
            _add_tree(predictor, tree, paths, prepared[rows], result[rows])
    return as_margins(predictor, result if predictor["divide"] is None else result / predictor["divide"])


def fold_by_field(columns: Sequence[dict[str, Any]], values: Doubles) -> dict[str, Doubles]:
    """Contributions by column, (rows, columns, outputs), added up to the field they are told under, (rows,
    outputs).
    """
    folded: dict[str, Doubles] = {}
    for position, column in enumerate(columns):
        name = column["field"]
        folded[name] = folded[name] + values[:, position] if name in folded else values[:, position]
    return folded


def baseline(predictor: dict[str, Any], means: Doubles | None) -> list[float]:
    """The margin that contributions start from: at the means of the columns, or the trees' cover-weighted
    mean.
    """
    if predictor["kind"] == "linear":
        assert means is not None
        return [float(value) + 0.0 for value in evaluate(predictor, means.reshape(1, -1))[0]]
    sums = np.asarray(predictor["base"], dtype=np.float64).copy()
    for tree, output in enumerate(predictor["treeOutput"]):
        paths = _paths(predictor, tree)
        share = np.ones(len(paths.leaves))
        np.multiply.at(share, paths.pair_leaf, paths.pair_share)
        mean = (predictor["value"][paths.leaves] * share[:, None]).sum(axis=0)
        if predictor["valuesPerLeaf"] == 1:
            sums[output] += mean[0]
        else:
            sums += mean
    means_of_outputs = sums if predictor["divide"] is None else sums / predictor["divide"]
    return [float(value) + 0.0 for value in as_margins(predictor, means_of_outputs)]


def _share(cover: Doubles, child: int, node: int) -> float:
    """Of the training weight of a node, what went to its child. Where none did, next to nothing, as a factor of 0 is divided by."""
    return max(float(cover[child] / cover[node]), _NO_SHARE) if cover[node] > 0 else _NO_SHARE


def _paths(predictor: dict[str, Any], tree: int) -> _Paths:
    start = int(predictor["treeStart"][tree])
    leaves: list[int] = []
    conditions: list[tuple[int, bool]] = []
    pairs: list[tuple[int, int, int, int, float]] = []
    stack: list[tuple[int, list[tuple[int, bool, float]]]] = [(start, [])]
    while stack:
        node, path = stack.pop()
        if predictor["feature"][node] < 0:
            by_column: dict[int, list[tuple[int, bool, float]]] = {}
            for step in path:
                by_column.setdefault(int(predictor["feature"][step[0]]), []).append(step)
            for place, (column, steps) in enumerate(by_column.items()):
                pairs.append(
                    (
                        len(conditions),
                        column,
                        len(leaves),
                        place,
                        math.prod(share for _, _, share in steps),
                    )
                )
                conditions += [(at, left) for at, left, _ in steps]
            leaves.append(node)
            continue
        for went_left, key in ((False, "right"), (True, "left")):
            child = start + int(predictor[key][node])
            stack.append((child, [*path, (node, went_left, _share(predictor["cover"], child, node))]))
    starts, of_column, of_leaf, places, shares = zip(*pairs, strict=True) if pairs else ((),) * 5
    return _Paths(
        leaves=np.array(leaves, dtype=np.int64),
        condition_node=np.array([node for node, _ in conditions], dtype=np.int64),
        condition_left=np.array([left for _, left in conditions], dtype=bool),
        pair_start=np.array(starts, dtype=np.int64),
        pair_column=np.array(of_column, dtype=np.int64),
        pair_leaf=np.array(of_leaf, dtype=np.int64),
        pair_place=np.array(places, dtype=np.int64),
        pair_share=np.array(shares, dtype=np.float64),
    )


@cache
def _quadrature(count: int) -> list[tuple[float, float]]:
    """Gauss-Legendre points from 0 to 1, each with its weight. Kept: finding them takes as long as the tree they are for."""
    points, weights = np.polynomial.legendre.leggauss(count)
    return list(zip((points + 1) / 2, weights / 2, strict=True))


def _add_tree(
    predictor: dict[str, Any], tree: int, paths: _Paths, prepared: Doubles, result: Doubles
) -> None:
    """Adds one tree's contributions to `result`. Inner arrays end in the rows, so that every operation is contiguous."""
    asked = prepared.T[predictor["feature"][paths.condition_node]]
    passed = goes_left(predictor, paths.condition_node[:, None], asked) == paths.condition_left[:, None]
    depth = int(paths.pair_place.max()) + 1
    shape = (depth, len(paths.leaves), len(prepared))
    # Places that a shorter path does not use get o = z = 1, a factor of 1.
    o, z = np.ones(shape), np.ones((*shape[:2], 1))
    o[paths.pair_place, paths.pair_leaf] = np.logical_and.reduceat(passed, paths.pair_start, axis=0)
    z[paths.pair_place, paths.pair_leaf, 0] = paths.pair_share
    integral = np.zeros(shape)
    for point, weight in _quadrature((depth + 1) // 2):
        factors = point * o + (1 - point) * z
        integral += weight * factors.prod(axis=0) / factors
    by_pair = ((o - z) * integral)[paths.pair_place, paths.pair_leaf]
    values = predictor["value"][paths.leaves][paths.pair_leaf]
    outputs = (
        range(predictor["outputs"])
        if predictor["valuesPerLeaf"] > 1
        else [int(predictor["treeOutput"][tree])]
    )
    order = np.argsort(paths.pair_column, kind="stable")
    columns, starts = np.unique(paths.pair_column[order], return_index=True)
    for place, output in enumerate(outputs):
        weighted = (by_pair * values[:, place : place + 1])[order]
        result[:, columns, output] += np.add.reduceat(weighted, starts, axis=0).T
