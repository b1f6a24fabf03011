"""The cover of a serving file's nodes: read back as it was, however it is written."""

from typing import Any

import numpy as np
import pytest

from leadgauge.package.cover import decode_cover, encode_cover


def predictor(cover: list[float]) -> dict[str, Any]:
    """Two trees: a leaf alone, and a root whose right child splits again."""
    return {
        "treeStart": np.array([0, 1, 6]),
        "feature": np.array([-1, 0, -1, 1, -1, -1]),
        "left": np.array([-1, 1, -1, 3, -1, -1]),
        "right": np.array([-1, 2, -1, 4, -1, -1]),
        "cover": np.array(cover, dtype=np.float64),
    }


def next_single(number: float, steps: int) -> float:
    """The float32 number so many steps further on."""
    return float((np.float32(number).view(np.int32) + steps).view(np.float32))


@pytest.mark.parametrize(
    ("cover", "is_short"),
    [
        ([7, 10, 4, 6, 1, 5], True),
        (
            [0.5, next_single(0.3, 3), np.float32(0.1), np.float32(0.2), np.float32(0.05), np.float32(0.15)],
            True,
        ),
        ([7, next_single(10, -127), 4, 6, 1, 5], True),
        ([7, next_single(10, -128), 4, 6, 1, 5], False),
        ([7, 10, 4, 6, 1, 4.9], False),
        ([7, 12, 4, 6, 1, 5], False),
        ([7, 3e38, 2e38, 2e38, 1e38, 1e38], False),
    ],
)
def test_cover_reads_back_to_the_bit(cover: list[float], is_short: bool) -> None:
    trees = predictor(cover)
    encoded = encode_cover(trees)
    assert ("leaves" in encoded) == is_short
    assert decode_cover(encoded, trees).tobytes() == trees["cover"].tobytes()
