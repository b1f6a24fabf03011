"""Which column of a table, or key of a lead, belongs to which field of a spec."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadgauge.lead.text import header_key
from leadgauge.spec import Spec

Cells = npt.NDArray[np.object_]


class HeaderError(ValueError):
    """A table whose header cannot be used, such as two columns for one field."""


class Absent:
    """The cell of a lead that does not carry the key at all, which differs from carrying null."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


@dataclass(frozen=True)
class RawColumns:
    """Raw cells of `rows` leads by field name, and what did not fit a field.

    `duplicates` holds (row, field name, key): a lead that carries a field twice. `unknown` marks leads with a
    key
    that matches nothing in the spec; `unknown_columns` names those keys.
    """

    rows: int
    cells: dict[str, Cells]
    duplicates: list[tuple[int, str, str]]
    unknown: npt.NDArray[np.bool_]
    unknown_columns: list[str]


def field_keys(spec: Spec) -> dict[str, str]:
    """Header key to field name, for every name and alias."""
    return {header_key(name): field.name for field in spec.fields for name in (field.name, *field.aliases)}


def other_keys(spec: Spec) -> set[str]:
    """Header keys that are known and are no field: the lead's id, the target, ignored columns."""
    known = [(spec.target.field, spec.target.aliases)] + [(each.name, each.aliases) for each in spec.ignored]
    if spec.lead_id is not None:
        known.append((spec.lead_id.name, spec.lead_id.aliases))
    return {header_key(name) for first, aliases in known for name in (first, *aliases)}


def raw_cells(column: "pd.Series[Any]") -> Cells:
    """A column's cells as Python objects; whatever pandas counts as missing in a typed column is None."""
    cells: Cells = column.to_numpy(dtype=object, copy=True)
    if column.dtype != object:
        cells[column.isna().to_numpy(dtype=bool)] = None
    return cells


def bind_table(spec: Spec, table: pd.DataFrame) -> RawColumns:
    """Columns of a file. Raises HeaderError if two columns match one field."""
    names, others = field_keys(spec), other_keys(spec)
    cells: dict[str, Cells] = {}
    header: dict[str, str] = {}
    unknown: list[str] = []
    for position, column in enumerate(str(each) for each in table.columns):
        key = header_key(column)
        if key in names:
            field = names[key]
            if field in cells:
                raise HeaderError(
                    f'the columns "{header[field]}" and "{column}" are both the field "{field}"; keep one of them'
                )
            cells[field], header[field] = raw_cells(table.iloc[:, position]), column
        elif key != "" and key not in others:  # many tools write an index without a name
            unknown.append(column)
    marks = np.full(len(table), bool(unknown))
    return RawColumns(len(table), cells, [], marks, unknown)


def bind_leads(spec: Spec, leads: Sequence[Mapping[str, Any]]) -> RawColumns:
    """Leads as callers send them, each with keys of its own."""
    names, others = field_keys(spec), other_keys(spec)
    cells = {field.name: np.full(len(leads), ABSENT, dtype=object) for field in spec.fields}
    duplicates: list[tuple[int, str, str]] = []
    unknown_columns: dict[str, None] = {}
    unknown = np.zeros(len(leads), dtype=bool)
    for row, lead in enumerate(leads):
        for key, raw in lead.items():
            compared = header_key(key)
            if compared in names:
                column = cells[names[compared]]
                if column[row] is not ABSENT:
                    duplicates.append((row, names[compared], key))
                column[row] = raw
            elif compared not in others:
                unknown[row] = True
                unknown_columns[key] = None
    return RawColumns(len(leads), cells, duplicates, unknown, list(unknown_columns))


def target_column(spec: Spec, table: pd.DataFrame) -> Cells | None:
    """The cells of the target's column; None if the table has none. Raises HeaderError if it has two."""
    keys = {header_key(name) for name in (spec.target.field, *spec.target.aliases)}
    positions = [position for position, column in enumerate(table.columns) if header_key(str(column)) in keys]
    if len(positions) > 1:
        raise HeaderError(f'two columns are the target "{spec.target.field}"; keep one of them')
    return raw_cells(table.iloc[:, positions[0]]) if positions else None
