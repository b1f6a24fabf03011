"""Grid search with stratified k-fold cross-validation, and the out-of-fold margins that everything else rests on.

A fold is a pipeline: the feature encoder is fitted on the fold's training rows only, then (where asked for) SMOTE resamples the
encoded, imputed training rows, then the estimator is fitted. The validation rows are encoded, never resampled. Encoding a fold
once and sharing it between the parameters of a family changes nothing in the result and saves most of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

from leadgauge.features import FeatureEncoder
from leadgauge.spec import Moment, Spec
from leadgauge.training.calibrate import Calibration, fit_calibration, probabilities_of
from leadgauge.training.families import FAMILIES, Family, Parameters
from leadgauge.training.fitting import (
    PROBABILITY_FAMILIES,
    balanced_weights,
    fit_estimator,
    make_estimator,
    raw_margins,
    round_losses,
    serving_cost,
)
from leadgauge.training.metrics import LOWER_IS_BETTER, SPEC_METRICS, figures, row_log_losses
from leadgauge.training.progress import Progress
from leadgauge.training.rows import Rows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Resampling = Literal["none", "class-weights", "smote"]

EQUAL_WITHIN_STANDARD_ERRORS = 0.5
"""Of parameters whose out-of-fold log loss is this close to the best (in standard errors of the paired difference), the
cheapest to serve is taken: the data do not tell them apart, a lead's reasons do."""


@dataclass(frozen=True)
class Setting:
    """What stays the same through one training run."""

    spec: Spec
    seed: int
    threads: int
    folds: int
    metric: str
    """A key of `metrics.figures`."""
    progress: Progress = field(default_factory=Progress)

    @property
    def classes(self) -> int:
        return len(self.spec.class_names)


@dataclass(frozen=True)
class Candidate:
    """A family with its parameters, before it is fitted."""

    family: str
    parameters: Parameters
    moment: Moment
    rounds: int | None = None
    resampling: Resampling = "none"

    @property
    def input_kind(self) -> Literal["margin", "probability"]:
        return "probability" if self.family in PROBABILITY_FAMILIES else "margin"

    def cost(self, classes: int) -> float:
        return serving_cost(self.family, self.parameters, self.rounds, 1 if classes == 2 else classes)


@dataclass(frozen=True)
class Evaluated:
    """A candidate with its out-of-fold margins (rows, outputs), their calibration, and the figures of the calibrated rows."""

    candidate: Candidate
    margins: Floats
    calibration: Calibration
    probabilities: Floats
    losses: Floats
    figures: dict[str, float]

    @property
    def log_loss(self) -> float:
        return float(self.losses.mean())


@dataclass(frozen=True)
class Fitted:
    """A candidate fitted on rows: encoder and estimator."""

    candidate: Candidate
    encoder: FeatureEncoder
    estimator: Any

    def encode(self, values: pd.DataFrame) -> Floats:
        encoded: Floats = np.asarray(self.encoder.transform(values), dtype=np.float64)
        return encoded

    def margins(self, values: pd.DataFrame) -> Floats:
        return raw_margins(self.estimator, self.encode(values))


@dataclass(frozen=True)
class _EncodedFold:
    train: Floats
    train_labels: Ints
    weights: Floats | None
    held: Floats
    held_labels: Ints
    categorical: NDArray[np.bool_]


def worker_pool(threads: int) -> ThreadPoolExecutor:
    """Threads for fits, each of which keeps its libraries to itself: OpenMP's limit is one of the calling thread."""
    return ThreadPoolExecutor(threads, initializer=threadpool_limits, initargs=(1,))


def make_encoder(spec: Spec, candidate: Candidate) -> FeatureEncoder:
    """The encoder a candidate needs. SMOTE interpolates, so it takes imputed, one-hot columns."""
    family = FAMILIES[candidate.family]
    dense = candidate.resampling == "smote"
    return FeatureEncoder(
        spec,
        candidate.moment,
        accepts_missing=family.accepts_missing and not dense,
        scales=family.scales,
        native_categories=family.native_categories and not dense,
    )


def categorical_columns(encoder: FeatureEncoder) -> NDArray[np.bool_]:
    """Which encoded columns hold category codes; shape (columns,)."""
    return np.asarray([column["op"] == "category-code" for column in encoder.columns_], dtype=bool)


def make_folds(labels: Ints, count: int, seed: int) -> list[tuple[Ints, Ints]]:
    """Stratified, shuffled folds as (training rows, validation rows)."""
    splitter = StratifiedKFold(count, shuffle=True, random_state=seed)
    return [(train, held) for train, held in splitter.split(np.zeros(len(labels)), labels)]


def _prepare(
    setting: Setting, candidate: Candidate, features: Floats, labels: Ints
) -> tuple[Floats, Ints, Floats | None]:
    """Training rows as the estimator gets them: resampled, weighted, or as they are."""
    if candidate.resampling == "smote":
        from imblearn.over_sampling import SMOTE  # noqa: PLC0415 - slow to import, and most runs resample nothing

        smallest = int(np.bincount(labels)[np.unique(labels)].min())
        smote = SMOTE(random_state=setting.seed, k_neighbors=max(1, min(5, smallest - 1)))
        resampled, resampled_labels = smote.fit_resample(features, labels)
        return resampled, resampled_labels, None
    return features, labels, balanced_weights(labels) if candidate.resampling == "class-weights" else None


def _encode_fold(setting: Setting, candidate: Candidate, rows: Rows, train: Ints, held: Ints) -> _EncodedFold:
    encoder = make_encoder(setting.spec, candidate)
    encoded = np.asarray(encoder.fit_transform(rows.values.iloc[train], rows.labels[train]), dtype=np.float64)
    features, labels, weights = _prepare(setting, candidate, encoded, rows.labels[train])
    return _EncodedFold(
        features,
        labels,
        weights,
        np.asarray(encoder.transform(rows.values.iloc[held]), dtype=np.float64),
        rows.labels[held],
        categorical_columns(encoder),
    )


def fit(setting: Setting, candidate: Candidate, rows: Rows) -> Fitted:
    """Fits a candidate (its rounds must be known) on all rows given."""
    encoder = make_encoder(setting.spec, candidate)
    encoded = np.asarray(encoder.fit_transform(rows.values, rows.labels), dtype=np.float64)
    features, labels, weights = _prepare(setting, candidate, encoded, rows.labels)
    categorical = categorical_columns(encoder)
    estimator = make_estimator(
        candidate.family,
        candidate.parameters,
        rounds=candidate.rounds,
        categorical=categorical,
        classes=setting.classes,
        seed=setting.seed,
    )
    return Fitted(
        candidate,
        encoder,
        fit_estimator(estimator, features, labels, weights=weights, categorical=categorical),
    )


def evaluate_out_of_fold(
    setting: Setting, candidates: Sequence[Candidate], rows: Rows, *, keep_rounds: bool = False
) -> list[Evaluated]:
    """Cross-validates candidates of one family, moment and resampling on the same folds.

    A boosted family is fitted with its most rounds; the rounds kept are those of the lowest out-of-fold log loss, or fewer
    where that is equal within noise (see EQUAL_WITHIN_STANDARD_ERRORS). ``keep_rounds`` takes the candidate's own instead.
    """
    folds = make_folds(rows.labels, setting.folds, setting.seed)
    most_rounds = FAMILIES[candidates[0].family].rounds
    with worker_pool(setting.threads) as pool:
        encoded = list(pool.map(lambda fold: _encode_fold(setting, candidates[0], rows, *fold), folds))

        def fit_fold(candidate: Candidate, fold: _EncodedFold) -> tuple[Any, Floats | None]:
            rounds = candidate.rounds if keep_rounds else most_rounds
            estimator = make_estimator(
                candidate.family,
                candidate.parameters,
                rounds=rounds,
                categorical=fold.categorical,
                classes=setting.classes,
                seed=setting.seed,
            )
            watched = (fold.held, fold.held_labels)
            watches = rounds is not None and not keep_rounds
            fit_estimator(
                estimator,
                fold.train,
                fold.train_labels,
                weights=fold.weights,
                categorical=fold.categorical,
                watch=watched if watches else None,
            )
            setting.progress.advance()
            return estimator, round_losses(estimator, watched) if watches else None

        fits = [[pool.submit(fit_fold, candidate, fold) for fold in encoded] for candidate in candidates]
        results = []
        for candidate, futures in zip(candidates, fits, strict=True):
            fitted = [future.result() for future in futures]
            curves = [curve for _, curve in fitted if curve is not None]
            chosen = candidate
            if curves:
                chosen = replace(candidate, rounds=_choose_rounds(curves, [len(held) for _, held in folds]))
            margins = np.zeros((len(rows), 1 if setting.classes == 2 else setting.classes))
            for (_, held), fold, (estimator, _) in zip(folds, encoded, fitted, strict=True):
                margins[held] = raw_margins(estimator, fold.held, rounds=chosen.rounds)
            results.append(evaluate_margins(setting, chosen, margins, rows.labels))
            futures.clear()
    return results


def _choose_rounds(curves: Sequence[Floats], sizes: Sequence[int]) -> int:
    """The fewest rounds whose loss is within EQUAL_WITHIN_STANDARD_ERRORS of the lowest, by the spread between the folds."""
    table = np.stack(curves)
    weights = np.asarray(sizes, dtype=np.float64) / sum(sizes)
    mean = weights @ table
    best = int(mean.argmin())
    difference = table - table[:, [best]]
    error = difference.std(axis=0, ddof=1) / np.sqrt(len(curves))
    return int(np.flatnonzero(mean - mean[best] <= EQUAL_WITHIN_STANDARD_ERRORS * error)[0]) + 1


def evaluate_margins(setting: Setting, candidate: Candidate, margins: Floats, labels: Ints) -> Evaluated:
    """Calibrates out-of-fold margins and measures them."""
    calibration = fit_calibration(margins, labels, input_kind=candidate.input_kind, seed=setting.seed)
    probabilities = probabilities_of(calibration, margins)
    return Evaluated(
        candidate,
        margins,
        calibration,
        probabilities,
        row_log_losses(labels, probabilities),
        figures(labels, probabilities),
    )


def choose(setting: Setting, evaluated: Sequence[Evaluated]) -> Evaluated:
    """The best by the metric, measured on the same rows; where that is log loss, the cheapest of those equal within noise."""
    sign = 1 if setting.metric in LOWER_IS_BETTER else -1
    best = min(evaluated, key=lambda each: sign * each.figures[setting.metric])
    if setting.metric != SPEC_METRICS["log-loss"]:
        return best
    equal = []
    for each in evaluated:
        difference = each.losses - best.losses
        error = float(difference.std(ddof=1)) / np.sqrt(len(difference))
        if float(difference.mean()) <= EQUAL_WITHIN_STANDARD_ERRORS * error:
            equal.append(each)
    return min(equal, key=lambda each: (each.candidate.cost(setting.classes), each.log_loss))


def grid_of(family: Family, moment: Moment, *, quick: bool) -> list[Candidate]:
    """Every parameter combination that is tried of a family."""
    return [
        Candidate(family.name, parameters, moment)
        for parameters in (family.quick_grid if quick else family.grid)
    ]
