"""The shipped specs against generated data always, and against the real files where they are."""

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from leadgauge.generate import generate_table
from leadgauge.lead import parse_lead_records, parse_leads, read_target
from leadgauge.package.scorer import score_rows
from leadgauge.package.serving import read_serving
from leadgauge.spec import Spec
from leadgauge.spec_reader import load_spec
from leadgauge.table import read_table

PROJECT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("LEAD_DATA_DIR", PROJECT.parent / "shared" / "data"))
SPECS = ("x-education", "codepro", "extraalearn", "real-estate")
REAL_FILES = {
    "x-education": "x-education/leads.csv",
    "codepro": "codepro/leads_engineered_2021.csv",
    "extraalearn": "extraalearn/extraalearn.csv",
    "real-estate": "real-estate/leads.csv",
}
MAPPED_INPUTS = (
    "created_date", "created_hour",
    "city_tier", "first_platform_c", "first_utm_medium_c", "first_utm_source_c", "total_leads_droppped", "referred_lead",
    "assistance_interaction", "career_interaction", "payment_interaction", "social_interaction", "syllabus_interaction",
)  # fmt: skip


def spec_of(name: str) -> Spec:
    return load_spec(PROJECT / "specs" / f"{name}.json")


def real_file(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not here; set LEAD_DATA_DIR to test against the real files")
    return path


def assert_same_values(spec: Spec, one: pd.DataFrame, other: pd.DataFrame, inputs: tuple[str, ...]) -> None:
    left, right = parse_leads(spec, one), parse_leads(spec, other)
    assert left.accepted.all() and right.accepted.all()
    for name in inputs:
        pd.testing.assert_series_equal(left.values[name], right.values[name], check_dtype=False)


@pytest.mark.parametrize("name", SPECS)
def test_reads_its_generated_leads_without_a_rejection(name: str) -> None:
    spec, table = spec_of(name), generate_table(name, 2000, seed=1)
    parsed = parse_leads(spec, table)
    assert parsed.rejections == []
    assert parsed.unknown_columns == []
    assert parsed.unseen == {}
    assert set(read_target(spec, table)) == set(range(len(spec.target.classes)))


@pytest.mark.parametrize("name", SPECS)
def test_reads_its_real_file_without_a_rejection(name: str) -> None:
    path = real_file(REAL_FILES[name])
    spec, table = spec_of(name), read_table(path).head(20_000)
    parsed = parse_leads(spec, table)
    assert parsed.rejections == []
    assert parsed.unknown_columns == []
    assert parsed.unseen == {}
    assert set(read_target(spec, table)) == set(range(len(spec.target.classes)))


# --- x-education ---------------------------------------------------------------------------------------------------


def placed_columns(document: dict[str, Any]) -> list[str]:
    columns = [document["leadId"]["name"], document["target"]["field"]]
    return columns + [each["name"] for each in [*document["ignored"], *document["fields"]]]


def test_x_education_places_each_of_the_37_columns_once_with_a_reason_where_it_is_ignored() -> None:
    document = spec_of("x-education").document
    columns = placed_columns(document)
    assert sorted(columns) == sorted(generate_table("x-education", 1, seed=0).columns)
    assert len(columns) == len(set(columns)) == 37
    assert all(each["reason"] for each in document["ignored"])


def test_x_education_keeps_what_sales_fills_in_for_after_the_contact() -> None:
    late = {field.name for field in spec_of("x-education").fields if field.known_at == "after-contact"}
    assert late == {"Tags", "Lead Quality", "Lead Profile"}


def test_x_education_knows_the_headers_of_the_dictionary_and_of_the_requirement() -> None:
    spec, table = spec_of("x-education"), generate_table("x-education", 300, seed=2)
    dictionary = {
        "What matters most to you in choosing a course": "What matters most to you in choosing this course",
        "A free copy of Mastering The Interview": "a free copy of Mastering The Interview",
    }
    snake = {name: "_".join(name.lower().replace("-", " ").split()) for name in table.columns}
    short = {
        "How did you hear about X Education": "How did you hear about X",
        "What matters most to you in choosing a course": "What matters most",
        "Receive More Updates About Our Courses": "Receive More Updates",
        "Prospect ID": "id",
    }
    expected = parse_leads(spec, table)
    for headers in (dictionary, snake, short):
        parsed = parse_leads(spec, table.rename(columns=headers))
        assert parsed.unknown_columns == []
        pd.testing.assert_frame_equal(parsed.values, expected.values)


def test_x_education_reads_the_quirks_of_its_source() -> None:
    lead = {
        "Lead Source": " GOOGLE ",
        "City": "Select",
        "Specialization": "select",
        "Tags": "Interested  in full time MBA",
        "Country": "Iceland",
        "TotalVisits": "251",
        "Asymmetrique Activity Index": "02.medium",
    }
    parsed = parse_lead_records(spec_of("x-education"), [lead])
    values = parsed.values.iloc[0]
    assert parsed.accepted.all()
    assert values["Lead Source"] == "Search engine"
    assert values["City"] is None
    assert values["Specialization"] is None
    assert values["Tags"] == "Course mismatch"
    assert values["Country"] == "Other country"
    assert values["TotalVisits"] == 50
    assert values["Asymmetrique Activity Index"] == 1
    assert parsed.unseen == {}
    assert list(parsed.out_of_bounds) == ["TotalVisits"]


def test_x_education_groups_join_no_values_of_opposite_outcome() -> None:
    """A group must not hide a well-filled value that converts almost always beside one that almost never does."""
    path = real_file(REAL_FILES["x-education"])
    spec, table = spec_of("x-education"), read_table(path)
    converted = read_target(spec, table) == 1
    parsed = parse_leads(spec, table)
    for field in spec.fields:
        if field.type != "category":
            continue
        raw = table[field.name].str.strip().str.lower()
        frame = pd.DataFrame({"group": parsed.values[field.name], "raw": raw, "converted": converted})
        rates = frame.dropna().groupby(["group", "raw"])["converted"].agg(["size", "mean"])
        rates = rates[rates["size"] >= 50]
        spread = rates.groupby("group")["mean"].agg(np.ptp)
        assert (spread < 0.2).all(), f"{field.name}: {spread[spread >= 0.2].to_dict()}"


# --- codepro -------------------------------------------------------------------------------------------------------


def test_codepro_raw_and_mapped_columns_of_generated_leads_give_the_same_values() -> None:
    raw, mapped = generate_table("codepro-raw", 5000, seed=3), generate_table("codepro", 5000, seed=3)
    assert (raw["app_complete_flag"] == mapped["app_complete_flag"]).all()
    assert (mapped[list(MAPPED_INPUTS[8:])] != "0.0").any(axis=None), (
        "nobody clicked: the test would prove nothing"
    )
    assert_same_values(spec_of("codepro"), raw, mapped, MAPPED_INPUTS)


@pytest.mark.parametrize("file", ["leadscoring_test.csv", "raw_inference.csv"])
def test_codepro_raw_columns_map_as_the_published_tables_do(file: str) -> None:
    raw = read_table(real_file(f"codepro/{file}"))
    assert_same_values(spec_of("codepro"), raw, map_by_tables(raw), MAPPED_INPUTS)


def map_by_tables(raw: pd.DataFrame) -> pd.DataFrame:
    """The published mapping, from its tables and with none of the project's code."""
    folder = DATA / "codepro"
    with (folder / "city_tier.csv").open(encoding="utf-8-sig", newline="") as file:
        tier_of = {row["city"]: row["tier"] for row in csv.DictReader(file)}
    with (folder / "interaction_mapping.csv").open(encoding="utf-8-sig", newline="") as file:
        group_of = {row["interaction_type"]: row["interaction_mapping"] for row in csv.DictReader(file)}
    significant = json.loads((folder / "significant_levels.json").read_text("utf-8"))
    mapped = pd.DataFrame({"created_date": raw["created_date"]})
    mapped["city_tier"] = [f"{tier_of.get(city, '3')}.0" for city in raw["city_mapped"]]
    for column, levels in significant.items():
        mapped[column] = raw[column].where(raw[column].isin(levels), "others")
    for column in ("total_leads_droppped", "referred_lead"):
        mapped[column] = raw[column].where(raw[column] != "", "0.0")
    clicks = raw[list(group_of)].replace("", "0").astype(float)
    for group in set(group_of.values()):
        members = [column for column in group_of if group_of[column] == group]
        mapped[group] = clicks[members].sum(axis=1).astype(str)
    return mapped.astype(object)


def test_codepro_values_that_are_given_win_over_the_columns_they_would_be_derived_from() -> None:
    lead = {"city_tier": "1.0", "city_mapped": "agra", "career_interaction": "4.0", "careers": "1.0"}
    values = parse_lead_records(spec_of("codepro"), [lead]).values.iloc[0]
    assert values["city_tier"] == "Tier 1"
    assert values["career_interaction"] == 4


# --- real-estate ---------------------------------------------------------------------------------------------------


def test_the_shipped_real_estate_model_puts_the_nine_scenarios_into_their_tiers() -> None:
    cases = json.loads((PROJECT / "test" / "cases" / "real-estate-scenarios.json").read_text("utf-8"))
    stages = json.loads((PROJECT / "models" / "real-estate" / "stages.json").read_text("utf-8"))
    package = PROJECT / "models" / "real-estate" / "versions" / stages["production"]
    serving = read_serving(json.loads((package / "serving.json").read_text("utf-8")))
    leads = parse_lead_records(load_spec(package / "spec.json"), [case["fields"] for case in cases])
    tiers = {
        case["scenario"]: row["tier"] for case, row in zip(cases, score_rows(serving, leads), strict=True)
    }
    assert tiers == {case["scenario"]: case["expectedTier"] for case in cases}
    assert len(tiers) == 9


@pytest.mark.parametrize("name", SPECS)
def test_the_shipped_model_was_trained_with_the_shipped_spec(name: str) -> None:
    stages = json.loads((PROJECT / "models" / name / "stages.json").read_text("utf-8"))
    package = PROJECT / "models" / name / "versions" / stages["production"]
    assert json.loads((package / "spec.json").read_text("utf-8")) == spec_of(name).document
    size = sum(path.stat().st_size for path in package.rglob("*") if path.is_file())
    assert size < 1_500_000
