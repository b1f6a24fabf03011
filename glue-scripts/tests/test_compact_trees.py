"""Trees as serving files hold them."""

import json
from typing import Any

import numpy as np
import pytest

from leadgauge.package.compact_trees import MAXIMUM_CUTS, fits_compact, in_pre_order
from leadgauge.package.evaluate import evaluate
from leadgauge.package.serving import read_serving, serving_document

ARRAYS = (
    "treeStart",
    "feature",
    "threshold",
    "left",
    "right",
    "missingLeft",
    "zeroMissing",
    "value",
    "cover",
)


def grown(random: np.random.Generator, *, zero_missing: bool) -> dict[str, Any]:
    """Trees whose nodes stand level by level, as libraries write them; few thresholds, so that questions recur."""
    feature, threshold, left, right, cover, starts = [], [], [], [], [], [0]
    for _tree in range(5):
        waiting = [float(random.integers(50, 90))]
        at = 0
        while at < len(waiting):
            weight = waiting[at]
            splits = weight >= 2 and random.random() < 0.8
            feature.append(int(random.integers(0, 3)) if splits else -1)
            threshold.append(float(random.integers(-2, 3)) if splits else 0.0)
            left.append(len(waiting) if splits else 0)
            right.append(len(waiting) + 1 if splits else 0)
            cover.append(weight)
            if splits:
                part = float(random.integers(1, int(weight)))
                waiting += [part, weight - part]
            at += 1
        starts.append(len(feature))
    nodes = len(feature)
    is_leaf = np.array(feature) < 0
    predictor: dict[str, Any] = {
        "kind": "trees",
        "outputs": 1,
        "input": "float32",
        "flushTiny": False,
        "accumulate": "float32",
        "base": [0.5],
        "divide": None,
        "valuesPerLeaf": 1,
        "treeOutput": np.zeros(5, dtype=np.int64),
        "treeStart": np.array(starts),
        "feature": np.array(feature),
        "threshold": np.array(threshold),
        "left": np.array(left),
        "right": np.array(right),
        "missingLeft": np.where(is_leaf, 0, random.integers(0, 2, nodes)),
        "value": np.where(is_leaf, random.normal(size=nodes), 0)
        .astype(np.float32)
        .astype(np.float64)[:, None],
        "cover": np.array(cover),
    }
    if zero_missing:
        predictor["zeroMissing"] = np.where(is_leaf, 0, random.integers(0, 2, nodes))
    return predictor


@pytest.mark.parametrize("zero_missing", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_a_file_holds_the_trees_in_pre_order(seed: int, zero_missing: bool) -> None:
    random = np.random.default_rng(seed)
    predictor = grown(random, zero_missing=zero_missing)
    document = json.loads(json.dumps(serving_document({"columns": [{}] * 3, "predictor": predictor})))
    assert {"cuts", "leaf", "split", "leafValue", "cover"} <= set(document["predictor"])
    assert not set(ARRAYS) & set(document["predictor"]) - {"cover"}
    read = read_serving(document)["predictor"]
    ordered = in_pre_order(predictor)
    for key in ARRAYS:
        if key in ordered:
            assert np.array_equal(read[key], ordered[key]), key
    rows = random.integers(-3, 4, size=(200, 3)).astype(np.float64)
    rows[random.random(rows.shape) < 0.2] = np.nan
    assert np.array_equal(evaluate(read, rows), evaluate(predictor, rows))


def test_what_the_form_cannot_say_is_told_node_by_node() -> None:
    predictor = grown(np.random.default_rng(1), zero_missing=False)
    assert fits_compact(predictor)
    assert not fits_compact(predictor | {"base": [0.1]})
    assert fits_compact(predictor | {"base": [0.1], "accumulate": "float64"})
    assert not fits_compact(predictor | {"categorySet": np.full(len(predictor["feature"]), -1)})
    many = np.arange(2 * MAXIMUM_CUTS)
    stumps = {"feature": many % 2 - 1, "threshold": many, "missingLeft": many * 0}
    assert fits_compact(predictor | stumps)
    more = np.arange(2 * MAXIMUM_CUTS + 2)
    stumps = {"feature": more % 2 - 1, "threshold": more, "missingLeft": more * 0}
    assert not fits_compact(predictor | stumps)
    plain = serving_document({"columns": [{}] * 3, "predictor": predictor | {"base": [0.1]}})["predictor"]
    assert "cuts" not in plain
    assert {"feature", "left", "right", "value"} <= set(plain)
