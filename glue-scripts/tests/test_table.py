"""Reading files as they really are, and refusing damaged ones in one clear line."""

import gzip
import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadgauge.table import TableError, read_table


def write(folder: Path, content: bytes | str, name: str = "leads.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def rows(table: pd.DataFrame) -> list[list[object]]:
    return [list(row) for row in table.itertuples(index=False, name=None)]


@pytest.mark.parametrize(
    "content",
    [
        b"name,city\nA,Mumbai\nB,\n",
        b"\xef\xbb\xbfname,city\r\nA,Mumbai\r\nB,\r\n",
        b"name;city\nA;Mumbai\nB;\n",
        b"name\tcity\rA\tMumbai\rB\t\r",
        b'"name"|"city"\n"A"|"Mumbai"\n\n"B"|""',
        "name,city\nA,Mumbai\nB,\n".encode("utf-16"),
        gzip.compress(b"name,city\nA,Mumbai\nB,\n"),
    ],
    ids=["plain", "bom-crlf", "semicolon", "tab-cr", "pipe-quoted", "utf-16", "gzip"],
)
def test_dialects_give_the_same_table(tmp_path: Path, content: bytes) -> None:
    table = read_table(write(tmp_path, content))
    assert list(table.columns) == ["name", "city"]
    assert rows(table) == [["A", "Mumbai"], ["B", ""]]


def test_no_text_is_taken_for_a_missing_value(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a,b\nNA,null\nNaN,1.0\n-,0012\n"))
    assert rows(table) == [["NA", "null"], ["NaN", "1.0"], ["-", "0012"]]


def test_quoted_line_breaks_separators_and_quotes_are_text(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, 'a,b\n"x\ny","say ""hi"", please"\n'))
    assert rows(table) == [["x\ny", 'say "hi", please']]


def test_a_semicolon_file_with_decimal_commas(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "betrag;stadt\n1.234,5;Köln\n0,5;Bonn, Mitte\n"))
    assert rows(table) == [["1.234,5", "Köln"], ["0,5", "Bonn, Mitte"]]


def test_windows_1252_where_utf_8_fails(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "stadt,preis\nKöln,5 €\n".encode("cp1252") + b"\x81,1\n"))
    assert rows(table) == [["Köln", "5 €"], ["\x81", "1"]]


def test_an_unnamed_index_column_is_kept_and_empty_ones_are_not(tmp_path: Path) -> None:
    assert list(read_table(write(tmp_path, ",a\n0,x\n1,y\n")).columns) == ["", "a"]
    assert list(read_table(write(tmp_path, "a,b,,\n1,2,,\n")).columns) == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\n\n", "no header"),
        (b"a,b\n", "no row"),
        (b"a,b,a\n1,2,3\n", 'names "a" more than once'),
        (b"a,b\n1,2\n1,2,3\n", "line 3 has 3 cells, the header has 2"),
        (b'a,b\n"x\ny",2\n1\n', "line 4 has 1 cells"),
        (b'a,b\n1,2\n"open,3\n4,5\n', "opened in the record at line 3 is never closed"),
        (b'a,b\n"x"y,2\n', "line 2 has text after a closing quote"),
        (b"a,b\n1,2\n3\x00,4\n", "line 3 holds a NUL byte"),
        (b"a,b\n1,2\na,b\n3,4\n", "line 3 repeats the header"),
        (gzip.compress(b"a,b\n1,2\n")[:-9], "gzip data is cut off"),
        (b"PAR1 and no more", "Parquet data is cut off"),
    ],
)
def test_a_damaged_file_is_refused_by_name_and_place(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(TableError) as refused:
        read_table(write(tmp_path, content))
    assert told in str(refused.value)
    assert "leads.csv" in str(refused.value)


def test_an_absent_file_and_a_directory(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no such file"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(TableError, match="directory"):
        read_table(tmp_path)


def test_json_lines_keep_types_and_take_both_forms(tmp_path: Path) -> None:
    lines = ['{"a": 1, "b": "x"}', "", '{"leadId": "L2", "fields": {"a": 2.5, "c": true}}', '{"a": null}']
    table = read_table(write(tmp_path, "\n".join(lines), "leads.jsonl"))
    assert list(table.columns) == ["a", "b", "leadId", "c"]
    assert rows(table) == [[1, "x", None, None], [2.5, None, "L2", True], [None, None, None, None]]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("[1]", "line 2 is not a JSON object"),
        ('{"a": 1', "line 2 is not a JSON object"),
        ('{"a": {"b": 1}}', 'line 2: "a" is nested'),
        ('{"a": 1, "a": 2}', "line 2 names a member twice"),
        ('{"a": NaN}', "line 2 holds NaN"),
        ("[" * 100_000, "line 2 is not a JSON object"),
    ],
)
def test_bad_json_lines_are_refused_by_line(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(TableError) as refused:
        read_table(write(tmp_path, f'{{"a": 1}}\n{line}\n', "leads.jsonl"))
    assert told in str(refused.value)


def test_parquet_cells_are_typed(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": ["a", None],
            "whole": pa.array([1, None], pa.int64()),
            "number": [0.5, 2.0],
            "flag": [True, False],
            "category": pa.array(["x", "y"]).dictionary_encode(),
            "at": pa.array([0, 1_700_000_000_123_456], pa.timestamp("us", tz="UTC")),
            "price": pa.array(["1.25", "3.50"]).cast(pa.decimal128(9, 2)),
        }
    )
    pq.write_table(table, tmp_path / "leads.parquet")
    read = read_table(tmp_path / "leads.parquet")
    assert rows(read) == [
        ["a", 1, 0.5, True, "x", "1970-01-01T00:00:00.000Z", 1.25],
        [None, None, 2.0, False, "y", "2023-11-14T22:13:20.123Z", 3.5],
    ]
    assert type(read["whole"][0]) is int


def test_parquet_with_lists_is_refused_by_column(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [[1], [2]]}), tmp_path / "leads.parquet")
    with pytest.raises(TableError, match='column "a" is nested'):
        read_table(tmp_path / "leads.parquet")


cells = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)


@settings(max_examples=60, deadline=None)
@given(
    body=st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=6),
    separator=st.sampled_from(",;\t|"),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_written_quoted_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    body: list[tuple[str, str, str]],
    separator: str,
    line_end: str,
) -> None:
    def line(row: tuple[str, ...]) -> str:
        return separator.join('"' + cell.replace('"', '""') + '"' for cell in row)

    header = ("first", "second", "third")
    path = write(tmp_path_factory.mktemp("csv"), line_end.join(map(line, [header, *body])) + line_end)
    assert rows(read_table(path)) == [list(row) for row in body]


def test_json_of_a_lone_surrogate_reaches_the_parser_as_it_is(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, json.dumps({"a": "\ud800"}), "leads.jsonl"))
    assert rows(table) == [["\ud800"]]
