"""What kind of value a column holds, by the evidence of its texts: numbers, dates, yes and no, levels or categories."""

from dataclasses import dataclass, field

import numpy as np

from leadgauge.init.affixes import find_affixes
from leadgauge.init.column import Column, Numbers
from leadgauge.init.levels import order_of
from leadgauge.init.words import (
    DOUBTFUL_NULL_WORDS,
    FALSE_WORDS,
    NULL_WORDS,
    TRUE_WORDS,
    YES_AND_NO,
)
from leadgauge.lead.number import parse_number
from leadgauge.lead.text import case_fold
from leadgauge.lead.timestamp import parse_timestamp
from leadgauge.spec import NumberFormat

NUMBER_FORMATS = tuple(
    NumberFormat(decimal=decimal, group=group)
    for decimal, group in (
        (".", None), (",", None), (".", ","), (",", "."), (".", "'"), (",", " "), (".", " "), (",", "'"),
    )
)  # fmt: skip
PLAIN = NUMBER_FORMATS[0]
_DATES = (
    "YYYY-MM-DD", "DD/MM/YYYY", "MM/DD/YYYY", "DD.MM.YYYY", "DD-MM-YYYY", "MM-DD-YYYY", "YYYY/MM/DD", "YYYY.MM.DD",
)  # fmt: skip
_TIMES = ("", " HH:mm", " HH:mm:ss", "THH:mm:ss", ", HH:mm", ", HH:mm:ss")
DATE_FORMATS = ("iso", *(date + time for date in _DATES for time in _TIMES), "YYYYMMDD")
AMBIGUOUS = {"DD/MM/YYYY": "MM/DD/YYYY", "DD-MM-YYYY": "MM-DD-YYYY"}
MAX_STRAY_TEXTS = 5
MAX_STRAY_SHARE = 0.2


@dataclass(frozen=True)
class Reading:
    """How a column reads. `column` has its null tokens taken out; `values` holds a number for each of its texts (NaN
    for a category); `doubts` are sentences for the person who checks the spec."""

    type: str
    column: Column
    values: Numbers
    null_tokens: frozenset[str] = frozenset()
    number_format: NumberFormat = PLAIN
    formats: tuple[str, ...] = ()
    tokens: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    levels: tuple[tuple[str, str], ...] = ()
    """Ordinals: (name of the level, text in the file), from low to high."""
    case_fold: bool = False
    doubts: tuple[str, ...] = field(default=())


def null_tokens_of(column: Column) -> frozenset[str]:
    """Texts of a column that mean "missing" whatever the column holds."""
    return frozenset(text for text in column.texts if case_fold(text) in NULL_WORDS)


_Fit = tuple[NumberFormat, Numbers, frozenset[str]]
"""A format, the values it gives, and the texts it cannot read."""


def read_values(column: Column, file_format: NumberFormat) -> Reading:
    """The kind of a column's values. `file_format` decides where a column's numbers could be read in two ways."""
    nulls = null_tokens_of(column)
    column = column.without(nulls)
    for kind in (_boolean, _number, _timestamp):
        reading = kind(column, nulls, file_format)
        if reading is not None:
            return reading
    folded = column.folded()
    joins = len(folded.texts) < len(column.texts)
    category = folded if joins else column
    return _ordinal(category, nulls, joins) or Reading(
        "category", category, np.full(len(category.texts), np.nan), nulls, case_fold=joins
    )


def _boolean(column: Column, nulls: frozenset[str], _: NumberFormat) -> Reading | None:
    found = {case_fold(text) for text in column.texts}
    yes, no = found & TRUE_WORDS, found & FALSE_WORDS
    if not yes or not no or found - yes - no:
        return None
    if not any(a in yes and b in no for a, b in YES_AND_NO):
        return None
    numeric = found <= {"1", "0", "1.0", "0.0"}
    true_tokens = ("1", "1.0", "true", "yes") if numeric else tuple(sorted(yes | {"true", "1"}))
    false_tokens = ("0", "0.0", "false", "no") if numeric else tuple(sorted(no | {"false", "0"}))
    values = np.array([float(case_fold(text) in yes) for text in column.texts])
    return Reading("boolean", column, values, nulls, tokens=(true_tokens, false_tokens))


def _strays(column: Column, values: Numbers) -> frozenset[str] | None:
    """The texts that did not read, if they are few and wordy enough to be taken as "missing"; None if they are not."""
    stray = [text for text, value in zip(column.texts, values, strict=True) if np.isnan(value)]
    rows = int(column.counts[np.isnan(values)].sum())
    if len(stray) == len(column.texts) or (
        rows > MAX_STRAY_SHARE * column.given and not _all_null_words(stray)
    ):
        return None
    if any(any(c.isdigit() for c in text) for text in stray) or len(stray) > MAX_STRAY_TEXTS:
        return None
    return frozenset(stray)


def _all_null_words(texts: list[str]) -> bool:
    return all(case_fold(text) in DOUBTFUL_NULL_WORDS for text in texts)


def _number(column: Column, nulls: frozenset[str], file_format: NumberFormat) -> Reading | None:
    if not column.texts:
        return None
    affixes = find_affixes(column)
    bare = affixes.without(column) if affixes else column
    fits: list[_Fit] = []
    for each in NUMBER_FORMATS:
        if each != PLAIN and (column.typed or not (each == file_format or _written_so(bare, each))):
            continue
        values = np.array([_parsed(text, each) for text in bare.texts])
        strays = _strays(column, values)
        if strays is not None:
            fits.append((each, values, strays))
    if not fits or _has_leading_zeros(bare):
        return None
    fits = [fit for fit in fits if len(fit[2]) == min(len(each[2]) for each in fits)]
    number_format, values, strays = _choose(bare, fits, file_format)
    doubts = []
    if affixes.texts:
        doubts.append(
            f"numbers are written with {_quoted(frozenset(affixes.texts))}, which changes nothing of them"
        )
    if strays:
        doubts.append(f"read as numbers; {_quoted(strays)} taken as missing")
    elif _ambiguous(bare, fits):
        doubts.append(f'numbers such as "{_example(bare)}" read with {_format_text(number_format)}')
    kept = column.without(strays)
    values = values[~np.isnan(values)]
    whole = bool((values == np.floor(values)).all() and (np.abs(values) < 2**53).all())
    integer = whole and not any(number_format.decimal in text for text in bare.without(strays).texts)
    return Reading(
        "integer" if integer else "number",
        kept,
        values,
        nulls | strays,
        number_format=affixes.allowed_by(number_format),
        doubts=tuple(doubts),
    )


def _choose(column: Column, fits: list[_Fit], file_format: NumberFormat) -> _Fit:
    """The format that a column is written in: the file's, if it says as much; thousands rather than three decimals."""
    written = [fit for fit in fits if _written_so(column, fit[0])] or fits
    as_file = next((fit for fit in fits if fit[0] == file_format), None)
    if as_file and (as_file in written or np.array_equal(as_file[1], written[0][1], equal_nan=True)):
        return as_file
    comma = next((fit for fit in written if fit[0] == NUMBER_FORMATS[1]), None)
    grouped = next((fit for fit in written if fit[0].group == ","), None)
    if comma and grouped and not any(text.lstrip("+-").startswith("0,") for text in column.texts):
        return grouped
    return written[0]


def _parsed(text: str, number_format: NumberFormat) -> float:
    value = parse_number(text, number_format)
    return np.nan if value is None else value


def _has_leading_zeros(column: Column) -> bool:
    """Postal codes and the like: 01234 is no number."""
    return any(len(text) > 1 and text[0] == "0" and text.isdigit() for text in column.texts)


def _written_so(column: Column, number_format: NumberFormat) -> bool:
    """Whether the marks that a format has occur in the column: `,` as a decimal mark needs a comma somewhere."""
    if number_format.group is not None:
        return any(number_format.group in text for text in column.texts)
    return number_format.decimal == "." or any("," in text for text in column.texts)


def _ambiguous(column: Column, fits: list[_Fit]) -> bool:
    marked = [fit for fit in fits if _written_so(column, fit[0])]
    return any(not np.array_equal(marked[0][1], fit[1], equal_nan=True) for fit in marked[1:])


def file_number_format(columns: list[Column]) -> NumberFormat:
    """How a file writes numbers, by those of its columns that can be read in one way only."""
    decisive = [found for found in map(_decisive_format, columns) if found is not None]
    commas = [each for each in decisive if each.decimal == ","]
    if len(commas) * 2 <= len(decisive):
        return next((each for each in decisive if each.decimal == "."), PLAIN)
    return next((each for each in commas if each.group is not None), commas[0])


def _decisive_format(column: Column) -> NumberFormat | None:
    if column.typed:
        return None
    column = column.without(null_tokens_of(column))
    column = find_affixes(column).without(column)
    if not any("," in text or "'" in text or "." in text for text in column.texts[:1000]):
        return None
    fits = [
        each
        for each in NUMBER_FORMATS
        if _written_so(column, each) and all(parse_number(text, each) is not None for text in column.texts)
    ]
    return fits[0] if len(fits) == 1 and fits[0] != PLAIN else None


def _timestamp(column: Column, nulls: frozenset[str], _: NumberFormat) -> Reading | None:
    if not column.texts:
        return None
    sample = next((text for text in column.texts if any(c.isdigit() for c in text)), "")
    best: tuple[str, Numbers, frozenset[str]] | None = None
    fitting = []
    for layout in DATE_FORMATS:
        if parse_timestamp(sample, layout) is None:
            continue
        values = np.array([_parsed_time(text, layout) for text in column.texts])
        strays = _strays(column, values)
        if strays is not None:
            fitting.append(layout)
            best = best or (layout, values, strays)
    if best is None:
        return None
    layout, values, strays = best
    doubts = []
    other = next((AMBIGUOUS[a] + layout[len(a) :] for a in AMBIGUOUS if layout.startswith(a)), None)
    if other in fitting:
        doubts.append(f"dates read as {layout}; {other} would fit as well")
    return Reading(
        "timestamp",
        column.without(strays),
        values[~np.isnan(values)],
        nulls | strays,
        formats=(layout,),
        doubts=tuple(doubts),
    )


def _parsed_time(text: str, layout: str) -> float:
    value = parse_timestamp(text, layout)
    return np.nan if value is None else value


def _ordinal(column: Column, nulls: frozenset[str], joins: bool) -> Reading | None:
    ordered = order_of(column.texts)
    if ordered is None:
        return None
    values = np.array([float(ordered.index(text)) for text in column.texts])
    levels = tuple((text, text) for text in ordered)
    return Reading("ordinal", column, values, nulls, levels=levels, case_fold=joins)


def _quoted(texts: frozenset[str]) -> str:
    return ", ".join(f'"{text[:40]}"' for text in sorted(texts))


def _example(column: Column) -> str:
    return next((text for text, _ in column.common if "," in text or "." in text), column.texts[0])


def _format_text(number_format: NumberFormat) -> str:
    group = (
        f'"{number_format.group}" between thousands' if number_format.group else "no mark between thousands"
    )
    return f'decimal mark "{number_format.decimal}" and {group}'
