"""Which model serves: the best parameters of each family, the champion among them, and whether resampling helps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split

from leadgauge.spec import Moment
from leadgauge.training.families import FAMILIES
from leadgauge.training.rows import Rows
from leadgauge.training.search import (
    Candidate,
    Evaluated,
    Resampling,
    Setting,
    choose,
    evaluate_out_of_fold,
    grid_of,
)

SEARCH_ROWS = 30_000
"""Above this the families are searched on a stratified sample of so many rows, and the FINALISTS best are then cross-validated on all."""
FINALISTS = 2
SMOTE_BELOW_SHARE = 0.25
SMOTE_BELOW_ROWS = 50_000
WEIGHTS_BELOW_SHARE = 0.25


@dataclass(frozen=True)
class Selection:
    """What the search found."""

    by_family: list[Evaluated]
    """The best of each family, on the rows of `sample`."""
    sample: Rows
    """All training rows, or a stratified sample of SEARCH_ROWS of them."""
    champion: Evaluated
    """Cross-validated on all training rows."""
    resampling: dict[str, Any]
    """What was tried against imbalance, for the card."""


def select(
    setting: Setting, rows: Rows, families: Sequence[str], moment: Moment, *, quick: bool
) -> Selection:
    """Searches the families on the training rows and chooses the champion."""
    sample = _sample(rows, setting.seed)
    by_family = []
    for name in families:
        grid = grid_of(FAMILIES[name], moment, quick=quick)
        setting.progress.start(f"search {name}", len(grid) * setting.folds)
        best = choose(setting, evaluate_out_of_fold(setting, grid, sample))
        setting.progress.finish(_told(setting, best))
        by_family.append(best)
    if len(sample) < len(rows):
        ranked = sorted(by_family, key=lambda each: each.log_loss)[:FINALISTS]
        finalists = []
        for each in ranked:
            setting.progress.start(
                f"cross-validate {each.candidate.family} on all {len(rows):,} rows", setting.folds
            )
            finalists += evaluate_out_of_fold(setting, [each.candidate], rows)
            setting.progress.finish(_told(setting, finalists[-1]))
        champion = choose(setting, finalists)
    else:
        champion = choose(setting, by_family)
    champion, resampling = _against_imbalance(setting, rows, champion)
    return Selection(by_family, sample, champion, resampling)


def _told(setting: Setting, evaluated: Evaluated) -> str:
    figure = evaluated.figures[setting.metric]
    told = f"out-of-fold log loss {evaluated.log_loss:.4f}, AUC {evaluated.figures['rocAuc']:.4f}"
    return told if setting.metric in ("logLoss", "rocAuc") else f"{told}, {setting.metric} {figure:.4f}"


def _sample(rows: Rows, seed: int) -> Rows:
    if len(rows) <= SEARCH_ROWS:
        return rows
    chosen, _ = train_test_split(
        np.arange(len(rows)), train_size=SEARCH_ROWS, random_state=seed, stratify=rows.labels
    )
    return rows.take(np.sort(chosen).astype(np.int64))


def remedies(minority_share: float, rows: int) -> list[Resampling]:
    """What is tried against imbalance: nothing where no class is rare."""
    tried: list[Resampling] = []
    if minority_share < WEIGHTS_BELOW_SHARE:
        tried.append("class-weights")
    if minority_share < SMOTE_BELOW_SHARE and rows < SMOTE_BELOW_ROWS:
        tried.append("smote")
    return tried


@dataclass(frozen=True)
class Gain:
    """How much lower a remedy makes the calibrated out-of-fold log loss: the mean of the rows' paired differences."""

    log_loss: float
    standard_error: float

    @property
    def is_kept(self) -> bool:
        return self.log_loss > self.standard_error


def gain_of(remedy: Evaluated, champion: Evaluated) -> Gain:
    """Both evaluated on the same rows, in the same order."""
    gains = champion.losses - remedy.losses
    return Gain(float(gains.mean()), float(gains.std(ddof=1) / np.sqrt(len(gains))))


def best_remedy(champion: Evaluated, tried: Sequence[Evaluated]) -> Evaluated:
    """The best of the remedies that are kept, or the champion as it is."""
    kept = [each for each in tried if gain_of(each, champion).is_kept]
    return min(kept, key=lambda each: each.log_loss, default=champion)


def _against_imbalance(setting: Setting, rows: Rows, champion: Evaluated) -> tuple[Evaluated, dict[str, Any]]:
    """Tries the remedies with the champion's parameters; the best of those that are kept serves, or none. Also what the card tells."""
    counts = np.bincount(rows.labels, minlength=setting.classes)
    share = float(counts.min() / len(rows))
    tried = remedies(share, len(rows))
    told: dict[str, Any] = {
        "minorityShare": share,
        "rule": (
            f"SMOTE is tried where the minority is under {SMOTE_BELOW_SHARE:.0%} and the rows under {SMOTE_BELOW_ROWS:,}, class weights "
            f"where it is under {WEIGHTS_BELOW_SHARE:.0%}; kept only if the calibrated out-of-fold log loss improves by more than one "
            "standard error"
        ),
        "logLoss": {"none": champion.log_loss},
        "gain": {},
        "chosen": "none",
    }
    if not tried:
        return champion, told
    setting.progress.start("class weights and SMOTE", len(tried) * setting.folds)
    evaluated = []
    for resampling in tried:
        candidate: Candidate = replace(champion.candidate, resampling=resampling)
        evaluated += evaluate_out_of_fold(setting, [candidate], rows, keep_rounds=True)
    for each in evaluated:
        gain = gain_of(each, champion)
        told["logLoss"][each.candidate.resampling] = each.log_loss
        told["gain"][each.candidate.resampling] = {
            "logLoss": gain.log_loss,
            "standardError": gain.standard_error,
        }
    best = best_remedy(champion, evaluated)
    told["chosen"] = best.candidate.resampling
    setting.progress.finish(
        ", ".join(f"{name} {loss:.4f}" for name, loss in told["logLoss"].items())
        + f"; kept: {told['chosen']}"
    )
    return best, told
