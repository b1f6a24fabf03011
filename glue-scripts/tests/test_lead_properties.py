"""Properties of reading leads, on generated input."""

import string
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spec_samples import sample_spec

from leadgauge.lead import HeaderError, LabelError, parse_lead_records, parse_leads, read_target
from leadgauge.lead.number import parse_number
from leadgauge.lead.text import case_fold, header_key, is_usable, normalise_text, trim
from leadgauge.lead.timestamp import EARLIEST, LATEST, format_timestamp, parse_timestamp
from leadgauge.package.sample_leads import write_number
from leadgauge.spec import NumberFormat, Spec

FORMATS = [
    NumberFormat(decimal, group)
    for decimal in ".,"
    for group in (None, ".", ",", " ", "'")
    if group != decimal
]
EVERY_TYPE: list[dict[str, Any]] = [
    {"name": "number", "type": "number", "bounds": {"min": -10, "max": 10, "beyond": "clip"}},
    {"name": "integer", "type": "integer"},
    {"name": "boolean", "type": "boolean"},
    {"name": "category", "type": "category", "groups": {"A": ["a", "b"]}, "other": "Rest"},
    {"name": "ordinal", "type": "ordinal", "levels": ["low", "high"]},
    {"name": "timestamp", "type": "timestamp", "formats": ["iso", "DD.MM.YYYY", "epoch-seconds"]},
]
SPEC = sample_spec(nullTokens=["Select"], fields=EVERY_TYPE)
NAMES = [field["name"] for field in EVERY_TYPE]
raw_values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.text(alphabet=string.digits + "+-.,eE /:TZ")
    | st.sampled_from(
        ["Select", " low", "a", "B", "yes", "2021-02-29", "31.12.2020", "1e400", "\ud800", "\0"]
    )
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(FORMATS))
def test_a_written_number_reads_as_itself(value: float, number_format: NumberFormat) -> None:
    assert parse_number(write_number(value, number_format), number_format) == value


@given(st.text(alphabet=string.digits + "+-.,' eE"), st.sampled_from(FORMATS))
def test_a_text_is_a_number_only_if_python_agrees(text: str, number_format: NumberFormat) -> None:
    value = parse_number(text, number_format)
    if value is not None:
        plain = text if number_format.group is None else text.replace(number_format.group, "")
        assert value == float(plain.replace(number_format.decimal, "."))


@given(st.integers(int(EARLIEST), int(LATEST)))
def test_a_written_time_reads_as_itself(milliseconds: int) -> None:
    assert parse_timestamp(format_timestamp(milliseconds, "iso"), "iso") == milliseconds
    whole_seconds = milliseconds // 1000 * 1000
    for layout in ("YYYY-MM-DD HH:mm:ss", "DD/MM/YYYY HH:mm:ss", "YYYYMMDDHHmmss"):
        assert parse_timestamp(format_timestamp(whole_seconds, layout), layout) == whole_seconds


def test_a_refused_time_is_told_what_is_allowed() -> None:
    (rejection,) = parse_lead_records(SPEC, [{"timestamp": "yesterday"}]).rejections
    assert rejection.code == "invalid_timestamp"
    for example in ("2024-03-31T10:15:00Z", "31.03.2024 (DD.MM.YYYY)", "1711880100 (epoch-seconds)"):
        assert example in rejection.detail


@given(st.text())
def test_normalisation_is_idempotent(text: str) -> None:
    steps = ("trim", "collapse-spaces", "case-fold")
    once = normalise_text(text, steps)
    assert normalise_text(once, steps) == once == header_key(text)
    assert len(case_fold(text)) == len(text)
    assert trim(text) in text


@given(st.text(max_size=5))
def test_usable_texts_have_utf_8(text: str) -> None:
    if is_usable(text):
        text.encode("utf-8")


@given(
    st.lists(
        st.dictionaries(st.sampled_from([*NAMES, "Integer ", "unknown"]), raw_values), min_size=1, max_size=5
    )
)
def test_any_lead_is_read_or_rejected(leads: list[dict[str, object]]) -> None:
    parsed = parse_lead_records(SPEC, leads)
    assert parsed.accepted.tolist() == [row not in parsed.first_rejections() for row in range(len(leads))]
    assert not parsed.values["integer"].dropna().mod(1).any()
    assert parsed.values["number"].dropna().between(-10, 10).all()
    assert set(parsed.values["category"].dropna()) <= {"A", "Rest"}
    for row, lead in enumerate(leads):  # each lead is read as it is alone
        alone = parse_lead_records(SPEC, [lead])
        pd.testing.assert_frame_equal(alone.values, parsed.values.iloc[[row]].reset_index(drop=True))
        assert alone.warnings[0] == parsed.warnings[row]


def test_values_have_the_documented_types() -> None:
    leads = parse_leads(SPEC, pd.DataFrame({name: [None, None] for name in NAMES}))
    assert {str(dtype) for name, dtype in leads.values.dtypes.items() if name != "category"} == {"float64"}
    assert leads.values["category"].tolist() == [None, None]
    assert leads.values["category"].dtype == object


def test_a_table_without_rows_or_columns() -> None:
    for table in (pd.DataFrame(), pd.DataFrame({"number": []}), pd.DataFrame(index=range(2))):
        leads = parse_leads(SPEC, table)
        assert len(leads.values) == len(table) == len(leads.accepted)
        assert leads.accepted.all()


def test_typed_columns_and_pandas_missing_values() -> None:
    table = pd.DataFrame(
        {
            "integer": pd.array([1, None], dtype="Int64"),
            "category": pd.array(["a", None], dtype="str"),
            "boolean": [True, False],
        }
    )
    leads = parse_leads(SPEC, table)
    assert leads.accepted.all()
    assert leads.values["integer"].tolist()[0] == 1
    assert leads.values["category"].tolist() == ["A", None]
    assert leads.values["boolean"].tolist() == [1, 0]


def test_two_columns_of_one_field_are_refused_by_name() -> None:
    with pytest.raises(HeaderError, match='"number" and " NUMBER"'):
        parse_leads(SPEC, pd.DataFrame([[1, 2]], columns=["number", " NUMBER"]))


def target_spec(**parts: object) -> Spec:
    return sample_spec(fields=[{"name": "a", "type": "number"}], nullTokens=["Select"], **parts)


def test_labels() -> None:
    labels = [" YES ", "1", 1, 1.0, True, 0, "no", None, "", "Select", float("nan")]
    with pytest.raises(LabelError, match=r'"true".*row 5.*none of: 0, no, 1, Yes'):
        read_target(target_spec(), pd.DataFrame({"Label": pd.Series(labels, dtype=object)}))
    labels[4] = "yes"
    found = read_target(target_spec(), pd.DataFrame({"Label": pd.Series(labels, dtype=object)}))
    assert found.tolist() == [1, 1, 1, 1, 1, 0, 0, -1, -1, -1, -1]


def test_a_table_without_the_target_or_with_two_is_refused() -> None:
    with pytest.raises(HeaderError, match='no column "label"'):
        read_target(target_spec(), pd.DataFrame({"a": [1]}))
    with pytest.raises(HeaderError, match="two columns"):
        read_target(target_spec(), pd.DataFrame([[1, 2]], columns=["label", "LABEL"]))
