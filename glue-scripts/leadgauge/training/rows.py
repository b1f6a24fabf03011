"""Leads to learn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Rows:
    """Leads to learn from: parsed values (a column a field) and class indices, row by row."""

    values: pd.DataFrame
    labels: Ints

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: Ints) -> Rows:
        return Rows(self.values.iloc[rows].reset_index(drop=True), self.labels[rows])
