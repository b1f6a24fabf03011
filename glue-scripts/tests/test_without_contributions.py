"""Trees with linear leaves, and trees whose nodes lack training weight."""

from typing import Any

import numpy as np

from leadgauge.package.contributions import baseline, contributions
from leadgauge.package.evaluate import evaluate
from leadgauge.package.serving import read_serving, serving_document
from leadgauge.package.trees import linear_leaves


def stump(**members: Any) -> dict[str, Any]:
    """x0 <= 0.5 gives 1, else 2."""
    return {
        "kind": "trees",
        "outputs": 1,
        "input": "float64",
        "flushTiny": True,
        "accumulate": "float64",
        "base": [0.25],
        "divide": None,
        "valuesPerLeaf": 1,
        "treeOutput": np.array([0]),
        "treeStart": np.array([0, 3]),
        "feature": np.array([0, -1, -1]),
        "threshold": np.array([0.5, 0.0, 0.0]),
        "left": np.array([1, 0, 0]),
        "right": np.array([2, 0, 0]),
        "missingLeft": np.array([1, 0, 0]),
        "value": np.array([[0.0], [1.0], [2.0]]),
        **members,
    }


LINES = linear_leaves(
    {"node": [1, 2], "constant": [10.0, 20.0], "count": [2, 0], "column": [0, 1], "coefficient": [4.0, -0.5]}
)
ROWS = np.array([[0.5, 2.0], [1e-36, 2.0], [0.5, np.nan], [np.nan, 2.0], [3.0, np.nan]])
# A tiny value counts as 0; where a column of the leaf is missing its plain value counts; a leaf without columns is constant.
MARGINS = [11.25, 9.25, 1.25, 1.25, 20.25]


def test_linear_leaves_are_evaluated_and_come_back_from_the_file() -> None:
    predictor = stump(linearLeaves=LINES)
    assert evaluate(predictor, ROWS)[:, 0].tolist() == MARGINS
    serving = {"columns": [{}, {}], "predictor": predictor}
    document = serving_document(serving)
    assert set(document["predictor"]["linearLeaves"]) == {
        "node",
        "constant",
        "count",
        "column",
        "coefficient",
    }
    assert "cuts" not in document["predictor"]
    assert "cover" not in document["predictor"]
    assert evaluate(read_serving(document)["predictor"], ROWS)[:, 0].tolist() == MARGINS


def test_trees_without_cover_come_back_from_the_compact_form() -> None:
    document = serving_document({"columns": [{}, {}], "predictor": stump()})
    assert "cuts" in document["predictor"]
    assert "cover" not in document["predictor"]
    assert evaluate(read_serving(document)["predictor"], ROWS)[:, 0].tolist() == [
        1.25,
        1.25,
        1.25,
        1.25,
        2.25,
    ]


def test_sides_that_no_training_weight_took_have_contributions_that_add_up() -> None:
    for cover in ([4.0, 4.0, 0.0], [4.0, 0.0, 4.0]):
        predictor = stump(cover=np.array(cover))
        start = baseline(predictor, None)[0]
        told = contributions(predictor, {}, ROWS)
        assert np.isfinite(told).all()
        np.testing.assert_allclose(
            start + told.sum(axis=1)[:, 0], evaluate(predictor, ROWS)[:, 0], rtol=1e-12
        )
