"""The figures that judge a model. `docs/metrics.md` holds the same definitions for readers and for the TypeScript twin.

Conventions: ``labels`` are class indices (int, shape (n,)); ``probabilities`` are (n, classes), rows sum to 1; of a binary
model the event is class 1. With three or more classes precision, recall, F1, ROC-AUC and PR-AUC are macro averages over the
classes (one against the rest). A figure that the rows cannot define (one class only) is NaN, and null in JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import rankdata

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LOG_LOSS_FLOOR = 1e-15
"""A probability is held within [floor, 1 - floor] before its logarithm, as scikit-learn does."""

CALIBRATION_BINS = 10
METRICS = (
    "accuracy",
    "precision",
    "recall",
    "f1",
    "rocAuc",
    "prAuc",
    "logLoss",
    "brier",
    "expectedCalibrationError",
    "liftAt10Percent",
)
LOWER_IS_BETTER = frozenset({"logLoss", "brier", "expectedCalibrationError"})
SPEC_METRICS = {
    "log-loss": "logLoss",
    "roc-auc": "rocAuc",
    "pr-auc": "prAuc",
    "brier": "brier",
    "f1": "f1",
    "accuracy": "accuracy",
}
"""The metric names of a feature spec, and what they are called in the figures."""


def row_log_losses(labels: Ints, probabilities: Floats) -> Floats:
    """-log of the probability given to the true class, a row; shape (n,)."""
    given = probabilities[np.arange(len(labels)), labels]
    losses: Floats = -np.log(np.clip(given, LOG_LOSS_FLOOR, 1 - LOG_LOSS_FLOOR))
    return losses


def log_loss(labels: Ints, probabilities: Floats) -> float:
    """Mean of `row_log_losses`, natural logarithm."""
    return float(row_log_losses(labels, probabilities).mean())


def brier(labels: Ints, probabilities: Floats) -> float:
    """Mean squared error of the probabilities: of the event if binary, else summed over the classes."""
    if probabilities.shape[1] == 2:
        return float(np.mean((probabilities[:, 1] - labels) ** 2))
    hits = np.eye(probabilities.shape[1])[labels]
    return float(np.mean(((probabilities - hits) ** 2).sum(axis=1)))


def roc_auc(event: NDArray[np.bool_], scores: Floats) -> float:
    """Share of (event, other) pairs ranked rightly, ties counting half (Mann-Whitney)."""
    positives = int(event.sum())
    negatives = len(event) - positives
    if not positives or not negatives:
        return float("nan")
    ranks = rankdata(scores)
    return float((ranks[event].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def pr_auc(event: NDArray[np.bool_], scores: Floats) -> float:
    """Average precision: sum over distinct scores, from the highest, of (recall step) x (precision there)."""
    positives = int(event.sum())
    if not positives:
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    last_of_score = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.cumsum(event[order])[last_of_score]
    precision = hits / (last_of_score + 1)
    return float(np.sum(np.diff(hits, prepend=0) / positives * precision))


def expected_calibration_error(event: NDArray[np.bool_], probability: Floats) -> float:
    """Mean over rows of |mean probability - rate| of the row's bin; 10 bins of equal count.

    Rows are ordered by probability (stable) and cut at floor(n * k / 10), so bins hold equal numbers whatever the rate; empty bins
    (fewer than 10 rows) count nothing. Equal-width bins would leave most rows of a rare event in one bin.
    """
    n = len(event)
    order = np.argsort(probability, kind="stable")
    edges = [n * k // CALIBRATION_BINS for k in range(CALIBRATION_BINS + 1)]
    total = 0.0
    for start, end in pairwise(edges):
        rows = order[start:end]
        if len(rows):
            total += abs(float(probability[rows].sum()) - float(event[rows].sum()))
    return total / n


def class_calibration_error(labels: Ints, probabilities: Floats) -> float:
    """`expected_calibration_error` of the event if binary, else the mean of it over the classes."""
    if probabilities.shape[1] == 2:
        return expected_calibration_error(labels == 1, probabilities[:, 1])
    return float(
        np.mean(
            [
                expected_calibration_error(labels == k, probabilities[:, k])
                for k in range(probabilities.shape[1])
            ]
        )
    )


def lift_at(event: NDArray[np.bool_], scores: Floats, share: float) -> float:
    """Rate of the event among the ceil(share * n) rows of highest score (ties in file order), over the rate of all rows."""
    rate = float(event.mean())
    if not rate:
        return float("nan")
    top = np.argsort(-scores, kind="stable")[: int(np.ceil(share * len(event)))]
    return float(event[top].mean()) / rate


def confusion(labels: Ints, predicted: Ints, classes: int) -> list[list[int]]:
    """Counts; a row a true class, a column a predicted class."""
    counts = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(counts, (labels, predicted), 1)
    return [[int(count) for count in row] for row in counts]


def calibration_line(event: NDArray[np.bool_], probability: Floats) -> tuple[float, float]:
    """(slope, intercept) of a logistic regression of the event on log(p / (1 - p)), p held within [1e-6, 1 - 1e-6].

    Slope 1 and intercept 0 is perfect; a slope below 1 means over-confident. NaN where one class is absent.
    """
    held = np.clip(probability, 1e-6, 1 - 1e-6)
    return fit_logistic_line(np.log(held / (1 - held)), event)


def fit_logistic_line(
    x: Floats, event: NDArray[np.bool_], weights: Floats | None = None
) -> tuple[float, float]:
    """(slope, intercept) of greatest likelihood of P(event) = 1 / (1 + exp(-(slope x + intercept))), by damped Newton steps.

    NaN, NaN where one class is absent or x is constant; perfect separation stops at a very steep line.
    """
    y = event.astype(np.float64)
    w = np.ones_like(y) if weights is None else weights
    if y.min() == y.max() or x.min() == x.max():
        return float("nan"), float("nan")
    centre, spread = float(x.mean()), float(x.std())
    design = np.column_stack([(x - centre) / spread, np.ones_like(x)])
    beta = np.zeros(2)

    def loss(b: Floats) -> float:
        z = design @ b
        return float(np.sum(w * (np.logaddexp(0.0, z) - y * z)))

    current = loss(beta)
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -500, 500)))
        gradient = design.T @ (w * (y - p))
        hessian = design.T @ (design * (w * np.maximum(p * (1 - p), 1e-12))[:, None])
        step = np.linalg.solve(hessian, gradient)
        for _ in range(30):
            candidate = loss(beta + step)
            if candidate <= current:
                break
            step = step / 2
        beta = beta + step
        done = current - candidate < 1e-12 * max(1.0, current)
        current = candidate
        if done:
            break
    slope = float(beta[0] / spread)
    return slope, float(beta[1] - slope * centre)


def fit_shift(event: NDArray[np.bool_], probability: Floats) -> float:
    """What must be added to log(p / (1 - p)), p held within [1e-6, 1 - 1e-6], for the mean probability to be the rate of the event.

    The intercept of greatest likelihood at slope 1; -inf or inf where one class is absent.
    """
    rate = float(event.mean())
    if rate in (0.0, 1.0):
        return float(np.inf if rate else -np.inf)
    held = np.clip(probability, 1e-6, 1 - 1e-6)
    log_odds = np.log(held / (1 - held))

    def excess(shift: float) -> float:
        return float(np.mean(1 / (1 + np.exp(-(log_odds + shift))))) - rate

    return float(brentq(excess, -40, 40, xtol=1e-12))


@dataclass(frozen=True)
class Tally:
    """Precision, recall and F1 of a class; 0 where the denominator is 0, as scikit-learn's zero_division=0."""

    precision: float
    recall: float
    f1: float


def class_tallies(matrix: list[list[int]]) -> list[Tally]:
    """One `Tally` a class of a confusion matrix."""
    counts = np.asarray(matrix, dtype=np.float64)
    tallies = []
    for k in range(len(counts)):
        hit, predicted, actual = counts[k, k], counts[:, k].sum(), counts[k].sum()
        precision = hit / predicted if predicted else 0.0
        recall = hit / actual if actual else 0.0
        f1 = 2 * hit / (predicted + actual) if predicted + actual else 0.0
        tallies.append(Tally(float(precision), float(recall), float(f1)))
    return tallies


def figures(labels: Ints, probabilities: Floats) -> dict[str, float]:
    """Every metric of METRICS; the lift is that of the last class, ranked by its probability."""
    classes = probabilities.shape[1]
    matrix = confusion(labels, predict(probabilities), classes)
    tallies = class_tallies(matrix)
    chosen = tallies[1:] if classes == 2 else tallies
    targets = [1] if classes == 2 else list(range(classes))
    return {
        "accuracy": float(np.trace(np.asarray(matrix)) / len(labels)),
        "precision": float(np.mean([tally.precision for tally in chosen])),
        "recall": float(np.mean([tally.recall for tally in chosen])),
        "f1": float(np.mean([tally.f1 for tally in chosen])),
        "rocAuc": float(np.mean([roc_auc(labels == k, probabilities[:, k]) for k in targets])),
        "prAuc": float(np.mean([pr_auc(labels == k, probabilities[:, k]) for k in targets])),
        "logLoss": log_loss(labels, probabilities),
        "brier": brier(labels, probabilities),
        "expectedCalibrationError": class_calibration_error(labels, probabilities),
        "liftAt10Percent": lift_at(labels == classes - 1, probabilities[:, -1], 0.1),
    }


def predict(probabilities: Floats) -> Ints:
    """Binary: the event at a probability of 0.5 and above; else the most probable class, the first of equals."""
    if probabilities.shape[1] == 2:
        return (probabilities[:, 1] >= 0.5).astype(np.int64)
    return np.asarray(probabilities.argmax(axis=1), dtype=np.int64)


def tier_figures(tier_of_row: Ints, tiers: int, event: NDArray[np.bool_]) -> list[dict[str, float]]:
    """For each tier: leads, share of all leads, conversions, conversion rate, lift over all leads, share of all conversions."""
    rows, conversions = len(event), int(event.sum())
    told = []
    for index in range(tiers):
        inside = tier_of_row == index
        leads, hits = int(inside.sum()), int(event[inside].sum())
        rate = hits / leads if leads else float("nan")
        told.append(
            {
                "leads": leads,
                "share": leads / rows,
                "conversions": hits,
                "conversionRate": rate,
                "lift": rate / (conversions / rows) if conversions else float("nan"),
                "shareOfConversions": hits / conversions if conversions else float("nan"),
            }
        )
    return told
