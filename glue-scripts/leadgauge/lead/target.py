"""The target's column: which class each row belongs to."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadgauge.lead.bind import HeaderError, target_column
from leadgauge.lead.cell import text_of
from leadgauge.lead.text import label_key, normalise_text, trim
from leadgauge.spec import Spec


class LabelError(ValueError):
    """A label that is none of the target's values."""


def read_target(spec: Spec, table: pd.DataFrame) -> npt.NDArray[np.int64]:
    """The index of each row's class, -1 without a label.

    Raises HeaderError if the table has no such column, LabelError for a text that no class lists.
    """
    cells = target_column(spec, table)
    if cells is None:
        raise HeaderError(f'the table has no column "{spec.target.field}", the target of {spec.name}')
    class_of = {
        label_key(value): index for index, each in enumerate(spec.target.classes) for value in each.values
    }
    memo: dict[Any, int] = {}
    labels = np.empty(len(cells), dtype=np.int64)
    for row, cell in enumerate(cells):
        key = (type(cell), cell)
        if key not in memo:
            memo[key] = _class_index(spec, class_of, cell, row)
        labels[row] = memo[key]
    return labels


def _class_index(spec: Spec, class_of: dict[str, int], cell: Any, row: int) -> int:
    raw = cell.item() if isinstance(cell, np.generic) else cell
    if pd.isna(raw):
        return -1
    text = text_of(raw)
    index = class_of.get(label_key(text))
    if index is not None:
        return index
    null_tokens = {
        normalise_text(each, ("trim", "collapse-spaces"))
        for each in (*(spec.document.get("nullTokens") or ()), *spec.target.null_tokens)
    }
    if not trim(text) or normalise_text(text, ("trim", "collapse-spaces")) in null_tokens:
        return -1
    allowed = ", ".join(value for each in spec.target.classes for value in each.values)
    raise LabelError(
        f'the target "{spec.target.field}" has the label "{text[:60]}" (row {row + 1}), which is none of: {allowed}. '
        "List it under a class in the spec's target, or remove the row"
    )
