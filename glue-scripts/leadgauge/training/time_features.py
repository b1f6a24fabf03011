"""Whether a feature that tells when a lead was created may be in the model.

Trees learn the level of each interval of such a feature, and give every later lead that of the last one. Where rates move that is
a better guess than the mean of all; where they don't, it is chance, learned from few leads. So the champion with and without them
predicts each later period (`forward`), and the log loss decides where the difference is clear: better by more than one standard
error, they are kept; worse beyond chance (Student's t, 95 %), they are left out. In between, they are kept if leads of the same
months are predicted better out of fold, by more than one standard error: rates then do move, and following them costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from leadgauge.spec import Spec
from leadgauge.training.assessment import fields_known_by
from leadgauge.training.forward import (
    BEYOND_CHANCE,
    PERIODS,
    Period,
    forward_periods,
    hold_out_times,
    predict_forward,
)
from leadgauge.training.metrics import log_loss
from leadgauge.training.rows import Rows
from leadgauge.training.search import (
    Candidate,
    Evaluated,
    Setting,
    evaluate_out_of_fold,
    make_encoder,
)

Floats = NDArray[np.float64]

TELLS_THE_TIME = 0.95
"""Rank correlation with the time of the hold-out from which a number tells the time: the timestamp, its year, a running number."""
LEAST_KNOWN = 20
"""Fewer numbers than this may stand in the order of time by chance."""
LEAST_OF_A_CLASS = 20
"""Fewer leads of a class before the first period are no basis for a model."""


@dataclass(frozen=True)
class Gain:
    """What log loss falls by with the features: means, and the standard error of the paired differences."""

    loss_with: float
    loss_without: float
    standard_error: float

    @classmethod
    def of(cls, losses_with: Floats, losses_without: Floats) -> Self:
        """Of losses of the same leads, or periods, each."""
        gains = losses_without - losses_with
        error = float(gains.std(ddof=1) / np.sqrt(len(gains)))
        return cls(float(losses_with.mean()), float(losses_without.mean()), error)

    @property
    def value(self) -> float:
        return self.loss_without - self.loss_with

    def exceeds(self, standard_errors: float) -> bool:
        return self.value > standard_errors * self.standard_error

    def told(self) -> str:
        return (
            f"{self.loss_with:.4f} with it, {self.loss_without:.4f} without "
            f"(gain {self.value:+.4f}, standard error {self.standard_error:.4f})"
        )

    def document(self) -> dict[str, float]:
        return {
            "with": self.loss_with,
            "without": self.loss_without,
            "gain": self.value,
            "standardError": self.standard_error,
        }


@dataclass(frozen=True)
class TimeFeatures:
    """Features that tell the time, and what they are worth; gains are None where there are too few leads to tell."""

    inputs: tuple[str, ...]
    forward: Gain | None = None
    """Over the later periods. Its error is of the differences between periods: leads of a period share its level."""
    out_of_fold: Gain | None = None
    """Over all leads, by models that know leads of the same months."""

    @property
    def kept(self) -> bool:
        if self.forward is None or self.out_of_fold is None:
            return False
        if self.forward.exceeds(1):
            return True
        return self.forward.exceeds(-BEYOND_CHANCE) and self.out_of_fold.exceeds(1)

    def told(self) -> str:
        """Why they are kept or left out."""
        if self.forward is None or self.out_of_fold is None:
            return "tells when the lead was created; too few leads to tell whether that predicts forward"
        return (
            f"tells when the lead was created; log loss over {PERIODS} later periods {self.forward.told()}, "
            f"out of fold {self.out_of_fold.told()}"
        )

    def document(self) -> dict[str, Any]:
        """As the card tells it."""
        gains = {"forwardLogLoss": self.forward, "outOfFoldLogLoss": self.out_of_fold}
        return {
            "inputs": list(self.inputs),
            "kept": self.kept,
            "told": self.told(),
            **{name: gain.document() for name, gain in gains.items() if gain is not None},
        }


def decide_on_time(setting: Setting, champion: Evaluated, rows: Rows) -> tuple[Setting, TimeFeatures | None]:
    """The setting, without the features that tell the time unless they are worth having, and what was found.

    ``champion`` is one with them, cross-validated on the rows. None, and the setting as it is, where the hold-out is not by time,
    no feature tells the time, or there is no other to predict from. Where there are too few leads to tell, they are left out.
    """
    spec = setting.spec
    known = fields_known_by(setting, champion.candidate.moment)
    inputs = tuple(name for name in tell_the_time(spec, rows) if name in known)
    others = tuple(each for each in spec.features if each.input not in inputs)
    without = replace(setting, spec=replace(spec, features=others))
    periods = forward_periods(spec, rows)
    first = rows.take(periods[0].past) if periods else rows
    if not inputs or not _has_features(without, champion.candidate, first):
        return setting, None
    if not periods or np.bincount(first.labels, minlength=setting.classes).min() < LEAST_OF_A_CLASS:
        return without, TimeFeatures(inputs)
    setting.progress.start(f"predict with and without {', '.join(inputs)}", setting.folds + 2 * PERIODS)
    keep_rounds = champion.candidate.resampling != "none"
    (twin,) = evaluate_out_of_fold(without, [champion.candidate], rows, keep_rounds=keep_rounds)
    found = TimeFeatures(
        inputs,
        forward=Gain.of(
            _forward_losses(setting, champion, rows, periods), _forward_losses(without, twin, rows, periods)
        ),
        out_of_fold=Gain.of(champion.losses, twin.losses),
    )
    setting.progress.finish(f"{'kept' if found.kept else 'left out'}; {found.told()}")
    return (setting if found.kept else without), found


def tell_the_time(spec: Spec, rows: Rows) -> tuple[str, ...]:
    """Inputs of features whose numbers have nearly the order of the hold-out's time; none where the hold-out is not by time."""
    times = hold_out_times(spec, rows)
    if times is None:
        return ()
    return tuple(
        feature.input
        for feature in spec.features
        if feature.encode == "number"
        and _follows(rows.values[feature.input].to_numpy(dtype=np.float64), times)
    )


def _follows(numbers: Floats, times: Floats) -> bool:
    known = ~np.isnan(numbers) & ~np.isnan(times)
    if known.sum() < LEAST_KNOWN:
        return False
    numbers, times = numbers[known], times[known]
    if numbers.min() == numbers.max() or times.min() == times.max():
        return False
    return abs(float(spearmanr(numbers, times).statistic)) >= TELLS_THE_TIME


def _has_features(setting: Setting, candidate: Candidate, rows: Rows) -> bool:
    try:
        make_encoder(setting.spec, candidate).fit(rows.values)
    except ValueError:  # its only one: no feature varies
        return False
    return True


def _forward_losses(setting: Setting, evaluated: Evaluated, rows: Rows, periods: Sequence[Period]) -> Floats:
    """Mean log loss of each period, of a model that knows the leads before it; shape (periods,)."""
    predicted = predict_forward(setting, evaluated, rows, periods)
    return np.array(
        [
            log_loss(rows.labels[period.coming], probabilities)
            for period, probabilities in zip(periods, predicted, strict=True)
        ]
    )
