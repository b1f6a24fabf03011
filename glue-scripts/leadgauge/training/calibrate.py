"""Fits the map from raw margins to probabilities, on out-of-fold margins of rows that were not resampled.

Platt (1999) on the margin of a binary model; isotonic regression instead only with at least 1,000 rows of each class and a
cross-fitted log loss that is better by more than one standard error; one temperature (Guo et al. 2017) for three or more classes.
A correction is applied only where it is supported and matters (else slope 1, intercept 0): it must gain more than one unit of
log-likelihood a parameter (Akaike's criterion), and change the slope by more than 0.05 or the mean probability by more than 0.005.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.isotonic import IsotonicRegression
from sklearn.model_selection import StratifiedKFold

from leadgauge.training.metrics import fit_logistic_line, row_log_losses

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Calibration = dict[str, Any]
"""As `serving.json` writes it."""

ISOTONIC_MINIMUM = 1_000
PROBABILITY_FLOOR = 1e-6
MATERIAL_SLOPE = 0.05
MATERIAL_MEAN = 0.005


def fit_calibration(margins: Floats, labels: Ints, *, input_kind: str, seed: int) -> Calibration:
    """The calibration of out-of-fold raw outputs (n, outputs) of true classes (n,).

    ``input_kind`` is ``margin`` (log-odds, softmax margins) or ``probability`` (forests and trees).
    """
    if margins.shape[1] > 1:
        return _fit_temperature(margins, labels, input_kind)
    platt = _fit_platt(margins[:, 0], labels, input_kind)
    counts = np.bincount(labels, minlength=2)
    if counts.min() < ISOTONIC_MINIMUM:
        return platt
    gain = _cross_fitted_gain_of_isotonic(margins, labels, input_kind, seed)
    if gain.mean() <= gain.std(ddof=1) / np.sqrt(len(gain)):
        return platt
    return _fit_isotonic(margins[:, 0], labels)


def uncalibrated(outputs: int, input_kind: str) -> Calibration:
    """The map that changes nothing: what the model says by itself."""
    if outputs > 1:
        return {"method": "temperature", "input": input_kind, "temperature": 1.0}
    return {"method": "platt", "input": input_kind, "slope": 1.0, "intercept": 0.0}


def probabilities_of(calibration: Calibration, margins: Floats) -> Floats:
    """(n, classes) probabilities of (n, outputs) raw outputs. For figures; what is served is `package.calibration`, to the bit."""
    if calibration["method"] == "temperature":
        z = _log_inputs(margins, calibration["input"]) / calibration["temperature"]
        z = np.exp(z - z.max(axis=1, keepdims=True))
        table: Floats = z / z.sum(axis=1, keepdims=True)
        return table
    if calibration["method"] == "isotonic":
        p = np.interp(margins[:, 0], calibration["margins"], calibration["probabilities"])
    else:
        z = calibration["slope"] * _log_inputs(margins, calibration["input"])[:, 0] + calibration["intercept"]
        p = np.exp(-np.logaddexp(0.0, -z))
    return np.column_stack([1 - p, p])


def _log_inputs(margins: Floats, input_kind: str) -> Floats:
    if input_kind == "margin":
        return margins
    if margins.shape[1] == 1:
        held = np.clip(margins, PROBABILITY_FLOOR, 1 - PROBABILITY_FLOOR)
        odds: Floats = np.log(held / (1 - held))
        return odds
    logs: Floats = np.log(np.maximum(margins, PROBABILITY_FLOOR))
    return logs


def _fit_platt(margins: Floats, labels: Ints, input_kind: str) -> Calibration:
    identity = uncalibrated(1, input_kind)
    x = _log_inputs(margins[:, None], input_kind)[:, 0]
    slope, intercept = fit_logistic_line(x, labels == 1)
    if not np.isfinite(slope) or slope <= 0:
        # A model that ranks no better than chance: its mean is all that can be said.
        rate = (float(labels.sum()) + 0.5) / (len(labels) + 1)
        return {**identity, "slope": 1e-3, "intercept": float(np.log(rate / (1 - rate)))}
    fitted = {**identity, "slope": slope, "intercept": intercept}
    return fitted if _supported(identity, fitted, margins[:, None], labels, parameters=2) else identity


def _fit_temperature(margins: Floats, labels: Ints, input_kind: str) -> Calibration:
    identity = uncalibrated(margins.shape[1], input_kind)

    def loss(log_temperature: float) -> float:
        trial = {**identity, "temperature": float(np.exp(log_temperature))}
        return float(row_log_losses(labels, probabilities_of(trial, margins)).mean())

    best = minimize_scalar(
        loss, bounds=(np.log(0.05), np.log(20.0)), method="bounded", options={"xatol": 1e-6}
    )
    fitted = {**identity, "temperature": float(np.exp(best.x))}
    return fitted if _supported(identity, fitted, margins, labels, parameters=1) else identity


def _supported(
    identity: Calibration, fitted: Calibration, margins: Floats, labels: Ints, *, parameters: int
) -> bool:
    before, after = probabilities_of(identity, margins), probabilities_of(fitted, margins)
    slope = fitted["slope"] if "slope" in fitted else 1 / fitted["temperature"]
    shift = np.abs(after.mean(axis=0) - before.mean(axis=0)).max()
    if abs(slope - 1) <= MATERIAL_SLOPE and shift <= MATERIAL_MEAN:
        return False
    gain = row_log_losses(labels, before).sum() - row_log_losses(labels, after).sum()
    return bool(gain > parameters)


def _fit_isotonic(margins: Floats, labels: Ints) -> Calibration:
    # Held off 0 and 1: no number of leads proves a certainty.
    floor = 1 / (len(labels) + 2)
    isotonic = IsotonicRegression(y_min=floor, y_max=1 - floor, out_of_bounds="clip").fit(margins, labels)
    return {
        "method": "isotonic",
        "margins": [float(x) for x in isotonic.X_thresholds_],
        "probabilities": [float(p) for p in isotonic.y_thresholds_],
    }


def _cross_fitted_gain_of_isotonic(margins: Floats, labels: Ints, input_kind: str, seed: int) -> Floats:
    """Log loss of Platt less that of isotonic, a row, each fitted on the other four fifths."""
    gain = np.zeros(len(labels))
    for rest, held in StratifiedKFold(5, shuffle=True, random_state=seed).split(margins, labels):
        platt = _fit_platt(margins[rest, 0], labels[rest], input_kind)
        isotonic = _fit_isotonic(margins[rest, 0], labels[rest])
        gain[held] = row_log_losses(labels[held], probabilities_of(platt, margins[held])) - row_log_losses(
            labels[held], probabilities_of(isotonic, margins[held])
        )
    return gain
