"""`leadgauge train` from arguments to a package on disk: what it writes, what it refuses, and that it repeats itself."""

import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up_leads import ORDERED, SPEC, lead_rows, write_leads, write_spec

from leadgauge.lead import parse_leads, read_target
from leadgauge.package.scorer import score_rows
from leadgauge.package.serving import read_serving
from leadgauge.spec_reader import load_spec
from leadgauge.table import read_table
from leadgauge.training.command import main
from leadgauge.training.metrics import roc_auc

FAST = ["--quick", "--families", "logistic-regression,lightgbm"]
PLOTS = {"roc.png", "precision-recall.png", "calibration.png", "gain.png", "shap-summary.png"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with spec.json, leads.csv, and the package of one plain run in `package`."""
    path = tmp_path_factory.mktemp("train")
    write_spec(path / "spec.json")
    write_leads(path / "leads.csv", lead_rows(900))
    assert run(path, "package") == 0
    return path


def run(folder: Path, out: str, *more: str, spec: str = "spec.json", data: str = "leads.csv") -> int:
    paths = ["--spec", str(folder / spec), "--data", str(folder / data), "--out", str(folder / out)]
    return main([*paths, *FAST, *more])


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text())


def test_the_package_is_whole_and_its_checksums_hold(folder: Path) -> None:
    package = folder / "package"
    manifest = read(package, "manifest.json")
    files = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    assert files == {*manifest["files"], "manifest.json"}
    assert {"card.json", "card.md", "report.html", *(f"plots/{name}" for name in PLOTS)} <= files
    for name, told in manifest["files"].items():
        content = (package / name).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (told["sha256"], told["bytes"])
    assert manifest["data"]["sha256"] == hashlib.sha256((folder / "leads.csv").read_bytes()).hexdigest()
    assert manifest["data"]["rows"] == 900
    assert manifest["metrics"]["rocAuc"] > 0.7
    assert "before the refit" in manifest["metricsNote"]
    assert not list(folder.glob(".package*"))


def test_the_served_model_ranks_leads_it_never_saw(folder: Path) -> None:
    fresh = write_leads(folder / "fresh.csv", lead_rows(600, seed=77))
    spec = load_spec(folder / "package" / "spec.json")
    table = read_table(fresh)
    answers = score_rows(read_serving(read(folder / "package", "serving.json")), parse_leads(spec, table))
    probability = np.array([answer["probability"][0] for answer in answers])
    event = read_target(spec, table) == 1
    assert roc_auc(event, probability) > 0.75
    assert probability.mean() == pytest.approx(event.mean(), abs=0.05)


def test_the_card_tells_what_the_issue_asks(folder: Path) -> None:
    card = read(folder / "package", "card.json")
    assert {each["family"] for each in card["families"]} == {"logistic-regression", "lightgbm"}
    assert sum(each["champion"] for each in card["families"]) == 1
    for each in card["metrics"].values():
        assert each["low"] <= each["value"] <= each["high"]
    by_moment = {each["moment"]: each["metrics"]["rocAuc"] for each in card["moments"]}
    assert by_moment["at-creation"] < by_moment["engagement"] < by_moment["after-contact"]
    assert by_moment["after-contact"] > by_moment["engagement"] + 0.05  # the verdict leaks
    assert [tier["name"] for tier in card["tiers"]] == ["Hot", "Warm", "Cold"]
    assert card["tiers"][0]["expectedConversion"] > card["tiers"][2]["expectedConversion"]
    dropped = {each["column"]: each["reason"] for each in card["data"]["droppedColumns"]}
    assert dropped["batch"] == "ignored by the spec: Constant."
    assert "later than the moment" in dropped["verdict"]
    assert set(card["calibration"]["holdOut"]["byClass"]["yes"]) == {
        "slope",
        "intercept",
        "meanProbability",
        "rate",
        "meanDifference",
        "intervals",
    }
    assert {each["verdict"] for each in card["calibration"]["holdOut"]["criteria"]} <= {
        "met",
        "missed-within-chance",
        "missed",
    }
    assert card["calibration"]["holdOut"]["applied"]["method"] == "platt"
    text = (folder / "package" / "card.md").read_text()
    for heading in (
        "Intended use",
        "Families compared",
        "Calibration",
        "Tiers",
        "With and without the later fields",
        "Limits",
    ):
        assert f"## {heading}" in text


def test_the_version_repeats_on_any_number_of_threads_and_with_the_bytes_gzipped(folder: Path) -> None:
    version = read(folder / "package", "manifest.json")["version"]
    (folder / "same.csv.gz").write_bytes(gzip.compress((folder / "leads.csv").read_bytes()))
    assert run(folder, "again", "--threads", "3", data="same.csv.gz") == 0
    assert read(folder / "again", "manifest.json")["version"] == version
    assert run(folder, "other-seed", "--seed", "1") == 0
    assert read(folder / "other-seed", "manifest.json")["version"] != version


def test_later_fields_are_let_in_by_moment(folder: Path) -> None:
    assert run(folder, "later", "--moment", "after-contact") == 0
    inputs = {column["input"] for column in read(folder / "later", "serving.json")["columns"]}
    assert "verdict" in inputs
    assert "verdict" not in {
        column["input"] for column in read(folder / "package", "serving.json")["columns"]
    }
    assert "not for new leads" in (folder / "later" / "card.md").read_text()


def test_three_ordered_classes_with_a_rare_one(folder: Path) -> None:
    write_spec(folder / "ordered.json", **ORDERED)
    write_leads(folder / "ordered.csv", lead_rows(900, offset=-0.6, ordered=True))
    assert run(folder, "ordered", spec="ordered.json", data="ordered.csv") == 0
    card = read(folder / "ordered", "card.json")
    assert list(card["byClass"]) == ["Low", "Medium", "High"]
    assert set(card["training"]["resampling"]["logLoss"]) == {"none", "class-weights", "smote"}
    assert card["calibration"]["served"]["method"] == "temperature"
    assert card["tiers"][0]["outOfFold"]["recallOfClass"] > 0.3


def test_smote_is_told_with_both_numbers_where_a_class_is_rare(folder: Path) -> None:
    write_leads(folder / "rare.csv", lead_rows(1200, offset=-2.2))
    assert run(folder, "rare", data="rare.csv") == 0
    resampling = read(folder / "rare", "card.json")["training"]["resampling"]
    assert resampling["minorityShare"] < 0.25
    gain = resampling["gain"]["smote"]
    assert resampling["logLoss"]["none"] - resampling["logLoss"]["smote"] == pytest.approx(gain["logLoss"])
    kept = gain["logLoss"] > gain["standardError"]
    assert (resampling["chosen"] == "smote") <= kept
    assert "smote" in (folder / "rare" / "card.md").read_text()


def test_capacity_and_cost_set_the_tiers_that_are_served(folder: Path) -> None:
    assert (
        run(folder, "capacity", "--capacity", "1/day", "--call-cost", "5", "--conversion-value", "100") == 0
    )
    card, spec = read(folder / "capacity", "card.json"), read(folder / "capacity", "spec.json")
    limits = [tier.get("minimumProbability") for tier in spec["tiers"]]
    assert limits[1:] == [0.05, None]
    # 900 leads in 360 days: one call a day reaches four in ten.
    assert card["tiers"][0]["expectedShareOfLeads"] == pytest.approx(0.4, abs=0.01)
    assert [
        tier["minimumProbability"] for tier in read(folder / "capacity", "serving.json")["tiers"]
    ] == limits


def test_the_hold_out_can_be_the_latest_leads_and_young_ones_wait(folder: Path) -> None:
    target = {**SPEC["target"], "createdAt": "created", "horizonInDays": 90, "maturity": "horizon-elapsed"}
    hold_out = {"holdOut": {"by": "time", "field": "created", "share": 0.2}}
    write_spec(folder / "timed.json", target=target, training=hold_out)
    assert run(folder, "timed", "--as-of", "2025-10-01", spec="timed.json") == 0
    card = read(folder / "timed", "card.json")
    # Created until 3 July: half of the year's leads.
    assert card["data"]["rows"] == pytest.approx(900 * 183 / 360, abs=5)
    assert card["data"]["leftOut"]["still inside the horizon"] == 900 - card["data"]["rows"]
    assert card["training"]["holdOut"] == {
        "by": "time",
        "share": 0.2,
        "field": "created",
        "rows": round(card["data"]["rows"] * 0.2),
    }


def test_the_card_tells_what_came_of_predicting_forward_in_time(folder: Path) -> None:
    hold_out = {"holdOut": {"by": "time", "field": "created", "share": 0.2}}
    write_spec(folder / "forward.json", training=hold_out)
    write_leads(folder / "many.csv", lead_rows(1600))
    assert run(folder, "forward", spec="forward.json", data="many.csv") == 0
    calibration = read(folder / "forward", "card.json")["calibration"]
    for name, rows in (("driftBeforeHoldOut", 1280), ("drift", 1600)):
        slices = calibration[name]["slices"]
        assert sum(each["rows"] for each in slices) == rows // 2
        assert [each["from"] for each in slices] == sorted(each["from"] for each in slices)
        assert calibration[name]["correction"] == {"slope": 1, "intercept": 0}
    assert "no steady direction" in (folder / "forward" / "card.md").read_text()
    assert "drift" not in read(folder / "package", "card.json")["calibration"]


def test_an_existing_package_is_replaced_only_by_force(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, "package") == 1
    assert "--force" in capsys.readouterr().err
    (folder / "mine").mkdir()
    (folder / "mine" / "thesis.txt").write_text("precious")
    assert run(folder, "mine", "--force") == 1
    assert (folder / "mine" / "thesis.txt").read_text() == "precious"


BAD_ROWS = {
    "one class": ([[*row[:-1], "yes"] for row in lead_rows(200)], "at least 20 rows of every class"),
    "too few": (lead_rows(30), "at least 20 rows of every class"),
    "another label": ([*lead_rows(100), [*lead_rows(1)[0][:-1], "maybe"]], '"maybe"'),
    "no label": ([[*row[:-1], ""] for row in lead_rows(100)], "no row can be used"),
    "constant": (
        [[row[0], "x", "1", "2", "web", "yes", "2025-01-01", "", row[-1]] for row in lead_rows(200)],
        "two different values",
    ),
    "unreadable": (
        [[row[0], row[1], "many", *row[3:]] for row in lead_rows(100)],
        "visits: invalid_integer x 100",
    ),
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_unusable_data_end_in_one_line(folder: Path, capsys: pytest.CaptureFixture[str], case: str) -> None:
    rows, told = BAD_ROWS[case]
    write_leads(folder / "bad.csv", rows)
    assert run(folder, "bad", data="bad.csv") == 1
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert line.startswith("leadgauge train: ")
    assert told in line
    assert not (folder / "bad").exists()
    assert not list(folder.glob(".bad*"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "--spec"),
        (["--spec", "none.json", "--data", "x", "--out", "y"], "none.json: cannot be read"),
        (["--spec", "SPEC", "--data", "none.csv", "--out", "new"], "none.csv: no such file"),
        (["--spec", "SPEC", "--data", "DATA", "--out", "new", "--families", "magic"], "magic; choose of"),
        (["--spec", "SPEC", "--data", "DATA", "--out", "new", "--seed", "-1"], "--seed"),
        (["--spec", "SPEC", "--data", "DATA", "--out", "new", "--moment", "later"], "--moment"),
        (["--spec", "SPEC", "--data", "DATA", "--out", "new", "--capacity", "lots"], "50/day"),
        (["--spec", "SPEC", "--data", "DATA", "--out", "new", "--call-cost", "5"], "go together"),
        (["--spec", "TIMED", "--data", "DATA", "--out", "new", "--as-of", "soon"], "2026-01-31"),
        (["--spec", "SPEC", "--data", "DATA", "--out", "new", "--as-of", "2026-01-31"], "horizon-elapsed"),
        (["--spec", "DATA", "--data", "DATA", "--out", "new"], "not JSON"),
        (["--spec", "SPEC", "--data", "DATA", "--out", "DATA"], "is a file"),
    ],
)
def test_wrong_arguments_end_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    timed = {**SPEC["target"], "createdAt": "created", "horizonInDays": 90, "maturity": "horizon-elapsed"}
    write_spec(folder / "timed.json", target=timed)
    named = {
        "TIMED": str(folder / "timed.json"),
        "SPEC": str(folder / "spec.json"),
        "DATA": str(folder / "leads.csv"),
        "new": str(folder / "new"),
    }
    assert main([named.get(each, each) for each in arguments]) == 1
    error = capsys.readouterr().err
    assert told in error
    assert "Traceback" not in error
    assert not (folder / "new").exists()


def test_progress_says_the_steps_and_no_lead(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(folder, "told") == 0
    told = capsys.readouterr()
    assert re.search(r"\[\d+:\d\d\] search lightgbm: out-of-fold log loss", told.err)
    assert "Hold-out, before the refit: AUC" in told.out
    assert "friend" not in told.err + told.out
