"""Fields that know the outcome: what is too good to be known before it.

Evidence, as docs/specs.md tells it: a single field that orders the leads with an area under the ROC curve (AUC) over .9; a
value of 50 rows or more that converts almost always or almost never, which is told, and counts if it is beyond luck; whether the field is empty, with an AUC over .7.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binom, rankdata

from leadgauge.init.column import Column, Ints, Marks, Numbers
from leadgauge.init.words import AFTER_CONTACT, words_of

AUC_OF_A_LEAK = 0.9
AUC_OF_MISSINGNESS = 0.7
STRONG_AUC = 0.8
MINIMUM_ROWS = 50
ALWAYS, NEVER = 0.95, 0.03
SURE_ODDS = 15.0
RARER_SHARE, COMMONER_SHARE = 0.05, 0.2
"""Values that convert always or never set a field aside if its name says that sales fills it in, or if they are sure (odds at
least SURE_ODDS times off the average lead's) and cover a share of the rows: the first where only the rarer outcome happens,
the second where only the commoner one does. Else they are only named: a good source of leads, or a two-year contract that
hardly anybody cancels, is no leak."""
SIGNIFICANCE = 1e-4
FAR = 5.0
"""A rate this many times below the average lead's is far from it."""
MOST_NAMED = 5
FOLDS = 2
SMOOTHING = 10.0


@dataclass(frozen=True)
class Suspicion:
    """Evidence that a field knows the outcome; `set_aside`: strong enough to leave it out of an ordinary model."""

    evidence: tuple[str, ...]
    set_aside: bool


@dataclass(frozen=True)
class _Extreme:
    """A value that converts almost always or never; `is_sure`: far from the average lead, and not by luck."""

    text: str
    rows: int
    rate: float
    is_sure: bool


def suspect(
    column: Column, values: Numbers | None, by_value: bool, event: Marks, happens: str
) -> Suspicion | None:
    """What is suspicious in a column. `values`: a number for each text, None for a category; `by_value`: whether single
    values are looked at; `event`: which rows are of the class looked at; `happens`: in words, such as `convert`."""
    rows = len(event)
    base = float(event.mean())
    evidence: list[str] = []
    set_aside = False

    missing_auc = _auc(column.missing.astype(np.float64), event)
    if missing_auc > AUC_OF_MISSINGNESS:
        evidence.append(
            f"whether it is empty tells which leads {happens} with AUC {missing_auc:.3f} ({event[column.missing].mean():.1%} of "
            f"the empty, {event[~column.missing].mean():.1%} of the filled)"
        )
        set_aside = True

    auc = _category_auc(column, event) if values is None else _number_auc(column.spread(values), event)
    if auc > AUC_OF_A_LEAK:
        evidence.append(f"alone it tells which leads {happens} with AUC {auc:.3f}")
        set_aside = True

    if by_value:
        extremes = _extremes(column, event, base)
        for each in extremes[:MOST_NAMED]:
            evidence.append(f'"{each.text[:60]}": {each.rate:.1%} of {each.rows:,} leads {happens}')
        sure = [each for each in extremes if each.is_sure]
        by_name = bool(words_of(column.name) & AFTER_CONTACT)
        set_aside = set_aside or (by_name and bool(sure)) or _cover_much(sure, base, rows)
    if not evidence and auc > STRONG_AUC:
        evidence.append(f"alone it tells which leads {happens} with AUC {auc:.3f}")
    return Suspicion(tuple(evidence), set_aside) if evidence else None


def _extremes(column: Column, event: Marks, base: float) -> list[_Extreme]:
    """Values of enough rows that convert almost always or never: first those that are so beyond luck, then the larger ones."""
    given = ~column.missing
    events = np.bincount(column.codes[given], weights=event[given], minlength=len(column.texts))
    found = []
    for text, count, hits in zip(column.texts, column.counts.tolist(), events.tolist(), strict=True):
        if count < MINIMUM_ROWS:
            continue
        rate = hits / count
        rare, common = _is_extreme(rate, base, NEVER), _is_extreme(1 - rate, 1 - base, 1 - ALWAYS)
        if rare or common:
            luck = binom.cdf(hits, count, base) if rare else binom.sf(hits - 1, count, base)
            far = rate < base / FAR if rare else 1 - rate < (1 - base) / FAR
            found.append(_Extreme(text, count, rate, is_sure=far and luck < SIGNIFICANCE))
    return sorted(found, key=lambda each: (not each.is_sure, -each.rows, each.text))


def _is_extreme(rate: float, base: float, limit: float) -> bool:
    """Below the limit; where that is ordinary, because hardly any lead is above it, far below the average."""
    return rate < (limit if base >= limit else base / FAR)


def _cover_much(extremes: list[_Extreme], base: float, rows: int) -> bool:
    """Whether values that all but decide the outcome cover so many rows that it can't be a good source of leads."""
    covered = {True: 0, False: 0}
    for each in extremes:
        hits = each.rate * each.rows
        odds = (hits + 0.5) / (each.rows - hits + 0.5) * (1 - base) / base
        if max(odds, 1 / odds) >= SURE_ODDS:
            covered[each.rate > base] += each.rows
    always, never = (RARER_SHARE, COMMONER_SHARE) if base < 0.5 else (COMMONER_SHARE, RARER_SHARE)
    return covered[True] >= always * rows or covered[False] >= never * rows


def _auc(score: Numbers, event: Marks) -> float:
    """Area under the ROC curve, in whichever direction it is over .5; ties count half."""
    positives = int(event.sum())
    negatives = len(event) - positives
    if not positives or not negatives:
        return 0.5
    ranks = rankdata(score)
    area = (ranks[event].sum() - positives * (positives + 1) / 2) / (positives * negatives)
    return float(max(area, 1 - area))


def _number_auc(values: Numbers, event: Marks) -> float:
    given = ~np.isnan(values)
    return _auc(values[given], event[given]) if given.sum() >= MINIMUM_ROWS else 0.5


def _category_auc(column: Column, event: Marks) -> float:
    """AUC of a category's rate of events, each half of the rows scored by the other, so that rare values do not shine."""
    if len(column.texts) > len(event) / 2:
        return 0.5
    codes: Ints = np.where(column.missing, len(column.texts), column.codes)
    base = float(event.mean())
    scores = np.empty(len(event))
    # Which half a row is in must not go with the order of the file.
    half = (np.arange(len(event)) * 2_654_435_761 >> 16) % FOLDS
    for fold in range(FOLDS):
        learn, score = half != fold, half == fold
        count = np.bincount(codes[learn], minlength=len(column.texts) + 1)
        hits = np.bincount(codes[learn], weights=event[learn], minlength=len(column.texts) + 1)
        scores[score] = ((hits + SMOOTHING * base) / (count + SMOOTHING))[codes[score]]
    positives = event.sum()
    return 0.5 if positives in (0, len(event)) else _auc_up(scores, event)


def _auc_up(score: Numbers, event: Marks) -> float:
    """As `_auc`, but a score that is worse than chance counts as chance: rates learnt from noise can be."""
    ranks = rankdata(score)
    positives = int(event.sum())
    area = (ranks[event].sum() - positives * (positives + 1) / 2) / (positives * (len(event) - positives))
    return float(max(area, 0.5))
