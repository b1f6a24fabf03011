"""The serving package's `columns` (docs/model-package.md): the same operations that TypeScript applies, in
numpy.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadgauge.lead.derive import is_missing
from leadgauge.lead.parse import ParsedLeads
from leadgauge.spec import Spec

Doubles = npt.NDArray[np.float64]
_Distinct = tuple[npt.NDArray[np.intp], list[Any]]


def category_texts(spec: Spec, values: pd.DataFrame, name: str) -> npt.NDArray[np.object_]:
    """The category of each row as a text, None where missing: ordinals by their level, booleans as true and
    false.
    """
    column = values[name].to_numpy()
    if column.dtype == object:
        return np.asarray(column, dtype=object)
    field = spec.field_by_name(name)
    names = np.array(field.levels if field.type == "ordinal" else ("false", "true"), dtype=object)
    missing = np.isnan(column)
    texts = names[np.where(missing, 0, column).astype(np.int64)]
    texts[missing] = None
    return np.asarray(texts, dtype=object)


def apply_columns(spec: Spec, columns: Sequence[dict[str, Any]], values: pd.DataFrame) -> Doubles:
    """The model inputs, shape (rows, len(columns)), NaN where a column leaves a missing value missing."""
    result = np.empty((len(values), len(columns)), dtype=np.float64)
    texts: dict[str, _Distinct] = {}
    for position, column in enumerate(columns):
        name, op = column["input"], column["op"]
        if op == "number":
            result[:, position] = _number(column, values[name].to_numpy())
        elif op == "is-missing":
            result[:, position] = is_missing(values[name].to_numpy())
        else:
            if name not in texts:
                codes, distinct = pd.factorize(category_texts(spec, values, name))
                texts[name] = codes, [*distinct, None]  # a missing text has the code -1, the last
            result[:, position] = _category(column, texts[name])
    return result


def _number(column: dict[str, Any], numbers: Doubles) -> Any:
    impute, scale = column["impute"], column["scale"]
    if impute is not None:
        numbers = np.where(np.isnan(numbers), impute, numbers)
    if scale is None:
        return numbers
    if scale["kind"] == "standard":
        return (numbers - scale["mean"]) / scale["deviation"]
    return numbers * scale["multiply"] + scale["add"]


def _category(column: dict[str, Any], texts: _Distinct) -> Doubles:
    """Works on the distinct texts, of which there are few; `texts` are (code of each row, distinct texts,
    None last).
    """
    codes, distinct = texts
    missing_as, op = column["missingAs"], column["op"]
    filled = [missing_as if text is None else text for text in distinct]
    if op == "is-category":
        return np.array([text == column["category"] for text in filled], dtype=np.float64)[codes]
    code_of = {text: float(code) for code, text in enumerate(column["known"])}
    if op == "is-rare":
        return np.array([text is not None and text not in code_of for text in filled], dtype=np.float64)[
            codes
        ]
    unknown = float(len(code_of)) if column["rareCode"] else np.nan
    return np.array([np.nan if text is None else code_of.get(text, unknown) for text in filled])[codes]


def unseen_by_model(columns: Sequence[dict[str, Any]], leads: ParsedLeads) -> npt.NDArray[np.bool_]:
    """Rows with a category of their own (not by `missingAs`) for which the model has no column or code."""
    known: dict[str, set[str]] = {}
    for column in columns:
        if column["op"] in ("is-category", "is-rare", "category-code"):
            categories = column["known"] if "known" in column else [column["category"]]
            known.setdefault(column["input"], set()).update(categories)
    result = np.zeros(len(leads.values), dtype=bool)
    for name, categories in known.items():
        if leads.spec.field_by_name(name).type == "category":
            unseen = np.array([text not in categories for text in leads.values[name]], dtype=bool)
            result |= unseen & leads.given[name]
    return result


def used_fields(spec: Spec, columns: Sequence[dict[str, Any]]) -> list[str]:
    """The fields a model uses: inputs of columns and what derived inputs are computed from, in the spec's
    order.
    """
    sources = {each.name: each.derivation.sources for each in spec.derived}
    used: set[str] = set()
    waiting = [column["input"] for column in columns]
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            waiting += sources.get(name, ())
    return [field.name for field in spec.fields if field.name in used]
