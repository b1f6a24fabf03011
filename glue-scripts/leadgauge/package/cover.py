"""The cover of a serving file's nodes, without what their children already tell."""

from typing import Any

import numpy as np
import numpy.typing as npt

from leadgauge.package.arrays import decode_array, encode_array

Doubles = npt.NDArray[np.float64]


def encode_cover(predictor: dict[str, Any]) -> dict[str, Any]:
    """`{ leaves, steps }` where every cover is a float32 number close to the sum of its children's, as libraries give
    them; otherwise all covers.

    Takes a predictor of numpy arrays. ``steps``: by how many float32 numbers each split's cover is off the sum.
    """
    cover = np.asarray(predictor["cover"], dtype=np.float64)
    is_split = np.asarray(predictor["feature"]) >= 0
    single = cover.astype(np.float32)
    if not np.array_equal(single.astype(np.float64), cover):
        return encode_array(cover)
    left, right = _children(predictor)
    sums = (cover[left] + cover[right]).astype(np.float32)
    steps = single[is_split].view(np.int32).astype(np.int64) - sums.view(np.int32)
    if not np.isfinite(sums).all() or (np.abs(steps) > np.iinfo(np.int8).max).any():
        return encode_array(cover)
    return {"leaves": encode_array(cover[~is_split]), "steps": encode_array(steps)}


def decode_cover(encoded: dict[str, Any], predictor: dict[str, Any]) -> Doubles:
    """The inverse; `predictor` has its other arrays already."""
    if "leaves" not in encoded:
        return decode_array(encoded)
    is_split = np.asarray(predictor["feature"]) >= 0
    cover = np.zeros(len(is_split))
    cover[~is_split] = decode_array(encoded["leaves"])
    steps = decode_array(encoded["steps"]).astype(np.int32)
    left, right = _children(predictor)
    # A node stands before its children.
    for split, node in reversed(list(enumerate(np.flatnonzero(is_split)))):
        total = np.float32(cover[left[split]] + cover[right[split]])
        cover[node] = (total.view(np.int32) + steps[split]).view(np.float32)
    return cover


def _children(predictor: dict[str, Any]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Of each split, counted through all trees."""
    feature, start = np.asarray(predictor["feature"]), np.asarray(predictor["treeStart"])
    splits = np.flatnonzero(feature >= 0)
    first = start[np.searchsorted(start, splits, side="right") - 1]
    left, right = np.asarray(predictor["left"])[splits], np.asarray(predictor["right"])[splits]
    return (first + left).astype(np.int64), (first + right).astype(np.int64)
