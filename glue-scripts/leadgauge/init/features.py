"""A column's part of the spec: a field with its features, or an ignored column with the reason."""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from leadgauge.init.affixes import has_sign
from leadgauge.init.column import Column
from leadgauge.init.leaks import Suspicion
from leadgauge.init.reading import Reading
from leadgauge.init.words import CREATED, ENGAGEMENT, label_of, names_an_identifier, words_of
from leadgauge.spec import NumberFormat

MAX_UNIQUE_SHARE = 0.95
MINIMUM_COVER = 0.2
MANY_VALUES = 60
LONG_TEXT = 60
DIFFERING_ROWS = 10
MISSING_SHARE_TO_MARK = 0.005
SMALL_FILE = 500
SMALLEST_FILE = 20
FEW_NUMBERS = 10
_DATE_LIKE = re.compile(
    r"\b\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}\b|\b\d{1,2}[ .-]*[A-Za-zäéû]{3,10}[ .,-]*\d{2,4}\b|\b[A-Za-z]{3,9}\.? \d{1,2},? \d{4}\b"
)
"""`3/31/2025 5:30 PM`, `31 Mar 2025`, `March 31, 2025`."""


@dataclass
class Proposal:
    """What is proposed for one column: `entry`, its field of the spec, with `features`, or `reason` why it is ignored."""

    name: str
    reading: Reading | None = None
    entry: dict[str, Any] | None = None
    features: list[dict[str, Any]] = field(default_factory=list)
    derived: list[dict[str, Any]] = field(default_factory=list)
    reason: str | None = None
    suspicion: Suspicion | None = None
    doubts: list[str] = field(default_factory=list)


def reason_to_ignore(column: Column, reading: Reading) -> str | None:
    """Why a column is of no use to a model; None if it may be."""
    clean = reading.column
    if not clean.given:
        return "Empty in every row." if not column.given else "Holds nothing but texts that mean missing."
    if len(clean.texts) == 1 and clean.given == clean.rows:
        return "Constant: every row has the same value."
    differing = min(clean.rows - int(clean.counts.max()), clean.given)
    if differing < min(DIFFERING_ROWS, clean.rows * 0.01):
        return f"Almost constant: only {differing} of {clean.rows:,} rows differ."
    if reading.type == "integer":
        return _reason_to_ignore_integers(clean, reading)
    return _reason_to_ignore_texts(clean) if reading.type == "category" else None


def _reason_to_ignore_integers(column: Column, reading: Reading) -> str | None:
    if _is_row_number(column, reading):
        return "A running number: it tells the order of the rows, nothing about the lead."
    unique = len(column.texts) > MAX_UNIQUE_SHARE * column.given and column.given >= SMALLEST_FILE
    if unique and names_an_identifier(column.name):
        return f"An identifier: {len(column.texts):,} different values in {column.given:,} rows."
    return None


def _reason_to_ignore_texts(column: Column) -> str | None:
    given, distinct = column.given, len(column.texts)
    if any("@" in text and "." in text for text in column.texts[:50]) and distinct > 0.5 * given:
        return "E-mail addresses: they name a person, and hold nothing that repeats."
    covered = column.counts[column.counts >= minimum_count(column)].sum() / given
    rare = distinct > MANY_VALUES and covered < MINIMUM_COVER
    unique = distinct > MAX_UNIQUE_SHARE * given and given >= SMALLEST_FILE
    if unique or rare:
        told = _told_by_form(column)
        if told is not None:
            return told
    if unique:
        length = np.mean([len(text) for text in column.texts[:1000]])
        kind = "Free text" if length > LONG_TEXT else "An identifier or a name"
        return f"{kind}: {distinct:,} different values in {given:,} rows."
    if rare:
        return f"{distinct:,} different values, almost all rare: free text or names. Group them to use them."
    return None


def _told_by_form(column: Column) -> str | None:
    """What texts look like that a person reads as dates or amounts, and no format of a spec does."""
    sample = column.texts[:1000]
    if sum(_DATE_LIKE.search(text) is not None for text in sample) > 0.8 * len(sample):
        return "Looks like dates in a format that a spec cannot read; export them as 2026-01-31 or 2026-01-31 17:30."
    if sum(has_sign(text) for text in sample) > 0.8 * len(sample):
        return "Looks like amounts of more than one currency or unit; export them in one."
    return None


def minimum_count(column: Column) -> int:
    """How often a value must occur to have a model input of its own."""
    if column.rows < SMALL_FILE:
        return 5
    return 10 if len(column.texts) <= MANY_VALUES else max(10, column.rows // 200)


def _is_row_number(column: Column, reading: Reading) -> bool:
    """Integers without gaps or repeats in the order of the rows, up or down."""
    if reading.type != "integer" or len(column.texts) != column.rows or column.rows < SMALLEST_FILE:
        return False
    steps = np.diff(column.spread(reading.values))
    one_way = bool((steps > 0).all() or (steps < 0).all())
    return one_way and (bool((np.abs(steps) == 1).all()) or names_an_identifier(column.name))


def describe(
    reading: Reading, name: str, file_format: NumberFormat, common_nulls: frozenset[str]
) -> Proposal:
    """The field and the features of a column that is used."""
    column = reading.column
    missing_share = 1 - column.given / column.rows
    entry: dict[str, Any] = {"name": name}
    if label_of(name) != name:
        entry["label"] = label_of(name)
    entry |= {"type": reading.type, "knownAt": _known_at(name)}
    own_nulls = sorted(reading.null_tokens - common_nulls)
    if own_nulls:
        entry["nullTokens"] = own_nulls
    if reading.case_fold:
        entry["normalise"] = ["trim", "collapse-spaces", "case-fold"]
    proposal = Proposal(name, reading, entry, doubts=list(reading.doubts))
    marked = missing_share >= MISSING_SHARE_TO_MARK
    if reading.type in ("number", "integer"):
        if reading.number_format != file_format:
            entry["numberFormat"] = _number_format(reading.number_format)
            if reading.number_format.affixes:
                entry["unit"] = reading.number_format.affixes[0]
        proposal.doubts += _far_number(reading)
        proposal.features.append({"input": name, "encode": "number", **_impute(marked)})
    elif reading.type == "boolean":
        if reading.tokens != (("true", "yes", "1"), ("false", "no", "0")):
            entry["trueTokens"], entry["falseTokens"] = map(list, reading.tokens)
        proposal.features.append(
            {"input": name, "encode": "one-hot"}
            if marked
            else {"input": name, "encode": "number", "scale": "none"}
        )
    elif reading.type == "ordinal":
        entry["levels"] = [level for level, _ in reading.levels]
        proposal.features.append({"input": name, "encode": "ordinal", **_impute(marked)})
    elif reading.type == "timestamp":
        entry["formats"] = list(reading.formats)
    else:
        feature: dict[str, Any] = {"input": name, "encode": "one-hot"}
        if minimum_count(column) != 10:
            feature["minimumCount"] = minimum_count(column)
        proposal.features.append(feature)
    return proposal


def _number_format(number_format: NumberFormat) -> dict[str, Any]:
    return {
        "decimal": number_format.decimal,
        "group": number_format.group,
        **({"affixes": list(number_format.affixes)} if number_format.affixes else {}),
        **({"negativeInParentheses": True} if number_format.negative_in_parentheses else {}),
    }


def _far_number(reading: Reading) -> list[str]:
    """A number such as 999 that many rows share and that stands far from all others may be a word for "never"."""
    if len(reading.values) < FEW_NUMBERS:
        return []
    order = np.argsort(reading.values, kind="stable")
    ordered, counts = reading.values[order], reading.column.counts[order]
    for far, gap, spread in (
        (-1, ordered[-1] - ordered[-2], ordered[-2] - ordered[0]),
        (0, ordered[1] - ordered[0], ordered[-1] - ordered[1]),
    ):
        if gap > spread and counts[far] >= max(DIFFERING_ROWS, 0.01 * counts.sum()):
            return [
                f"{ordered[far]:g} ({counts[far]:,} rows) stands far from all other values; if it means missing, "
                "leave the cell empty instead, in every file and call"
            ]
    return []


def _impute(marked: bool) -> dict[str, Any]:
    return {"impute": "none", "missingIndicator": True} if marked else {}


def _known_at(name: str) -> str:
    return "engagement" if words_of(name) & ENGAGEMENT else "at-creation"


def names_a_creation(name: str) -> bool:
    """Whether a header may name the time a lead was created."""
    words = words_of(name)
    return bool(words & CREATED) and not words & {
        "last",
        "closed",
        "close",
        "modified",
        "updated",
        "birth",
        "end",
    }


def add_date_parts(proposal: Proposal) -> None:
    """Weekday of a timestamp, and hour where it has one. Not the date itself: no later lead would be like the past."""
    assert proposal.reading is not None
    days = proposal.reading.values / 86_400_000
    parts = ["weekday"] + (["hour"] if bool((days != np.floor(days)).any()) else [])
    for part in parts:
        derived = f"{proposal.name} ({part})"[:256]
        proposal.derived.append(
            {
                "name": derived,
                "label": f"{label_of(proposal.name)}, {part}",
                "op": "date-part",
                "field": proposal.name,
                "part": part,
            }
        )
        proposal.features.append({"input": derived, "encode": "number"})
