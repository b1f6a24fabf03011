"""Derived values (docs/feature-spec.md, "Derivations"), computed for all rows at once in IEEE doubles."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadgauge.canonical import number_text
from leadgauge.lead.cell import category_reader
from leadgauge.lead.timestamp import MILLISECONDS_A_DAY
from leadgauge.spec import Derivation, Field

Doubles = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Column:
    """Values of one field or derived value: float64 with NaN, or texts with None (categories).

    `given` marks rows that have a value of their own, before `missingAs`.
    """

    values: Any
    given: Bools


def is_missing(values: Any) -> Bools:
    """True where a row has no value."""
    return np.asarray(pd.isna(values), dtype=bool)


def derive(derivation: Derivation, columns: list[Column]) -> Doubles:
    """The numbers of a derivation other than `map`; `columns` are its sources in order. NaN is missing."""
    with np.errstate(all="ignore"):
        result = _OPERATIONS[derivation.op](derivation, columns)
        result = np.where(np.isfinite(result), result, np.nan)
    return np.asarray(result + 0.0, dtype=np.float64)  # + 0.0 turns -0 into 0


def _sum(_: Derivation, columns: list[Column]) -> Any:
    total = np.zeros(len(columns[0].values))
    present = np.zeros(len(total), dtype=bool)
    for column in columns:
        has_value = ~np.isnan(column.values)
        total = np.where(has_value, total + column.values, total)
        present |= has_value
    return np.where(present, total, np.nan)


def _count_present(_: Derivation, columns: list[Column]) -> Any:
    return np.sum([column.given for column in columns], axis=0, dtype=np.float64)


def _date_part(derivation: Derivation, columns: list[Column]) -> Any:
    milliseconds = columns[0].values
    days = np.floor(milliseconds / MILLISECONDS_A_DAY)
    if derivation.part == "hour":
        return np.floor((milliseconds - days * MILLISECONDS_A_DAY) / 3_600_000)
    if derivation.part == "weekday":
        return np.mod(days + 3, 7)  # 1970-01-01 was a Thursday
    known = ~np.isnan(days)
    dates = np.where(known, days, 0).astype("int64").astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    part = {
        "year": dates.astype("datetime64[Y]").astype("int64") + 1970,
        "month": months.astype("int64") % 12 + 1,
        "day": (dates - months).astype("int64") + 1,
    }[str(derivation.part)]
    return np.where(known, part.astype(np.float64), np.nan)


_OPERATIONS: dict[str, Callable[[Derivation, list[Column]], Any]] = {
    "sum": _sum,
    "difference": lambda _, columns: columns[0].values - columns[1].values,
    "ratio": lambda _, columns: columns[0].values / columns[1].values,
    "days-between": lambda _, columns: (columns[1].values - columns[0].values) / MILLISECONDS_A_DAY,
    "date-part": _date_part,
    "count-present": _count_present,
}


def map_texts(derivation: Derivation, source: Field, column: Column) -> list[str | None]:
    """The raw texts of a `map`: the group of each row's text; `other` (None without it) for one that is not
    listed.
    """
    read = category_reader(source, derivation.groups, "")
    memo: dict[Any, str | None] = {}
    result: list[str | None] = []
    for value in column.values:
        known = None if pd.isna(value) else value
        if known not in memo:
            group = None if known is None else read(_text(source, known)).value
            memo[known] = str(group) if group else derivation.other
        result.append(memo[known])
    return result


def _text(source: Field, value: Any) -> str:
    if source.type == "ordinal":
        return source.levels[int(value)]
    if source.type == "boolean":
        return "true" if value else "false"
    return str(value) if isinstance(value, str) else number_text(value)
