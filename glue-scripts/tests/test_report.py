"""The data report and the card of hostile data: escaped, self-contained, and no single lead in them."""

import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from made_up_leads import SPEC, lead_rows, write_leads, write_spec

from leadgauge.report import svg
from leadgauge.report.card import intended_use
from leadgauge.report.card_text import card_markdown
from leadgauge.report.data_report import Dropped, data_report
from leadgauge.spec_reader import load_spec
from leadgauge.training.command import main
from leadgauge.training.data import LeadData, load_lead_data

HOSTILE = "<img src=x onerror=alert(1)>|`\"&'\n# [x](http://evil.example) $\\frac{"


class Tags(HTMLParser):
    """Collects tags, attributes and the text of a document."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, LeadData]:
    """A folder whose spec and leads try to break out of every text, and its loaded data."""
    folder = tmp_path_factory.mktemp("hostile")
    fields = [{**field, "label": f"{field['label']} {HOSTILE}"} for field in SPEC["fields"]]
    classes = [{**each, "label": f"{each['label']} {HOSTILE}"} for each in SPEC["target"]["classes"]]
    write_spec(
        folder / "spec.json",
        title=HOSTILE,
        fields=fields,
        target={**SPEC["target"], "event": HOSTILE, "classes": classes},
        ignored=[{"name": "batch", "reason": HOSTILE}],
        tiers=[
            {"name": HOSTILE, "minimumProbability": 0.5, "action": HOSTILE},
            {"name": "Cold", "action": "Wait"},
        ],
    )
    rows = lead_rows(400)
    for number, row in enumerate(rows):
        row[4] = HOSTILE if number % 3 == 0 else "only-lead-17" if number == 17 else row[4]
    write_leads(folder / "leads.csv", rows)
    return folder, load_lead_data(folder / "leads.csv", load_spec(folder / "spec.json"), as_of=None)


def test_the_report_holds_no_foreign_markup(hostile: tuple[Path, LeadData]) -> None:
    folder, data = hostile
    spec = load_spec(folder / "spec.json")
    page = data_report(spec, data, "engagement", [Dropped(HOSTILE, HOSTILE)])
    read = Tags()
    read.feed(page)
    assert not {"img", "script", "a", "link", "iframe"} & set(read.tags)
    assert not [name for name, _ in read.attributes if name.startswith("on") or name in ("src", "href")]
    assert "<img src=x onerror=alert(1)>" in read.text  # shown as the text that it is
    assert not re.findall(r"https?://(?!evil\.example)|url\(|@import", page)
    assert "default-src 'none'" in page.replace("&#x27;", "'")


def test_the_report_shows_what_was_asked_and_no_single_lead(hostile: tuple[Path, LeadData]) -> None:
    folder, data = hostile
    spec = load_spec(folder / "spec.json")
    page = data_report(spec, data, "engagement", [])
    read = Tags()
    read.feed(page)
    assert read.tags.count("svg") == 3  # two numbers and the time
    missing = sum(row[2] == "" for row in lead_rows(400)) / 400
    assert f"{missing:.1%}" in read.text
    assert "only-lead-17" not in page
    assert "(1 rarer)" in read.text


def test_the_whole_run_survives_hostile_texts(hostile: tuple[Path, LeadData]) -> None:
    folder, _ = hostile
    arguments = [
        "--spec",
        str(folder / "spec.json"),
        "--data",
        str(folder / "leads.csv"),
        "--out",
        str(folder / "out"),
    ]
    assert main([*arguments, "--quick", "--families", "xgboost"]) == 0
    text = (folder / "out" / "card.md").read_text()
    assert "<img" not in text.replace("\\<img", "")
    assert "\n# [x]" not in text
    cells = 0
    for line in text.splitlines():
        separators = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert separators in (0, cells) or cells == 0, f"a row with other cells than its head: {line}"
        cells = separators
    card = json.loads((folder / "out" / "card.json").read_text())
    assert card["title"] == HOSTILE  # data stay as they are; only their presentation is escaped


def test_the_card_says_what_is_likely_where_the_spec_names_no_event(
    hostile: tuple[Path, LeadData],
) -> None:
    folder, _ = hostile
    spec = load_spec(folder / "spec.json")
    named = dataclasses.replace(spec, target=dataclasses.replace(spec.target, event="buys"))
    silent = dataclasses.replace(spec, target=dataclasses.replace(spec.target, event=None))
    assert "how likely each buys" in intended_use(named, "engagement")
    assert f"how likely each is {spec.target.classes[-1].label}" in intended_use(silent, "engagement")


@pytest.mark.parametrize(
    ("value", "text"), [(7.0, "7"), (12345.6, "12,346"), (0.12345, "0.1235"), (-1565.2, "-1,565")]
)
def test_numbers_are_short_and_plain(value: float, text: str) -> None:
    assert svg.number(value) == text


def test_a_figure_that_is_unknown_is_told_as_such(hostile: tuple[Path, LeadData]) -> None:
    folder, _ = hostile
    card = json.loads((folder / "out" / "card.json").read_text())
    card["metrics"]["rocAuc"] = {"value": None, "low": None, "high": None}
    card["moments"] = [{"moment": "at-creation", "fields": 1, "failed": "no feature varies"}]
    text = card_markdown(card)
    assert "| ROC-AUC | n/a | n/a to n/a |" in text
    assert "no feature varies" in text
