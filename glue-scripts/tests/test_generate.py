"""Generated leads: the same bytes for the same seed, the quirks of real files, and something to learn."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from leadgauge.generate import FORMS, generate_table, write_table
from leadgauge.generate.command import main
from leadgauge.table import read_table


def bytes_of(form: str, rows: int, seed: int, folder: Path) -> bytes:
    path = folder / "leads.csv"
    write_table(form, generate_table(form, rows, seed), path)
    return path.read_bytes()


@pytest.mark.parametrize("form", FORMS)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(form: str, tmp_path: Path) -> None:
    first = bytes_of(form, 300, 7, tmp_path)
    assert bytes_of(form, 300, 7, tmp_path) == first
    assert bytes_of(form, 300, 8, tmp_path) != first


@pytest.mark.parametrize("form", FORMS)
def test_the_file_reads_back_as_the_table(form: str, tmp_path: Path) -> None:
    table = generate_table(form, 500, seed=1)
    write_table(form, table, tmp_path / "leads.csv")
    pd.testing.assert_frame_equal(read_table(tmp_path / "leads.csv"), table)


def test_files_carry_the_dialects_of_their_sources(tmp_path: Path) -> None:
    assert bytes_of("codepro", 5, 0, tmp_path).startswith(b"\xef\xbb\xbfcreated_date,")
    assert bytes_of("extraalearn", 5, 0, tmp_path).count(b"\r\n") == 6
    assert b"\r" not in bytes_of("x-education", 5, 0, tmp_path)
    assert bytes_of("codepro-raw", 5, 0, tmp_path).startswith(b",created_date,city_mapped,")


def test_x_education_has_the_quirks_of_its_source() -> None:
    table = generate_table("x-education", 20_000, seed=0)
    assert table.shape == (20_000, 37)
    assert {"google", "Google"} <= set(table["Lead Source"])
    assert "Interested  in full time MBA" in set(table["Tags"])
    assert {"Select", ""} <= set(table["City"])
    assert pd.to_numeric(table["TotalVisits"]).max() > 100
    assert (table["Magazine"] == "No").all()
    assert table["Prospect ID"].is_unique
    assert table["Lead Number"].is_unique


@pytest.mark.parametrize(
    ("form", "column", "event", "low", "high"),
    [
        ("x-education", "Converted", "1", 0.34, 0.43),
        ("extraalearn", "status", "1", 0.26, 0.36),
        ("codepro", "app_complete_flag", "1", 0.4, 0.55),
        ("real-estate", "lead_score", "High", 0.08, 0.16),
    ],
)
def test_the_event_is_as_frequent_as_intended_and_can_be_learnt(
    form: str, column: str, event: str, low: float, high: float
) -> None:
    table = generate_table(form, 6000, seed=5)
    happened = (table[column] == event).to_numpy()
    assert low < happened.mean() < high
    inputs = table.drop(columns=[column]).loc[:, lambda frame: frame.nunique() < 300]
    numbers = pd.get_dummies(inputs).to_numpy(dtype=np.float64)
    model = LogisticRegression(C=0.1, max_iter=300).fit(numbers[:4000], happened[:4000])
    assert roc_auc_score(happened[4000:], model.decision_function(numbers[4000:])) > 0.75


@pytest.mark.parametrize(
    ("rows", "seed", "message"), [(0, 0, "--rows"), (100_000_000, 0, "--rows"), (5, -1, "--seed")]
)
def test_refuses_bad_arguments_in_one_line(
    rows: int, seed: int, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [
        "--spec",
        "codepro",
        "--rows",
        str(rows),
        "--seed",
        str(seed),
        "--out",
        str(tmp_path / "x.csv"),
    ]
    assert main(arguments) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "x.csv").exists()


def test_runs_as_a_command(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "leadgauge",
        "generate",
        "--spec",
        "real-estate",
        "--rows",
        "20",
        "--out",
    ]
    folder = Path(__file__).resolve().parents[1]
    subprocess.run([*command, str(tmp_path / "a.csv")], cwd=folder, check=True, capture_output=True)
    assert len(read_table(tmp_path / "a.csv")) == 20
    failed = subprocess.run(
        [*command, str(tmp_path / "no" / "a.csv")], cwd=folder, check=False, capture_output=True, text=True
    )
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr
