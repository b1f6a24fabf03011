"""Files that write the spec's fields in another style are not trained on."""

import csv
import json
from pathlib import Path

import pytest
from made_up_leads import HEADER, lead_rows, spec_document

from leadgauge.spec_reader import parse_spec
from leadgauge.training.data import TrainingDataError, load_lead_data


def written(folder: Path, header: list[str]) -> Path:
    file = folder / "leads.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *lead_rows(300)])
    return file


def otherwise(kept: set[str]) -> list[str]:
    """The header with every other field in another style of writing."""
    return [name if name in kept else f"{name.upper()}." for name in HEADER]


def test_a_file_in_another_style_is_refused_by_what_is_missing_and_what_is_meant(tmp_path: Path) -> None:
    spec = parse_spec(json.dumps(spec_document()))
    file = written(tmp_path, otherwise({"won", "visits", "created"}))
    with pytest.raises(
        TrainingDataError,
        match=r'of the 5 fields .* 1 are in the file; not there: "minutes".*"MINUTES\."',
    ):
        load_lead_data(file, spec, as_of=None)


def test_half_of_the_fields_are_enough(tmp_path: Path) -> None:
    spec = parse_spec(json.dumps(spec_document()))
    data = load_lead_data(
        written(tmp_path, otherwise({"won", "visits", "minutes", "source"})), spec, as_of=None
    )
    assert "CONSENT." in data.unknown_columns
