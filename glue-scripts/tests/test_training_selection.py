"""What is tried against a rare class, and what of it is kept."""

import numpy as np
import numpy.typing as npt
import pytest

from leadgauge.training.search import Candidate, Evaluated, Resampling
from leadgauge.training.selection import best_remedy, gain_of, remedies

GENERATOR = np.random.default_rng(0)
LOSSES = GENERATOR.random(1_000)
# Paired differences of mean 0 and standard deviation 1: their mean's standard error is known.
NOISE = GENERATOR.normal(size=1_000)
NOISE = (NOISE - NOISE.mean()) / NOISE.std(ddof=1)
STANDARD_ERROR = 0.1 / np.sqrt(1_000)


def evaluated(resampling: Resampling, losses: npt.NDArray[np.float64]) -> Evaluated:
    candidate = Candidate("lightgbm", {}, "engagement", rounds=10, resampling=resampling)
    empty = np.zeros((len(losses), 1))
    return Evaluated(candidate, empty, {}, empty, losses, {})


def better_by(standard_errors: float, resampling: Resampling) -> Evaluated:
    return evaluated(resampling, LOSSES - standard_errors * STANDARD_ERROR + 0.1 * NOISE)


@pytest.mark.parametrize(
    ("minority_share", "rows", "tried"),
    [
        (0.5, 1_000, []),
        (0.25, 1_000, []),
        (0.2499, 1_000, ["class-weights", "smote"]),
        (0.01, 49_999, ["class-weights", "smote"]),
        (0.01, 50_000, ["class-weights"]),
    ],
)
def test_what_is_tried(minority_share: float, rows: int, tried: list[str]) -> None:
    assert remedies(minority_share, rows) == tried


@pytest.mark.parametrize(
    ("weights", "smote", "kept"),
    [
        (0.0, 0.99, "none"),
        (0.0, 1.01, "smote"),
        (1.01, 0.99, "class-weights"),
        (1.5, 3.0, "smote"),
        (3.0, 1.5, "class-weights"),
        (-3.0, -3.0, "none"),
    ],
)
def test_a_remedy_is_kept_if_it_gains_more_than_one_standard_error(
    weights: float, smote: float, kept: str
) -> None:
    champion = evaluated("none", LOSSES)
    tried = [better_by(weights, "class-weights"), better_by(smote, "smote")]
    assert gain_of(tried[1], champion).standard_error == pytest.approx(STANDARD_ERROR)
    assert gain_of(tried[1], champion).log_loss == pytest.approx(smote * STANDARD_ERROR)
    assert best_remedy(champion, tried).candidate.resampling == kept
