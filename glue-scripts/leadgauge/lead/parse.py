"""Leads to typed values by a feature spec: the Python twin of core/lead, for whole tables."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadgauge.lead.bind import ABSENT, Cells, RawColumns, bind_leads, bind_table
from leadgauge.lead.cell import MISSING, Cell, CellError, CellParser, cell_parser
from leadgauge.lead.derive import Column, derive, is_missing, map_texts
from leadgauge.spec import Field, Spec

Bools = npt.NDArray[np.bool_]


class LeadRejection(NamedTuple):
    """Why a lead cannot be used; codes are those of docs/feature-spec.md."""

    row: int
    field: str
    code: str
    detail: str


@dataclass(frozen=True)
class ParsedLeads:
    """Typed values of a table of leads.

    `values`: one column a field and derived value, float64 with NaN (ordinals: the level's index; booleans: 1
    or 0;
    timestamps: ms since 1970) or object with texts and None for categories. `accepted`: rows without an
    error.
    `rejections`: every error, by field in the spec's order, then by row. `given`: rows that have a value of
    their own
    (not by `missingAs`), by field. `unseen` and `out_of_bounds`: rows with such
    a warning, by field; `unknown`: rows with keys that match nothing, which `unknown_columns` names.
    """

    spec: Spec
    values: pd.DataFrame
    accepted: Bools
    rejections: list[LeadRejection]
    given: dict[str, Bools]
    unseen: dict[str, Bools]
    out_of_bounds: dict[str, Bools]
    unknown: Bools
    unknown_columns: list[str]

    def first_rejections(self) -> dict[int, LeadRejection]:
        """The first error of each rejected row: errors stand in the order of the spec's fields."""
        first: dict[int, LeadRejection] = {}
        for rejection in self.rejections:
            first.setdefault(rejection.row, rejection)
        return first

    def warning_codes(
        self, used: Sequence[str] | None = None, unseen_by_model: Bools | None = None
    ) -> list[list[str]]:
        """Sorted warning codes of each row. `used`: the fields a model uses (default: all), as only those can
        be
        missing; `unseen_by_model`: rows with a category that the model did not see in training."""
        fields = [field for field in self.spec.fields if used is None or field.name in used]
        none = np.zeros(len(self.values), dtype=bool)
        flags = {
            "missing_fields": _any(
                [is_missing(self.values[f.name].to_numpy()) for f in fields if f.missing_as is None], none
            ),
            "out_of_bounds": _any(list(self.out_of_bounds.values()), none),
            "unknown_fields": self.unknown,
            "unseen_categories": _any(
                [*self.unseen.values(), none if unseen_by_model is None else unseen_by_model], none
            ),
        }
        return [[code for code, marks in flags.items() if marks[row]] for row in range(len(none))]

    def take(self, rows: Bools) -> "ParsedLeads":
        """Only the marked rows; rejections keep those of rows that stay, renumbered."""
        number = np.cumsum(rows) - 1
        return ParsedLeads(
            spec=self.spec,
            values=self.values[rows].reset_index(drop=True),
            accepted=self.accepted[rows],
            rejections=[
                each._replace(row=int(number[each.row])) for each in self.rejections if rows[each.row]
            ],
            given={name: marks[rows] for name, marks in self.given.items()},
            unseen={name: marks[rows] for name, marks in self.unseen.items()},
            out_of_bounds={name: marks[rows] for name, marks in self.out_of_bounds.items()},
            unknown=self.unknown[rows],
            unknown_columns=self.unknown_columns,
        )

    @property
    def warnings(self) -> list[list[str]]:
        """Sorted warning codes of each row, as if a model used every field."""
        return self.warning_codes()


def _any(marks: list[Bools], none: Bools) -> Bools:
    return np.logical_or.reduce(marks) if marks else none


def parse_leads(spec: Spec, table: pd.DataFrame) -> ParsedLeads:
    """Parses a table of raw cells (text, number, boolean, None) under a file's headers.

    Raises HeaderError if two columns match one field. Bad cells raise nothing: they are in `rejections`.
    """
    return _parse(spec, bind_table(spec, table))


def parse_lead_records(spec: Spec, leads: Sequence[Mapping[str, Any]]) -> ParsedLeads:
    """Parses leads as callers send them, each with its own keys."""
    return _parse(spec, bind_leads(spec, leads))


@dataclass
class _FieldResult:
    """Cells of one field for all rows; `has_key` marks the rows that carry the field."""

    values: Any
    given: Bools
    unseen: Bools
    out_of_bounds: Bools
    errors: list[tuple[int, CellError]]


def _parse(spec: Spec, raw: RawColumns) -> ParsedLeads:
    results: dict[str, _FieldResult] = {}
    for field in sorted(spec.fields, key=lambda each: each.or_from is not None):
        parser = cell_parser(field)
        cells = raw.cells.get(field.name)
        result = _no_cells(field, raw.rows) if cells is None else _read_cells(field, parser, cells)
        if field.or_from is not None:
            result = _fill_from_sources(spec, field, parser, cells, result, results)
        results[field.name] = result
    for field in spec.fields:
        _apply_missing_as(field, results[field.name])
    columns = {name: Column(result.values, result.given) for name, result in results.items()}
    for each in spec.derived:
        numbers = derive(each.derivation, [columns[name] for name in each.derivation.sources])
        columns[each.name] = Column(numbers, ~np.isnan(numbers))
    rejections = _rejections(spec, raw, results)
    accepted = np.ones(raw.rows, dtype=bool)
    accepted[[each.row for each in rejections]] = False
    order = [field.name for field in spec.fields] + [each.name for each in spec.derived]
    return ParsedLeads(
        spec=spec,
        values=pd.DataFrame(
            {name: pd.Series(columns[name].values, dtype=columns[name].values.dtype) for name in order}
        ),
        accepted=accepted,
        rejections=rejections,
        given={name: result.given for name, result in results.items()},
        unseen={name: result.unseen for name, result in results.items() if result.unseen.any()},
        out_of_bounds={
            name: result.out_of_bounds for name, result in results.items() if result.out_of_bounds.any()
        },
        unknown=raw.unknown,
        unknown_columns=raw.unknown_columns,
    )


def _read_cells(field: Field, parser: CellParser, cells: Cells) -> _FieldResult:
    """Parses every distinct raw cell once. Types are part of the key, because 1, 1.0 and True are equal in
    Python.
    """
    memo: dict[Any, int] = {}
    outcomes: list[Cell] = []
    errors: list[tuple[int, CellError]] = []
    failed: dict[int, CellError] = {}
    codes = np.empty(len(cells), dtype=np.int64)
    for row, cell in enumerate(cells):
        key = cell if type(cell) is str else (type(cell), None if isinstance(cell, list | dict) else cell)
        code = memo.get(key)
        if code is None:
            code = memo[key] = len(outcomes)
            try:
                outcomes.append(MISSING if cell is ABSENT else parser(_plain(cell)))
            except CellError as error:
                outcomes.append(MISSING)
                failed[code] = error
        codes[row] = code
    if failed:
        errors = [(int(row), failed[codes[row]]) for row in np.flatnonzero(np.isin(codes, list(failed)))]
    return _FieldResult(
        values=_value_array(field, [outcome.value for outcome in outcomes])[codes],
        given=np.array([not outcome.missing for outcome in outcomes], dtype=bool)[codes],
        unseen=np.array([outcome.unseen for outcome in outcomes], dtype=bool)[codes],
        out_of_bounds=np.array([outcome.out_of_bounds for outcome in outcomes], dtype=bool)[codes],
        errors=errors,
    )


def _no_cells(field: Field, rows: int) -> _FieldResult:
    """The result for a table without the field's column."""
    values = np.repeat(_value_array(field, [None]), rows)
    none = np.zeros(rows, dtype=bool)
    return _FieldResult(values, none, none, none, [])


def _plain(cell: Any) -> Any:
    return cell.item() if isinstance(cell, np.generic) else cell


def _value_array(field: Field, values: list[float | str | None]) -> Any:
    if field.type == "category":
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _fill_from_sources(
    spec: Spec,
    field: Field,
    parser: CellParser,
    cells: Cells | None,
    own: _FieldResult,
    results: dict[str, _FieldResult],
) -> _FieldResult:
    """`orFrom`: used where the lead lacks the key, and where its value is missing while some source has one."""
    derivation = field.or_from
    assert derivation is not None
    sources = [results[name] for name in derivation.sources]
    rows = len(own.given)
    lacks_key = np.array(
        [cell is ABSENT for cell in cells] if cells is not None else [True] * rows, dtype=bool
    )
    failed = np.zeros(rows, dtype=bool)
    failed[[row for row, _ in own.errors]] = True
    some_source = np.logical_or.reduce([source.given for source in sources])
    use = lacks_key | (~own.given & ~failed & some_source)
    if not use.any():
        return own
    columns = []
    for name, source in zip(derivation.sources, sources, strict=True):
        filled = _FieldResult(source.values.copy(), source.given, source.unseen, source.out_of_bounds, [])
        _apply_missing_as(spec.field_by_name(name), filled)
        columns.append(Column(filled.values, filled.given))
    raw = np.empty(rows, dtype=object)
    if derivation.op == "map":
        raw[:] = map_texts(derivation, spec.field_by_name(derivation.sources[0]), columns[0])
    else:
        numbers = derive(derivation, columns)
        raw[:] = [None if math.isnan(number) else number for number in numbers.tolist()]
    raw[~use] = None
    derived = _read_cells(field, parser, raw)
    return _FieldResult(
        values=np.where(use, derived.values, own.values),
        given=np.where(use, derived.given, own.given),
        unseen=np.where(use, derived.unseen, own.unseen),
        out_of_bounds=np.where(use, derived.out_of_bounds, own.out_of_bounds),
        errors=sorted([*own.errors, *derived.errors], key=lambda each: each[0]),
    )


def _apply_missing_as(field: Field, result: _FieldResult) -> None:
    if field.missing_as is not None:
        result.values[is_missing(result.values)] = cell_parser(field)(field.missing_as).value


def _rejections(spec: Spec, raw: RawColumns, results: dict[str, _FieldResult]) -> list[LeadRejection]:
    rejections: list[LeadRejection] = []
    for field in spec.fields:
        result = results[field.name]
        twice = {row for row, name, _ in raw.duplicates if name == field.name}
        rejections += [
            LeadRejection(
                row, key, "duplicate_field", f'is the field "{field.name}" a second time; send it once'
            )
            for row, name, key in raw.duplicates
            if name == field.name
        ]
        failed = {row for row, _ in result.errors} | twice
        rejections += [
            LeadRejection(row, field.name, error.code, error.detail)
            for row, error in result.errors
            if row not in twice
        ]
        if field.required:
            rejections += [
                LeadRejection(int(row), field.name, "required", "is required and has no value")
                for row in np.flatnonzero(~result.given)
                if int(row) not in failed
            ]
    return rejections
