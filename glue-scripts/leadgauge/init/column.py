"""A column of a file as `init` looks at it: its distinct texts, how often each occurs, and on which rows."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from leadgauge.lead.bind import raw_cells
from leadgauge.lead.cell import text_of
from leadgauge.lead.text import case_fold, is_usable, normalise_text

Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]

MISSING = -1
STEPS = ("trim", "collapse-spaces")


@dataclass(frozen=True)
class Column:
    """`codes`: a row's index in `texts`, or -1 where it has no value. `texts` are normalised and in order of
    appearance; `typed`: the cells were numbers or booleans (Parquet, JSON Lines), not text."""

    name: str
    texts: tuple[str, ...]
    codes: Ints
    typed: bool

    @cached_property
    def counts(self) -> Ints:
        """How many rows hold each text."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts)).astype(np.int64)

    @cached_property
    def missing(self) -> Marks:
        marks: Marks = self.codes == MISSING
        return marks

    @property
    def rows(self) -> int:
        return len(self.codes)

    @property
    def given(self) -> int:
        """How many rows have a value."""
        return int((~self.missing).sum())

    @cached_property
    def common(self) -> list[tuple[str, int]]:
        """Texts with their counts, the most frequent first, equal counts by text."""
        pairs = zip(self.texts, self.counts.tolist(), strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def without(self, tokens: frozenset[str]) -> "Column":
        """The column with these texts taken as missing."""
        if not tokens.intersection(self.texts):
            return self
        kept = [index for index, text in enumerate(self.texts) if text not in tokens]
        renumbered = np.full(len(self.texts) + 1, MISSING, dtype=np.int64)
        renumbered[kept] = np.arange(len(kept))
        return Column(self.name, tuple(self.texts[i] for i in kept), renumbered[self.codes], self.typed)

    def folded(self) -> "Column":
        """The column with texts that differ only in case joined."""
        index: dict[str, int] = {}
        position = [index.setdefault(case_fold(text), len(index)) for text in self.texts]
        renumbered = np.array([*position, MISSING], dtype=np.int64)
        return Column(self.name, tuple(index), renumbered[self.codes], self.typed)

    def spread(self, values: Numbers) -> Numbers:
        """A number for each text to a number for each row; NaN where the row has no value."""
        return np.append(values, np.nan)[self.codes]


def read_column(name: str, cells: "pd.Series[Any]") -> Column:
    """Looks at the raw cells of one column; empty cells and nulls are missing."""
    index: dict[str, int] = {}
    memo: dict[Any, int] = {}
    raw = raw_cells(cells)
    codes = np.empty(len(raw), dtype=np.int64)
    typed = False
    for row, cell in enumerate(raw):
        key = cell if type(cell) is str else (type(cell), cell)
        code = memo.get(key)
        if code is None:
            code = memo[key] = _code(cell, index)
            typed = typed or (cell is not None and not isinstance(cell, str))
        codes[row] = code
    return Column(name, tuple(index), codes, typed)


def _code(cell: Any, index: dict[str, int]) -> int:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return MISSING
    plain = cell.item() if isinstance(cell, np.generic) else cell
    text = normalise_text(text_of(plain), STEPS)
    # A text that no lead may carry (half a surrogate pair, a whole novel) will be refused when leads are read.
    return index.setdefault(text, len(index)) if text and is_usable(text) else MISSING
