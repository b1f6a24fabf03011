"""`init` on lead files of many kinds, none of them in the project: made up here, each with its own habits."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from leadgauge.generate import generate_table, write_table
from leadgauge.init import ProposedSpec, TargetError, propose_spec
from leadgauge.init.command import main
from leadgauge.lead import parse_leads, read_target
from leadgauge.package.scorer import score_rows
from leadgauge.package.serving import read_serving
from leadgauge.spec_reader import load_spec
from leadgauge.table import read_table
from leadgauge.training.command import main as train

Table = dict[str, Any]


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def texts(rng: np.random.Generator, options: list[str], rows: int) -> Any:
    return np.array(options, dtype=object)[rng.integers(0, len(options), rows)]


def bank_campaign(rng: np.random.Generator, rows: int) -> tuple[Table, str]:
    """Semicolons in the file, `unknown`, pdays 999, yes and no, a rare event."""
    age = rng.integers(18, 90, rows)
    pdays = np.where(rng.random(rows) < 0.95, 999, rng.integers(0, 27, rows))
    job = texts(rng, ["admin.", "blue-collar", "technician", "retired", "unknown", "self-employed"], rows)
    event = rng.random(rows) < sigmoid(
        -2.6 + 1.8 * (pdays < 999) + 0.9 * (job == "retired") + (age - 50) / 60
    )
    table: Table = {
        "age": age,
        "job": job,
        "marital": texts(rng, ["married", "single", "divorced", "unknown"], rows),
        "default": texts(rng, ["no", "no", "yes", "unknown"], rows),
        "pdays": pdays,
        "emp.var.rate": np.round(rng.normal(0, 1.5, rows), 1),
        "day_of_week": texts(rng, ["mon", "tue", "wed", "thu", "fri"], rows),
        "y": np.where(event, "yes", "no"),
    }
    return table, "y"


def german_insurance(rng: np.random.Generator, rows: int) -> tuple[Table, str]:
    """Decimal commas and grouping points, dates with points, ja and nein, umlauts, an e-mail address a lead."""
    income = rng.lognormal(10.4, 0.5, rows)
    rate = np.round(rng.uniform(0.5, 9.5, rows), 2)
    event = rng.random(rows) < sigmoid(-3 + income / 20_000 + 0.3 * rate)
    days = pd.Timestamp("2025-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 300, rows)), unit="D")
    table: Table = {
        "Kunden-Nr": [f"K{i:06d}" for i in range(rows)],
        "Eingang (Datum)": days.strftime("%d.%m.%Y"),
        "Jahreseinkommen €": [
            f"{v:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".") for v in income
        ],
        "Beitragssatz": [str(v).replace(".", ",") for v in rate],
        "Straße": [f"Weg {i}" for i in range(rows)],
        "E-Mail": [f"p{i}@example.com" for i in range(rows)],
        "Newsletter": texts(rng, ["ja", "nein", "k.A."], rows),
        "Beitrag in %": [f"{v} %" for v in rng.integers(1, 999_999, rows)],
        "Abschluss": np.where(event, "Ja", "Nein"),
    }
    return table, "Abschluss"


def hotel(rng: np.random.Generator, rows: int) -> tuple[Table, str]:
    """dd/mm/yyyy, numbered levels, bands, NA in a number, odd and spaced headers, a constant, a running number."""
    nights = rng.integers(1, 15, rows)
    stars = texts(rng, ["1. Low", "2. Medium", "3. High"], rows)
    event = rng.random(rows) < sigmoid(-1 + 0.2 * nights - (stars == "1. Low"))
    days = pd.Timestamp("2025-03-01") + pd.to_timedelta(rng.integers(0, 200, rows), unit="D")
    table: Table = {
        "": range(rows),
        "Booking No": range(1, rows + 1),
        " Lead  Time [days] ": rng.integers(0, 400, rows),
        "nights/stay": nights,
        "Arrival Date": days.strftime("%d/%m/%Y"),
        "Age band": texts(rng, ["18-25", "26-35", "36-50", "51+"], rows),
        "Value level": stars,
        "agent": np.where(rng.random(rows) < 0.3, "NA", rng.integers(1, 300, rows).astype(str)),
        "hotel": ["City"] * rows,
        "remarks": [
            f"guest number {i} wrote something long about the room and the view {i * 7}" for i in range(rows)
        ],
        'quote" , comma': texts(rng, ["a", "b"], rows),
        "is_canceled": event.astype(int),
    }
    return table, "is_canceled"


def pipeline(rng: np.random.Generator, rows: int) -> tuple[Table, str]:
    """Won and Lost in several spellings, Open and empty for what is undecided; a close date and a note after the fact."""
    size = rng.integers(1, 500, rows)
    won = rng.random(rows) < sigmoid(-1 + size / 250)
    stage = np.where(won, texts(rng, ["Won", "won", "Won "], rows), texts(rng, ["Lost", "LOST"], rows))
    stage = np.where(rng.random(rows) < 0.2, texts(rng, ["Open", ""], rows), stage)
    note = np.where(won, texts(rng, ["contract sent", "asked for price"], rows), "asked for price")
    note = np.where(rng.random(rows) < 0.5, "", note)
    table: Table = {
        "Company Size": size,
        "Industry": texts(rng, ["Retail", "retail", "Health", "Public"], rows),
        "Lost reason": np.where(won | (rng.random(rows) < 0.1), "", texts(rng, ["price", "timing"], rows)),
        "Last note": note,
        "Region": texts(rng, ["NA", "EMEA", "APAC"], rows),
        "Stage": stage,
    }
    return table, "Stage"


def wide(rng: np.random.Generator, rows: int) -> tuple[Table, str]:
    """150 columns, most of them noise, some empty."""
    numbers = rng.normal(size=(rows, 140))
    event = rng.random(rows) < sigmoid(numbers[:, 0] - numbers[:, 1])
    table: Table = {f"f{i:03d}": np.round(numbers[:, i], 4) for i in range(140)}
    table |= {f"empty_{i}": [""] * rows for i in range(9)}
    return table | {"converted": np.where(event, "TRUE", "FALSE")}, "converted"


FILES: dict[str, Callable[[np.random.Generator, int], tuple[Table, str]]] = {
    "bank": bank_campaign,
    "german": german_insurance,
    "hotel": hotel,
    "pipeline": pipeline,
    "wide": wide,
}


def made(kind: str, rows: int = 1500) -> tuple[pd.DataFrame, str]:
    columns, target = FILES[kind](np.random.default_rng(11), rows)
    frame = pd.DataFrame(
        {name: pd.Series([str(v) for v in cells], dtype=object) for name, cells in columns.items()}
    )
    return frame, target


def proposed(kind: str, **options: Any) -> tuple[ProposedSpec, pd.DataFrame]:
    table, target = made(kind, **options)
    return propose_spec(table, target, "model", None), table


def fields_of(spec: ProposedSpec) -> dict[str, dict[str, Any]]:
    return {field["name"]: field for field in spec.document["fields"]}


def reasons_of(spec: ProposedSpec) -> dict[str, str]:
    return {each["name"]: each["reason"] for each in spec.document.get("ignored", [])}


@pytest.mark.parametrize("kind", FILES)
def test_the_proposed_spec_is_valid_and_reads_its_own_file_without_a_rejection(
    kind: str, tmp_path: Path
) -> None:
    spec, table = proposed(kind)
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(spec.document), encoding="utf-8")
    loaded = load_spec(path)
    parsed = parse_leads(loaded, table)
    assert parsed.rejections == []
    assert parsed.unseen == {}
    assert set(parsed.unknown_columns) <= {""}
    np.testing.assert_array_equal(read_target(loaded, table), spec.target.labels)
    assert loaded.features


def test_a_bank_campaign() -> None:
    spec, _ = proposed("bank", rows=4000)
    fields = fields_of(spec)
    assert {name: field["type"] for name, field in fields.items()} == {
        "age": "integer",
        "job": "category",
        "marital": "category",
        "default": "boolean",
        "pdays": "integer",
        "emp.var.rate": "number",
        "day_of_week": "category",
    }
    assert spec.document["nullTokens"] == ["unknown"]
    assert [each["name"] for each in spec.document["target"]["classes"]] == ["no", "yes"]
    assert spec.document["tiers"][0]["minimumProbability"] < 0.6, "tiers must suit a rare event"


def test_a_german_file() -> None:
    spec, _ = proposed("german")
    fields, reasons = fields_of(spec), reasons_of(spec)
    assert spec.document["numberFormat"] == {"decimal": ",", "group": "."}
    assert spec.document["leadId"] == {"name": "Kunden-Nr"}
    assert fields["Jahreseinkommen €"]["type"] == "number"
    assert fields["Beitragssatz"]["type"] == "number"
    assert "numberFormat" not in fields["Beitragssatz"]
    assert fields["Newsletter"]["type"] == "boolean"
    assert spec.document["nullTokens"] == ["k.A."]
    assert fields["Eingang (Datum)"]["formats"] == ["DD.MM.YYYY"]
    assert spec.document["training"]["holdOut"] == {"by": "time", "share": 0.2, "field": "Eingang (Datum)"}
    assert "E-mail" in reasons["E-Mail"]
    assert fields["Beitrag in %"]["unit"] == "%"
    assert fields["Beitrag in %"]["numberFormat"]["affixes"] == ["%"]
    assert "Straße" in reasons
    assert spec.document["target"]["classes"][1]["values"] == ["Ja"]


def test_a_hotel_file() -> None:
    spec, _ = proposed("hotel")
    fields, reasons = fields_of(spec), reasons_of(spec)
    assert spec.document["leadId"] == {"name": "Booking No"}
    assert fields["Value level"]["levels"] == ["1. Low", "2. Medium", "3. High"]
    assert fields["Age band"]["levels"] == ["18-25", "26-35", "36-50", "51+"]
    assert fields["agent"]["type"] == "integer"
    assert fields["agent"]["nullTokens"] == ["NA"]
    assert fields["Arrival Date"]["formats"] == ["DD/MM/YYYY"]
    assert {each["part"] for each in spec.document["derived"]} == {"weekday"}
    assert reasons["hotel"].startswith("Constant")
    assert "remarks" in reasons
    assert any("without a name" in doubt for doubt in spec.doubts)


def test_a_sales_pipeline_leaves_out_the_undecided_and_names_what_was_written_after_the_fact() -> None:
    spec, table = proposed("pipeline", rows=3000)
    fields = fields_of(spec)
    counts = np.bincount(spec.target.labels + 1)
    assert counts[0] == table["Stage"].isin(["Open", ""]).sum()
    assert spec.document["target"]["classes"][1]["name"].strip() in ("Won", "won")
    assert spec.document["target"]["nullTokens"] == ["Open"]
    assert "Open" not in spec.document.get("nullTokens", []), "it may be a category elsewhere"
    assert fields["Industry"]["normalise"] == ["trim", "collapse-spaces", "case-fold"]
    assert "nullTokens" not in fields["Region"], "NA is North America here"
    late = {name for name, field in fields.items() if field["knownAt"] == "after-contact"}
    assert late == {"Lost reason", "Last note"}


def test_finds_the_leaks_of_x_education_unaided_and_flags_no_other_field() -> None:
    spec = propose_spec(generate_table("x-education", 8000, seed=4), "Converted", "x", None)
    late = {field["name"] for field in spec.document["fields"] if field["knownAt"] == "after-contact"}
    assert {"Tags", "Lead Quality"} <= late <= {"Tags", "Lead Quality", "Lead Profile"}
    assert any(
        note.startswith("Tags: suspected leak") and "Ringing" in note for note in spec.document["notes"]
    )


@pytest.mark.parametrize(("form", "target"), [("extraalearn", "status"), ("real-estate", "lead_score")])
def test_flags_nothing_where_nothing_leaks(form: str, target: str) -> None:
    spec = propose_spec(generate_table(form, 4000, seed=4), target, "x", None)
    assert [field["name"] for field in spec.document["fields"] if field["knownAt"] == "after-contact"] == []


def base_table(rows: int = 1000) -> tuple[pd.DataFrame, Any]:
    rng = np.random.default_rng(3)
    event = rng.random(rows) < 0.3
    noise = rng.normal(size=rows) + 0.5 * event
    return pd.DataFrame(
        {"noise": noise.round(3).astype(str), "won": np.where(event, "1", "0")}, dtype=object
    ), event


@pytest.mark.parametrize(
    ("leak", "evidence"),
    [
        (lambda event, rng: (event * 3 + rng.normal(size=len(event))).round(3).astype(str), "AUC"),
        (lambda event, rng: np.where(event & (rng.random(len(event)) < 0.6), "x", ""), "empty"),
        (
            lambda event, rng: np.where(event & (rng.random(len(event)) < 0.3), "sent", "none yet"),
            "100.0% of",
        ),
        (
            lambda event, rng: np.where(~event & (rng.random(len(event)) < 0.4), "no answer", "spoken"),
            "0.0% of",
        ),
    ],
    ids=["single-field", "missingness", "always", "never"],
)
def test_tells_each_kind_of_leak_with_its_evidence(leak: Callable[..., Any], evidence: str) -> None:
    table, event = base_table()
    table["extra"] = pd.Series(leak(event, np.random.default_rng(5)), dtype=object)
    spec = propose_spec(table, "won", "x", None)
    assert fields_of(spec)["extra"]["knownAt"] == "after-contact"
    assert fields_of(spec)["noise"]["knownAt"] != "after-contact"
    note = next(note for note in spec.document["notes"] if note.startswith("extra: suspected leak"))
    assert evidence in note


def test_where_few_leads_convert_a_value_below_3_percent_is_told_too() -> None:
    rng = np.random.default_rng(11)
    call = np.repeat(["Interested", "Left a message", "Not now", "Wrong number"], [1800, 1940, 200, 60])
    event = np.zeros(4000, dtype=bool)
    event[:216], event[1800:2000], event[3740:3745] = True, True, True
    order = rng.permutation(4000)
    table = pd.DataFrame({"call": call[order], "won": np.where(event[order], "1", "0")}, dtype=object)
    spec = propose_spec(table, "won", "x", None)
    assert fields_of(spec)["call"]["knownAt"] == "at-creation"
    note = next(note for note in spec.document["notes"] if note.startswith("call: to check"))
    assert '"Not now": 2.5% of 200' in note
    assert '"Wrong number": 0.0% of 60' in note
    assert "Left a message" not in note


def test_a_value_that_seldom_converts_is_told_but_does_not_cost_an_honest_field() -> None:
    rng = np.random.default_rng(8)
    contract = texts(rng, ["monthly", "monthly", "yearly", "two years"], 6000)
    rate = {"monthly": 0.45, "yearly": 0.12, "two years": 0.02}
    event = rng.random(6000) < [rate[text] for text in contract]
    table = pd.DataFrame({"contract": contract, "won": np.where(event, "1", "0")}, dtype=object)
    spec = propose_spec(table, "won", "x", None)
    assert fields_of(spec)["contract"]["knownAt"] == "at-creation"
    assert any(note.startswith('contract: to check: "two years"') for note in spec.document["notes"])


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1,234", "12,500", "999"], {"type": "integer", "numberFormat": {"decimal": ".", "group": ","}}),
        (["0,125", "0,5", "3,25"], {"type": "number", "numberFormat": {"decimal": ",", "group": None}}),
        (["1'234.5", "10.25", "7"], {"type": "number", "numberFormat": {"decimal": ".", "group": "'"}}),
        (["01234", "99999", "10115"], {"type": "category"}),
        (["2025-01-31", "2025-02-01", "2024-12-24"], None),
        (
            ["Y", "n", "N"],
            {"type": "boolean", "trueTokens": ["1", "true", "y"], "falseTokens": ["0", "false", "n"]},
        ),
        (["1.0", "0.0", "1.0"], {"type": "boolean"}),
        (["high", "Low", "medium"], {"type": "ordinal", "levels": ["Low", "medium", "high"]}),
        (["Very_High", "Low", "High"], {"type": "ordinal", "levels": ["Low", "High", "Very_High"]}),
        (
            ["$1,234.50", "$ 12,500", "999"],
            {
                "type": "number",
                "unit": "$",
                "numberFormat": {"decimal": ".", "group": ",", "affixes": ["$"]},
            },
        ),
        (
            ["1.234,50 €", "12,00 €", "-3,10 €"],
            {"type": "number", "numberFormat": {"decimal": ",", "group": ".", "affixes": ["€"]}},
        ),
        (
            ["12 %", "7%", "100 %"],
            {"type": "integer", "numberFormat": {"decimal": ".", "group": None, "affixes": ["%"]}},
        ),
        (
            ["$12", "USD 14", "US$ 3"],
            {
                "type": "integer",
                "numberFormat": {"decimal": ".", "group": None, "affixes": ["$", "US$", "USD"]},
            },
        ),
        (
            ["(1,200)", "3,400", "(50)"],
            {
                "type": "integer",
                "numberFormat": {"decimal": ".", "group": ",", "negativeInParentheses": True},
            },
        ),
        (
            ["(€ 5)", "€ 7", "n/a"],
            {
                "type": "integer",
                "numberFormat": {
                    "decimal": ".",
                    "group": None,
                    "affixes": ["€"],
                    "negativeInParentheses": True,
                },
            },
        ),
        (["$12", "€14", "$3"], {"type": "category"}),
        (["12 days", "3 weeks", "1 month"], {"type": "category"}),
        (["Level1", "Level2", "Level30"], {"type": "category"}),
        (["-", "3", "4"], {"type": "integer"}),
        (["none", "3.5", "4"], {"type": "number", "nullTokens": ["none"]}),
    ],
)
def test_reads_a_column_as_it_is_written(cells: list[str], expected: dict[str, Any] | None) -> None:
    table, _ = base_table(900)
    table["it"] = pd.Series(cells * 300, dtype=object)
    spec = propose_spec(table, "won", "x", None)
    field = fields_of(spec).get("it")
    if expected is None:
        assert field is None
    else:
        assert field is not None
        field.setdefault("numberFormat", spec.document.get("numberFormat"))
        assert {key: field.get(key) for key in expected} == expected


def test_typed_cells_of_parquet_are_read_by_their_types(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "lead_id": [f"L{i}" for i in range(500)],
            "visits": rng.integers(0, 30, 500),
            "share": np.where(rng.random(500) < 0.1, np.nan, rng.random(500)),
            "member": rng.random(500) < 0.4,
            "created_at": pd.Timestamp("2025-01-01")
            + pd.to_timedelta(pd.Series(rng.integers(0, 9_000_000, 500)), unit="s"),
            "won": rng.random(500) < 0.4,
        }
    )
    frame.to_parquet(tmp_path / "leads.parquet")
    table = read_table(tmp_path / "leads.parquet")
    spec = propose_spec(table, "won", "x", None)
    kinds = {name: field["type"] for name, field in fields_of(spec).items()}
    assert kinds == {"visits": "integer", "share": "number", "member": "boolean", "created_at": "timestamp"}
    (tmp_path / "spec.json").write_text(json.dumps(spec.document), encoding="utf-8")
    assert parse_leads(load_spec(tmp_path / "spec.json"), table).rejections == []


@pytest.mark.parametrize(
    ("labels", "positive", "message"),
    [
        (["yes", ""], None, "one value only"),
        ([""], None, "is empty"),
        (["blue", "red", "green"], None, "--positive"),
        ([str(i) for i in range(40)], None, "--positive"),
        (["yes", "no"], "maybe", "has no value"),
    ],
)
def test_says_what_to_do_where_the_target_cannot_be_one(
    labels: list[str], positive: str | None, message: str
) -> None:
    table, _ = base_table(400)
    table["won"] = pd.Series((labels * 400)[:400], dtype=object)
    with pytest.raises(TargetError, match=message):
        propose_spec(table, "won", "x", positive)


@pytest.mark.parametrize(
    ("labels", "positive", "kind", "event"),
    [
        (["Closed Won", "Closed Lost"], None, "binary", "Closed Won"),
        (["not converted", "converted"], None, "binary", "converted"),
        (["2", "1", "1"], None, "binary", "2"),
        (["blue", "red", "red"], None, "binary", "blue"),
        (["blue", "red", "green"], "Red", "binary", "red"),
        (["cold", "hot", "warm"], None, "ordered", "hot"),
        (["A lead", "customer", "supplier"], None, "binary", "customer"),
    ],
)
def test_finds_the_event(labels: list[str], positive: str | None, kind: str, event: str) -> None:
    table, _ = base_table(600)
    table["won"] = pd.Series((labels * 600)[:600], dtype=object)
    spec = propose_spec(table, "won", "x", positive)
    assert spec.document["target"]["kind"] == kind
    assert spec.document["target"]["classes"][-1]["name"] == event


def test_three_outcomes_in_the_order_that_the_caller_names() -> None:
    table, _ = base_table(600)
    table["won"] = pd.Series(["Fired", "ok", "promoted"] * 200, dtype=object)
    order = ["fired", "OK", "promoted"]
    spec = propose_spec(table, "won", "x", None, order)
    classes = spec.document["target"]["classes"]
    assert [(each["name"], each["weight"]) for each in classes] == [
        ("Fired", 0),
        ("ok", 50),
        ("promoted", 100),
    ]
    for wrong, message in (
        (["fired", "ok"], "3 to"),
        (["fired", "ok", "ok"], "different"),
        (["fired", "ok", "hired"], 'no value "hired"'),
    ):
        with pytest.raises(TargetError, match=message):
            propose_spec(table, "won", "x", None, wrong)
    table.loc[0, "won"] = "new"
    with pytest.raises(TargetError, match='also the value "new"'):
        propose_spec(table, "won", "x", None, order)


@pytest.mark.parametrize("header", ["Kundennr.", "leadid", "customerID", "Auftragsnummer"])
def test_a_column_that_names_leads_becomes_the_lead_id(header: str) -> None:
    table, _ = base_table(300)
    table[header] = pd.Series([f"K-{i * 7919 % 300}" for i in range(300)], dtype=object)
    assert propose_spec(table, "won", "x", None).document["leadId"] == {"name": header}


def test_tells_of_numbers_that_are_none_and_of_a_number_that_may_mean_never() -> None:
    table, _ = base_table(1000)
    table["discount"] = pd.Series([f"{i % 40}%" for i in range(1000)], dtype=object)
    table["pdays"] = pd.Series(["999" if i % 4 else str(i % 30) for i in range(1000)], dtype=object)
    table["visits"] = pd.Series([str(i % 30) for i in range(1000)], dtype=object)
    doubts = "\n".join(propose_spec(table, "won", "x", None).doubts)
    assert 'discount: numbers are written with "%"' in doubts
    assert "pdays: 999 (750 rows) stands far" in doubts
    assert "visits" not in doubts


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (lambda i: f"{i % 12 + 1}/{i % 28 + 1}/2025 {i % 12 + 1}:{i % 60:02} PM", "Looks like dates"),
        (lambda i: f"{i % 28 + 1} Mar {1900 + i % 120}", "Looks like dates"),
        (lambda i: f"{'$€£'[i % 3]}{i * 7919 % 10_000}", "more than one currency"),
        (lambda i: f"Weg {i}", "An identifier or a name"),
    ],
)
def test_says_what_a_column_of_unreadable_texts_looks_like(cell: Callable[[int], str], reason: str) -> None:
    table, _ = base_table(1000)
    table["it"] = pd.Series([cell(i) for i in range(1000)], dtype=object)
    assert reason in reasons_of(propose_spec(table, "won", "x", None))["it"]


def test_the_next_command_can_be_pasted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, out = tmp_path / "Kündigungen 2024.csv", tmp_path / "spec.json"
    data.write_text("a;b;won\n1;x;yes\n2;y;no\n3;x;no\n", encoding="utf-8")
    assert main(["--data", str(data), "--target", "won", "--out", str(out)]) == 0
    assert load_spec(out).name == "kundigungen-2024"
    assert f"npm run -s leadgauge -- train --spec {out} --data '{data}'" in capsys.readouterr().out


def test_names_a_near_column_for_a_target_that_is_not_there() -> None:
    table, _ = base_table(100)
    with pytest.raises(TargetError, match="did you mean won"):
        propose_spec(table, "wonn", "x", None)


def test_the_target_may_be_written_in_another_case() -> None:
    table, _ = base_table(100)
    assert propose_spec(table, " WON ", "x", None).document["target"]["field"] == "won"


def test_refuses_two_columns_that_differ_in_case_only() -> None:
    table, _ = base_table(100)
    table["Noise"] = table["noise"]
    with pytest.raises(TargetError, match="rename one"):
        propose_spec(table, "won", "x", None)


def test_copies_of_a_column_and_almost_constant_ones_are_ignored() -> None:
    table, _ = base_table(2000)
    table["copy"] = table["noise"]
    table["rare"] = pd.Series(["No"] * 1997 + ["Yes"] * 3, dtype=object)
    reasons = reasons_of(propose_spec(table, "won", "x", None))
    assert "noise" in reasons["copy"]
    assert reasons["rare"].startswith("Almost constant: only 3")


def test_a_tiny_file_gets_a_spec(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tiny.csv").write_text("a;b;won\n1;x;yes\n2;y;no\n3;x;no\n", encoding="utf-8")
    out = tmp_path / "tiny.json"
    assert main(["--data", str(tmp_path / "tiny.csv"), "--target", "won", "--out", str(out)]) == 0
    assert load_spec(out).name == "tiny"
    assert "3 leads, 3 columns" in capsys.readouterr().out


def test_the_command_writes_the_same_spec_twice_and_does_not_write_over_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "Leads 2025 (final).csv.gz"
    write_table("extraalearn", generate_table("extraalearn", 800, 0), tmp_path / "plain.csv")
    data.write_bytes(gzip.compress((tmp_path / "plain.csv").read_bytes(), mtime=0))
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    for out in (first, second):
        assert main(["--data", str(data), "--target", "status", "--out", str(out)]) == 0
    assert first.read_bytes() == second.read_bytes()
    assert json.loads(first.read_text("utf-8"))["name"] == "leads-2025-final"
    capsys.readouterr()
    assert main(["--data", str(data), "--target", "status", "--out", str(first)]) == 1
    assert "--force" in capsys.readouterr().err
    assert main(["--data", str(data), "--target", "status", "--out", str(first), "--force"]) == 0


@pytest.mark.parametrize("kind", ["german", "pipeline"])
def test_init_then_train_then_score_works_with_no_edit(kind: str, tmp_path: Path) -> None:
    table, target = made(kind, 700)
    data, spec, package = tmp_path / "leads.csv", tmp_path / "spec.json", tmp_path / "package"
    table.to_csv(data, sep=";", index=False, encoding="cp1252" if kind == "german" else "utf-8-sig")
    assert main(["--data", str(data), "--target", target, "--out", str(spec)]) == 0
    fast = ["--quick", "--families", "logistic-regression"]
    assert train(["--spec", str(spec), "--data", str(data), "--out", str(package), *fast]) == 0
    serving = read_serving(json.loads((package / "serving.json").read_text("utf-8")))
    leads = parse_leads(load_spec(package / "spec.json"), read_table(data))
    rows = score_rows(serving, leads)
    assert not any("rejected" in row for row in rows)
    labels = read_target(leads.spec, table)
    probability = np.array([row["probability"][-1] for row in rows])
    assert probability[labels == 1].mean() > probability[labels == 0].mean()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "leads.csv"], "--target"),
        (["--data", "absent.csv", "--target", "y"], "absent.csv"),
        (["--data", "leads.csv", "--target", "y", "--name", "Not a name!"], "not-a-name"),
        (["--data", "twice.csv", "--target", "y"], "more than once"),
        (["--data", "empty.csv", "--target", "y"], "empty"),
    ],
)
def test_errors_are_one_clear_line(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("leads.csv").write_text("a,y\n1,0\n2,1\n", encoding="utf-8")
    Path("twice.csv").write_text("a,a,y\n1,1,0\n2,2,1\n", encoding="utf-8")
    Path("empty.csv").write_bytes(b"")
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert list(tmp_path.glob("*.json")) == []


@pytest.mark.parametrize("share", [0.004, 0.5, 0.995])
def test_tiers_are_valid_however_frequent_the_event(share: float, tmp_path: Path) -> None:
    table, _ = base_table(2000)
    table["won"] = pd.Series(["yes"] * int(2000 * share) + ["no"] * (2000 - int(2000 * share)), dtype=object)
    (tmp_path / "spec.json").write_text(json.dumps(propose_spec(table, "won", "x", None).document))
    tiers = load_spec(tmp_path / "spec.json").tiers
    limits = [tier.minimum_probability for tier in tiers[:-1]]
    assert limits == sorted(set(limits), key=lambda limit: -(limit or 0))


def test_texts_that_no_lead_may_carry_do_not_break_the_spec(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        json.dumps({"a": i % 7, "odd": "\ud800" if i % 3 else "x" * 40_000, "won": i % 2 == 0})
        for i in range(60)
    ]
    (tmp_path / "leads.jsonl").write_text("\n".join(lines))
    arguments = [
        "--data",
        str(tmp_path / "leads.jsonl"),
        "--target",
        "won",
        "--out",
        str(tmp_path / "s.json"),
    ]
    assert main(arguments) == 0
    assert "Traceback" not in capsys.readouterr().err


def test_a_target_of_a_thousand_values_is_refused() -> None:
    table, _ = base_table(3000)
    table["won"] = pd.Series([f"order {i}" for i in range(3000)], dtype=object)
    with pytest.raises(TargetError, match="no outcome"):
        propose_spec(table, "won", "x", "order 1")


def test_says_that_a_spec_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, _ = base_table(300)
    table.to_csv(tmp_path / "leads.csv", index=False)
    out = tmp_path / "absent" / "spec.json"
    assert main(["--data", str(tmp_path / "leads.csv"), "--target", "won", "--out", str(out)]) == 1
    assert f"{out} cannot be written (No such file or directory)" in capsys.readouterr().err
