"""One raw cell of a field to its value (docs/feature-spec.md, "From a raw value to a value", rules 1 to 9)."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from leadgauge.canonical import number_text
from leadgauge.lead.number import parse_number
from leadgauge.lead.text import MAXIMUM_TEXT_UNITS, case_fold, is_usable, normalise_text, trim
from leadgauge.lead.timestamp import in_range, parse_timestamp, timestamp_example
from leadgauge.spec import Field


class CellError(ValueError):
    """A cell that rejects its lead: `code` of docs/feature-spec.md, and a sentence that holds no lead data."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Cell(NamedTuple):
    """What a raw cell means. `value` is a double, or a text for a category; None when missing."""

    value: float | str | None
    missing: bool = False
    unseen: bool = False
    out_of_bounds: bool = False


MISSING = Cell(None, missing=True)
CellParser = Callable[[Any], Cell]
_Reader = Callable[[str | float | bool], Cell]


def cell_parser(field: Field) -> CellParser:
    """A function from a raw cell (text, int, float, bool, None) to its Cell; it raises CellError."""
    read = _READERS[field.type](field)
    null_tokens = {normalise_text(token, field.normalise) for token in field.null_tokens}

    def parse(raw: Any) -> Cell:
        if raw is None:
            return MISSING
        if isinstance(raw, str):
            if not is_usable(raw):
                raise CellError(
                    "invalid_text",
                    f"must not hold NUL or half a surrogate pair, nor exceed {MAXIMUM_TEXT_UNITS} characters",
                )
            if not trim(raw) or normalise_text(raw, field.normalise) in null_tokens:
                return MISSING
            return read(raw)
        if isinstance(raw, bool):
            return read(raw)
        if isinstance(raw, int | float):
            return read(_double(raw))
        raise CellError(
            "invalid_type", "must be a text, a number, a boolean or null, not an object or a list"
        )

    return parse


def _double(raw: float) -> float:
    try:
        return float(raw) + 0.0
    except OverflowError:
        return math.inf if raw > 0 else -math.inf


def text_of(raw: str | float | bool) -> str:
    """The text that stands for a raw value where texts are compared."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return number_text(raw)


def _number(field: Field) -> _Reader:
    example = f"1234{field.number_format.decimal}5"
    grouped = (
        f', group mark "{field.number_format.group}"'
        if field.number_format.group
        else ", without group marks"
    )
    if field.number_format.affixes:
        grouped += f", with {' or '.join(field.number_format.affixes)} before or behind"
    if field.number_format.negative_in_parentheses:
        grouped += ", in parentheses if negative"
    integer = field.type == "integer"
    code = "invalid_integer" if integer else "invalid_number"
    detail = (
        f"must be {'a whole' if integer else 'a'} number such as {'1234' if integer else example}{grouped}"
    )

    def read(raw: str | float | bool) -> Cell:
        value = (
            None
            if isinstance(raw, bool)
            else parse_number(trim(raw), field.number_format)
            if isinstance(raw, str)
            else raw
        )
        if value is None or not math.isfinite(value):
            raise CellError(code, detail)
        if integer and (value != math.floor(value) or abs(value) > 2**53 - 1):
            raise CellError(code, detail)
        return _bounded(field, value)

    return read


def _bounded(field: Field, value: float) -> Cell:
    bounds = field.bounds
    if bounds is None:
        return Cell(value)
    below = bounds.min is not None and value < bounds.min
    above = bounds.max is not None and value > bounds.max
    if not below and not above:
        return Cell(value)
    if bounds.beyond == "reject":
        limits = [f"at least {number_text(bounds.min)}"] if bounds.min is not None else []
        limits += [f"at most {number_text(bounds.max)}"] if bounds.max is not None else []
        raise CellError("out_of_bounds", f"must be {' and '.join(limits)}")
    limit = bounds.min if below else bounds.max
    return Cell(
        float(limit) + 0.0 if bounds.beyond == "clip" and limit is not None else value, out_of_bounds=True
    )


def _boolean(field: Field) -> _Reader:
    def key(text: str) -> str:
        return case_fold(trim(normalise_text(text, field.normalise)))

    tokens = {key(token): 0.0 for token in field.false_tokens}
    tokens |= {key(token): 1.0 for token in field.true_tokens}

    def read(raw: str | float | bool) -> Cell:
        if isinstance(raw, bool):
            return Cell(float(raw))
        value = tokens.get(key(text_of(raw)))
        if value is None:
            raise CellError(
                "invalid_boolean", f"must be one of {', '.join((*field.true_tokens, *field.false_tokens))}"
            )
        return Cell(value)

    return read


def category_reader(
    field: Field, groups: dict[str, tuple[str, ...]] | None, other: str | None
) -> Callable[[str], Cell]:
    """A text to its group: the group's name, or `other` (unseen), or itself."""
    group_of = {
        normalise_text(member, field.normalise): group
        for group, members in (groups or {}).items()
        for member in (group, *members)
    }
    if other is not None:
        group_of.setdefault(normalise_text(other, field.normalise), other)

    def read(text: str) -> Cell:
        text = normalise_text(text, field.normalise)
        group = group_of.get(text)
        if group is not None:
            return Cell(group)
        return Cell(text) if other is None else Cell(other, unseen=not field.other_is_expected)

    return read


def _category(field: Field) -> _Reader:
    read_text = category_reader(field, field.groups, field.other)
    return lambda raw: read_text(text_of(raw))


def _ordinal(field: Field) -> _Reader:
    read_text = category_reader(field, field.groups, None)
    index_of = {
        normalise_text(level, field.normalise): float(index) for index, level in enumerate(field.levels)
    }

    def read(raw: str | float | bool) -> Cell:
        level = read_text(text_of(raw)).value
        index = index_of.get(normalise_text(str(level), field.normalise))
        return Cell(None, missing=True, unseen=True) if index is None else Cell(index)

    return read


def _timestamp(field: Field) -> _Reader:
    written = " or ".join(timestamp_example(layout) for layout in field.formats)
    detail = f"must be a date that exists, of the years 1 to 9999, written like {written}"

    def read(raw: str | float | bool) -> Cell:
        for layout in field.formats:
            value: float | None = None
            if layout.startswith("epoch-"):
                if not isinstance(raw, bool):
                    value = parse_number(trim(raw), field.number_format) if isinstance(raw, str) else raw
                if value is not None:
                    value *= 1000.0 if layout == "epoch-seconds" else 1.0
                    value = in_range(float(math.trunc(value)) + 0.0) if math.isfinite(value) else None
            elif isinstance(raw, str):
                value = parse_timestamp(trim(raw), layout)
            if value is not None:
                return Cell(value)
        raise CellError("invalid_timestamp", detail)

    return read


_READERS: dict[str, Callable[[Field], _Reader]] = {
    "number": _number,
    "integer": _number,
    "boolean": _boolean,
    "category": _category,
    "ordinal": _ordinal,
    "timestamp": _timestamp,
}
