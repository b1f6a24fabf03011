"""Which leads can be generated, and how their files are written. Same form, rows and seed: the same bytes."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from leadgauge.generate import codepro, extraalearn, real_estate, x_education
from leadgauge.generate.draw import Texts

MAX_ROWS = 10_000_000
BLOCK_ROWS = 100_000


@dataclass(frozen=True)
class Form:
    """A kind of file: its columns, and the dialect that its source is known for."""

    spec: str
    columns: Callable[[np.random.Generator, int], dict[str, Texts]]
    line_end: str = "\n"
    byte_order_mark: bool = False


FORMS = {
    "x-education": Form("x-education", x_education.generate),
    "extraalearn": Form("extraalearn", extraalearn.generate, line_end="\r\n"),
    "real-estate": Form("real-estate", real_estate.generate),
    "codepro": Form("codepro", lambda rng, rows: codepro.generate(rng, rows)[1], byte_order_mark=True),
    "codepro-raw": Form("codepro", lambda rng, rows: codepro.generate(rng, rows)[0]),
}


def generate_table(form: str, rows: int, seed: int) -> pd.DataFrame:
    """A table of texts, as `leadgauge.table.read_table` would read the file. Raises ValueError for a bad argument."""
    if form not in FORMS:
        raise ValueError(f'no generated data "{form}"; there are {", ".join(FORMS)}')
    if not 1 <= rows <= MAX_ROWS:
        raise ValueError(f"--rows must be from 1 to {MAX_ROWS:,}")
    if seed < 0:
        raise ValueError("--seed must not be negative")
    # PCG64 by name, because numpy may change what its default is.
    rng = np.random.Generator(np.random.PCG64(seed))
    return pd.DataFrame(FORMS[form].columns(rng, rows), dtype=object)


def write_table(form: str, table: pd.DataFrame, path: Path) -> None:
    """Writes CSV in the dialect of the form. Raises OSError."""
    dialect = FORMS[form]
    with path.open("w", encoding="utf-8-sig" if dialect.byte_order_mark else "utf-8", newline="") as file:
        file.write(_lines([table.columns.tolist()], dialect.line_end))
        for start in range(0, len(table), BLOCK_ROWS):
            block = table.iloc[start : start + BLOCK_ROWS].to_numpy(dtype=object).tolist()
            file.write(_lines(block, dialect.line_end))


def _lines(rows: list[list[str]], line_end: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end).writerows(rows)
    return text.getvalue()
