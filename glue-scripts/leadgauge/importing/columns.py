"""The features of an existing model as columns of a spec, found by their names (docs/importing.md)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from leadgauge.lead.cell import CellError, cell_parser
from leadgauge.lead.text import header_key
from leadgauge.spec import MOMENTS, Derived, Field, Moment, Spec

_SEPARATORS = (re.compile(r"[\s_]*=[\s_]*"), re.compile("_"))
_MOST_TOLD = 10


class ColumnError(Exception):
    """Features that the spec does not explain; the text lists them."""


def bind_columns(
    spec: Spec,
    names: Sequence[str],
    *,
    is_categorical: Sequence[bool],
    categories: Sequence[Sequence[str] | None],
    mangles_spaces: bool,
    seen: Callable[[str], Sequence[str]],
) -> list[dict[str, Any]]:
    """One entry of a package's `columns` a feature, in the model's order.

    `is_categorical`: features that the model splits by sets of codes; `categories`: what the codes stand for, where the file
    tells. `mangles_spaces`: the library wrote `_` for white space (LightGBM). `seen`: the categories of a field in the data, to
    find a mangled one by. Raises ColumnError naming every feature that is no column of the spec.
    """
    binder = _Binder(spec, mangles_spaces, seen)
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise ColumnError(f"the model has two features of the name {_told(repeated)}")
    columns: list[dict[str, Any]] = []
    problems: list[str] = []
    for position, name in enumerate(names):
        try:
            columns.append(binder.column(name, is_categorical[position], categories[position]))
        except ColumnError as error:
            problems.append(str(error))
    if problems:
        shown = "; ".join(problems[:_MOST_TOLD])
        more = f"; and {len(problems) - _MOST_TOLD} more" if len(problems) > _MOST_TOLD else ""
        raise ColumnError(
            f"{len(problems)} of the model's {len(names)} features are no columns of {spec.name}: {shown}{more}"
        )
    _complete_rare(columns)
    return columns


def moment_of(spec: Spec, columns: Sequence[dict[str, Any]]) -> Moment:
    """The earliest moment at which every input of the model is known."""
    sources: tuple[Field | Derived, ...] = (*spec.fields, *spec.derived)
    known = {each.name: MOMENTS.index(each.known_at) for each in sources}
    return MOMENTS[max(known[column["input"]] for column in columns)]


class _Binder:
    def __init__(self, spec: Spec, mangles_spaces: bool, seen: Callable[[str], Sequence[str]]) -> None:
        self._spec = spec
        self._mangles = mangles_spaces
        self._seen = seen
        self._sources: dict[str, Field | Derived] = {}
        sources: tuple[Field | Derived, ...] = (*spec.fields, *spec.derived)
        for each in sources:
            self._sources[self._key(each.name)] = each
            for alias in getattr(each, "aliases", ()):
                self._sources.setdefault(self._key(alias), each)

    def _key(self, text: str) -> str:
        """Names are compared in this form."""
        key = header_key(text)
        return re.sub(r"\s", "_", key) if self._mangles else key

    def column(self, name: str, is_categorical: bool, categories: Sequence[str] | None) -> dict[str, Any]:
        source = self._sources.get(self._key(name))
        if source is not None:
            return self._whole(name, source, is_categorical, categories)
        for suffix, op in ((" is missing", "is-missing"), (" is rare", "is-rare")):
            ending = self._key("x" + suffix)[1:]
            if self._key(name).endswith(ending):
                source = self._sources.get(self._key(name)[: -len(ending)])
                if source is not None:
                    extra: dict[str, Any] = {"known": [], "missingAs": None} if op == "is-rare" else {}
                    return {**_common(name, source), "op": op, **extra}
        return self._one_hot(name)

    def _whole(
        self, name: str, source: Field | Derived, is_categorical: bool, categories: Sequence[str] | None
    ) -> dict[str, Any]:
        kind = source.type if isinstance(source, Field) else "number"
        if kind == "timestamp":
            raise ColumnError(f'"{name}" is a timestamp; a model takes what the spec derives from one')
        if kind != "category":
            if is_categorical or categories is not None:
                raise ColumnError(
                    f'"{name}" is split by category codes, but the spec has it as a field of type {kind}'
                )
            return {**_common(name, source), "op": "number", "impute": None, "scale": None}
        if categories is None:
            how = "splits it by codes" if is_categorical else "takes it as a number"
            raise ColumnError(
                f'"{name}" is a category and the model {how}, but its file does not tell which category has which code '
                "(XGBoost from 3.1 and LightGBM do for pandas categories); train with one-hot columns"
            )
        known = [self._category(name, source.name, text) for text in categories]
        if len(set(known)) != len(known):
            raise ColumnError(f'"{name}": the spec makes one category of several that the model tells apart')
        return {
            **_common(name, source),
            "op": "category-code",
            "known": known,
            "missingAs": None,
            "rareCode": False,
        }

    def _one_hot(self, name: str) -> dict[str, Any]:
        """Named `Field=category`, or `Field_category` as pandas.get_dummies does."""
        for found in (each for separator in _SEPARATORS for each in separator.finditer(name)):
            source = self._sources.get(self._key(name[: found.start()]))
            if isinstance(source, Field) and source.type in ("category", "ordinal", "boolean"):
                category = self._category(name, source.name, name[found.end() :])
                return {**_common(name, source), "op": "is-category", "category": category, "missingAs": None}
        raise ColumnError(f'"{name}"')

    def _category(self, name: str, field_name: str, text: str) -> str:
        """The category as a lead has it, after the spec's normalisation and groups."""
        field = self._spec.field_by_name(field_name)
        if self._mangles:
            known = [*(field.groups or {}), *field.levels, *self._seen(field_name)]
            same = sorted({each for each in known if self._key(each) == self._key(text)})
            if len(same) == 1:
                return same[0]
            if "_" in text:
                raise ColumnError(
                    f'"{name}" (LightGBM writes _ for a space, so that the category cannot be told; give its names with '
                    "--features, or --data)"
                )
        try:
            cell = cell_parser(field)(text)
        except CellError:
            cell = None
        if cell is None or cell.missing or cell.unseen:
            raise ColumnError(f'"{name}" ("{text}" is no category of {field_name})')
        if field.type == "category":
            return str(cell.value)
        return (
            field.levels[int(cell.value or 0)]
            if field.type == "ordinal"
            else ("false", "true")[int(cell.value or 0)]
        )


def _common(name: str, source: Field | Derived) -> dict[str, Any]:
    told_under = source.reason_field if isinstance(source, Derived) else source.name
    return {"name": name, "input": source.name, "field": told_under}


def _complete_rare(columns: Sequence[dict[str, Any]]) -> None:
    """A rare column stands for every category without a column of its own."""
    for column in columns:
        if column["op"] == "is-rare":
            column["known"] = [
                each["category"]
                for each in columns
                if each["op"] == "is-category" and each["input"] == column["input"]
            ]


def _told(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names[:_MOST_TOLD])
