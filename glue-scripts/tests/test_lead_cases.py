"""The cases of reading leads that both languages run: test/cases/lead-parsing.json."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from spec_samples import sample_spec

from leadgauge.lead import ParsedLeads, parse_lead_records, parse_leads

CASES = json.loads((Path(__file__).resolve().parents[2] / "test/cases/lead-parsing.json").read_text("utf-8"))


def unpack(raw: Any) -> Any:
    if isinstance(raw, dict) and "repeat" in raw:
        text, times = raw["repeat"]
        return text * times
    return raw


def value_of(leads: ParsedLeads, name: str, row: int = 0) -> Any:
    value = leads.values[name].iloc[row]
    return None if pd.isna(value) else value


@pytest.mark.parametrize("group", CASES["cells"], ids=lambda group: group["about"])
def test_cells(group: dict[str, Any]) -> None:
    spec = sample_spec(fields=[group["field"]], **group["spec"])
    leads = parse_lead_records(spec, [{"x": unpack(case[0])} for case in group["cases"]])
    rejected = leads.first_rejections()
    found: list[tuple[Any, ...]] = []
    expected: list[tuple[Any, ...]] = []
    for row, (raw, answer, *warning) in enumerate(group["cases"]):
        warned = [
            name
            for name, marks in (("unseen_categories", leads.unseen), ("out_of_bounds", leads.out_of_bounds))
            if "x" in marks and marks["x"][row]
        ]
        if isinstance(answer, dict) and "error" in answer:
            expected.append((raw, answer["error"]))
            found.append((raw, rejected[row].code if row in rejected else value_of(leads, "x", row)))
        else:
            expected.append((raw, unpack(answer), warning))
            found.append((raw, rejected[row].code if row in rejected else value_of(leads, "x", row), warned))
    assert found == expected


@pytest.mark.parametrize("group", CASES["leads"], ids=lambda group: group["about"])
def test_leads(group: dict[str, Any]) -> None:
    spec = sample_spec(**group["spec"])
    for case in group["cases"]:
        leads = parse_lead_records(spec, [case["lead"]])
        assert [(each.field, each.code) for each in errors_by_field(leads)] == list(
            case.get("errors", {}).items()
        ), case
        assert leads.unknown_columns == case.get("unknown", []), case
        assert bool(leads.unknown[0]) == bool(case.get("unknown")), case
        if "errors" in case:
            continue
        assert {name: value_of(leads, name) for name in case["values"]} == case["values"], case
        names = [field.name for field in spec.fields]
        warnings = {
            code: sorted(marks, key=names.index)
            for code, marks in (("out_of_bounds", leads.out_of_bounds), ("unseen_categories", leads.unseen))
            if marks
        }
        assert warnings == case.get("warnings", {}), case


def errors_by_field(leads: ParsedLeads) -> list[Any]:
    """Rejections under the field's name: `duplicate_field` is told under the key that was sent."""
    names = {field.name.strip().lower(): field.name for field in leads.spec.fields}
    names |= {alias.strip().lower(): field.name for field in leads.spec.fields for alias in field.aliases}
    return [each._replace(field=names[" ".join(each.field.lower().split())]) for each in leads.rejections]


def test_a_table_reads_as_its_leads_do() -> None:
    """The same cells as columns of a file and as leads give the same values."""
    for group in CASES["cells"]:
        spec = sample_spec(fields=[group["field"]], **group["spec"])
        cells = [unpack(case[0]) for case in group["cases"]]
        column = np.empty(len(cells), dtype=object)
        column[:] = cells
        as_table = parse_leads(spec, pd.DataFrame({" X": column}))
        as_leads = parse_lead_records(spec, [{"x": cell} for cell in cells])
        pd.testing.assert_frame_equal(as_table.values, as_leads.values)
        assert as_table.rejections == as_leads.rejections


def test_a_column_without_a_name_is_not_told_of() -> None:
    spec = sample_spec(fields=[{"name": "x", "type": "number"}])
    table = pd.DataFrame([["0", "1", "red"]], columns=["", "x", "Colour"])
    assert parse_leads(spec, table).unknown_columns == ["Colour"]
    assert parse_lead_records(spec, [{"": "0", "x": 1}]).unknown_columns == [""]
