"""Reads a file of leads into raw cells, and interprets nothing: what a cell means is the feature spec's business.

CSV (any of ``, ; tab |``, UTF-8, UTF-16 with a mark, or Windows-1252), JSON Lines and Parquet, each also gzipped.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import decimal
import gzip
import io
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

SEPARATORS = (",", ";", "\t", "|")
MAX_BYTES = 4 * 2**30
MAX_COLUMNS = 5_000
_SNIFFED_RECORDS = 50
_UNBOUNDED_FIELD = 2**31 - 1


class TableError(Exception):
    """A file that cannot be read as a table; the text names the file, the place, and what to do."""


def read_table(path: str | Path) -> pd.DataFrame:
    """Reads a whole file; one row a lead, one object column a header, in the file's order.

    CSV cells are str (an empty cell is ``""``); JSON Lines and Parquet cells are str, int, float, bool or None.
    A column without a name is called ``""``; if all its cells are empty it is left out.

    Raises TableError for a file that is absent, empty, header-only, damaged, or not rectangular.
    """
    path = Path(path)
    name = path.name
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise TableError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise TableError(f"{path}: is a directory, not a file") from None
    except OSError as error:
        raise TableError(f"{path}: cannot be read ({error.strerror})") from None
    if content[:2] == b"\x1f\x8b":
        content = _gunzip(content, name)
        name = name.removesuffix(".gz")
    if not content:
        raise TableError(f"{path.name}: the file is empty")
    if content[:4] == b"PAR1":
        return _read_parquet(content, path.name)
    text = _decode(content, path.name)
    if name.lower().endswith((".jsonl", ".ndjson")):
        return _read_json_lines(text, path.name)
    return _read_csv(text, path.name)


def _gunzip(content: bytes, name: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            plain = stream.read(MAX_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise TableError(
            f"{name}: the gzip data is cut off or damaged; copy or export the file again"
        ) from None
    if len(plain) > MAX_BYTES:
        raise TableError(f"{name}: more than {MAX_BYTES // 2**30} GB when unpacked; split the file")
    return plain


def _decode(content: bytes, name: str) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            text = content.decode("utf-16")
        except UnicodeDecodeError:
            raise TableError(f"{name}: starts as UTF-16 but is not; save it as UTF-8") from None
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            # The five bytes that Windows-1252 leaves open become the control characters of Latin-1, as browsers do.
            text = content.decode("cp1252", errors="leadgauge-latin-1")
    nul = text.find("\0")
    if nul >= 0:
        line = text.count("\n", 0, nul) + 1
        raise TableError(
            f"{name}: line {line} holds a NUL byte; the file is damaged or not text (save it as UTF-8)"
        )
    return text


def _latin_1(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("leadgauge-latin-1", _latin_1)


# --- CSV -----------------------------------------------------------------------------------------------------------


def _read_csv(text: str, name: str) -> pd.DataFrame:
    separator = sniff_separator(text)
    records = _csv_records(text, separator, name)
    _, header = next(records, (0, []))
    if not header or not any(cell.strip() for cell in header):
        raise TableError(f"{name}: no header was found; the first line must name the columns")
    _check_header(header, name)
    rows: list[list[str]] = []
    for line, record in records:
        if len(record) != len(header):
            raise TableError(
                f"{name}: line {line} has {len(record)} cells, the header has {len(header)}; a cell with a separator or a line "
                "break in it must be quoted"
            )
        if record == header and len(header) > 1:
            raise TableError(f"{name}: line {line} repeats the header; remove that line")
        rows.append(record)
    if not rows:
        raise TableError(f"{name}: there is a header but no row under it")
    return _frame(header, list(zip(*rows, strict=True)), name)


def sniff_separator(text: str) -> str:
    """The separator under which the first records agree on a width of two or more, the widest winning."""
    best, best_rank = SEPARATORS[0], (False, 1)
    for separator in SEPARATORS:
        widths = []
        try:
            for record in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
                if record:
                    widths.append(len(record))
                if len(widths) == _SNIFFED_RECORDS:
                    break
        except csv.Error:
            continue
        if not widths:
            continue
        rank = (len(set(widths)) == 1 and widths[0] > 1, widths[0])
        if rank > best_rank:
            best, best_rank = separator, rank
    return best


def _csv_records(text: str, separator: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Records with the line each begins on; blank lines are passed over."""
    csv.field_size_limit(_UNBOUNDED_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    begins = 1
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            _refuse_record(name, begins, reader.line_num, str(error))
        if record:
            yield begins, record
        begins = reader.line_num + 1


def _refuse_record(name: str, begins: int, ends: int, reason: str) -> NoReturn:
    if "unexpected end" in reason:
        raise TableError(f"{name}: a quote opened in the record at line {begins} is never closed") from None
    raise TableError(
        f"{name}: line {ends} has text after a closing quote; write a quote inside a quoted cell twice"
    ) from None


def _check_header(header: list[str], name: str) -> None:
    if len(header) > MAX_COLUMNS:
        raise TableError(f"{name}: {len(header)} columns; at most {MAX_COLUMNS} are read")
    twice = [column for column, count in Counter(header).items() if count > 1 and column.strip()]
    if twice:
        raise TableError(
            f"{name}: the header names {_quoted(twice)} more than once; rename or remove one of them"
        )


def _quoted(columns: list[str]) -> str:
    shown = ", ".join(f'"{column[:80]}"' for column in columns[:5])
    return shown + (f" and {len(columns) - 5} more" if len(columns) > 5 else "")


def _frame(header: list[str], columns: list[Any], name: str) -> pd.DataFrame:
    kept: dict[str, Any] = {}
    for written, cells in zip(header, columns, strict=True):
        label = written if written.strip() else ""
        if not label:
            if all(cell in ("", None) for cell in cells):
                continue
            if label in kept:
                raise TableError(f"{name}: two columns have no name; name them in the header")
        kept[label] = pd.Series(list(cells), dtype=object)
    return pd.DataFrame(kept, dtype=object)


# --- JSON Lines ----------------------------------------------------------------------------------------------------


class _JsonError(ValueError):
    """A JSON value that no cell can hold; the text says which."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _JsonError("names a member twice")
    return members


def _constant(token: str) -> NoReturn:
    raise _JsonError(f"holds {token}, which is no JSON number")


def _read_json_lines(text: str, name: str) -> pd.DataFrame:
    columns: dict[str, list[Any]] = {}
    count = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        for key, value in _json_lead(line, name, number).items():
            cells = columns.setdefault(key, [])
            cells.extend([None] * (count - len(cells)))
            cells.append(value)
        if len(columns) > MAX_COLUMNS:
            raise TableError(
                f"{name}: more than {MAX_COLUMNS} different members; at most {MAX_COLUMNS} are read"
            )
        count += 1
    if not count:
        raise TableError(f"{name}: the file holds no lead")
    for cells in columns.values():
        cells.extend([None] * (count - len(cells)))
    return pd.DataFrame({key: pd.Series(cells, dtype=object) for key, cells in columns.items()}, dtype=object)


def _json_lead(line: str, name: str, number: int) -> dict[str, Any]:
    """One line: a plain object, or ``{"leadId", "fields"}`` as the API takes it."""
    try:
        lead = json.loads(line, object_pairs_hook=_object, parse_constant=_constant)
    except _JsonError as error:
        raise TableError(f"{name}: line {number} {error}") from None
    except (ValueError, RecursionError):
        raise TableError(f"{name}: line {number} is not a JSON object; write one lead a line") from None
    if not isinstance(lead, dict):
        raise TableError(f"{name}: line {number} is not a JSON object; write one lead a line")
    if isinstance(lead.get("fields"), dict) and set(lead) <= {"leadId", "fields"}:
        lead = {**({"leadId": lead["leadId"]} if "leadId" in lead else {}), **lead["fields"]}
    for key, value in lead.items():
        if isinstance(value, (dict, list)):
            raise TableError(
                f'{name}: line {number}: "{key[:80]}" is nested; a cell is a text, a number, true, false or null'
            )
    return lead


# --- Parquet -------------------------------------------------------------------------------------------------------


def _read_parquet(content: bytes, name: str) -> pd.DataFrame:
    try:
        table = pq.read_table(io.BytesIO(content))
    except (pa.ArrowException, OSError, ValueError):
        raise TableError(f"{name}: the Parquet data is cut off or damaged; export the file again") from None
    _check_header(table.column_names, name)
    if not table.num_rows:
        raise TableError(f"{name}: there are columns but no row")
    return _frame(
        table.column_names,
        [_cells(table.column(i), table.column_names[i], name) for i in range(table.num_columns)],
        name,
    )


def _cells(column: pa.ChunkedArray, label: str, name: str) -> list[Any]:
    kind = column.type
    if pa.types.is_nested(kind):
        raise TableError(
            f'{name}: column "{label[:80]}" is nested ({kind}); a cell is a text, a number or a boolean'
        )
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("ms", tz=kind.tz), safe=False)
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        try:
            column = column.cast(pa.binary()).cast(pa.string())
        except pa.ArrowInvalid:
            raise TableError(f'{name}: column "{label[:80]}" holds bytes that are not UTF-8 text') from None
    return [_cell(value) for value in column.to_pylist()]


def _cell(value: Any) -> str | int | float | bool | None:
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, dt.datetime):
        moment = value if value.tzinfo is None else value.astimezone(dt.UTC).replace(tzinfo=None)
        return moment.isoformat(timespec="milliseconds") + "Z"
    if isinstance(value, decimal.Decimal):
        return float(value)
    return str(value)
