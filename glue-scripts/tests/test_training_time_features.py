"""A feature that tells the time stays where rates move and stay moved, and goes where they don't; both are told."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up_leads import SPEC, lead_rows, write_leads, write_spec
from spec_samples import ORDERED_TARGET, sample_spec

from leadgauge.training.command import main
from leadgauge.training.families import FAMILIES
from leadgauge.training.progress import Progress
from leadgauge.training.rows import Rows
from leadgauge.training.search import Evaluated, Setting, evaluate_out_of_fold, grid_of
from leadgauge.training.time_features import Gain, TimeFeatures, decide_on_time, tell_the_time

FIELDS = [
    {"name": "signal", "type": "number"},
    {"name": "number", "type": "integer"},
    {"name": "created", "type": "timestamp"},
]
DERIVED = [
    {"name": part, "label": part, "op": "date-part", "field": "created", "part": part}
    for part in ("year", "weekday", "hour")
]
FEATURES = [{"input": name, "encode": "number"} for name in ("signal", "created")]
BY_TIME = {"holdOut": {"by": "time", "share": 0.2, "field": "created"}}


def setting_of(**parts: object) -> Setting:
    spec = sample_spec(**({"fields": FIELDS, "features": FEATURES, "training": BY_TIME} | parts))
    return Setting(spec, 0, 1, 3, "logLoss", Progress())


def leads(seed: int, *, step: float = 0.0, rows: int = 1_000) -> Rows:
    """Leads whose log-odds rise by `step` at two fifths of the time and stay there, in no order."""
    generator = np.random.default_rng(seed)
    time = generator.random(rows)
    signal = generator.normal(size=rows)
    odds = -0.3 + 1.2 * signal + step * ((time > 0.4) - 0.5)
    labels = (generator.random(rows) < 1 / (1 + np.exp(-odds))).astype(np.int64)
    created = 1.7e12 + 3e10 * time
    days = np.floor(created / 86_400_000)
    values = {
        "signal": signal,
        "number": np.argsort(np.argsort(created)).astype(np.float64) + 7,
        "created": created,
        "year": 1970 + np.floor(days / 365.25),
        "weekday": (days + 3) % 7,
        "hour": np.floor(created / 3_600_000) % 24,
    }
    return Rows(pd.DataFrame(values), labels)


def model_of(setting: Setting, rows: Rows, family: str = "decision-tree") -> Evaluated:
    return evaluate_out_of_fold(setting, grid_of(FAMILIES[family], "engagement", quick=True)[:1], rows)[0]


def decided(setting: Setting, rows: Rows) -> tuple[tuple[str, ...], TimeFeatures | None]:
    """Inputs of the features left in, and what was found."""
    after, found = decide_on_time(setting, model_of(setting, rows), rows)
    return tuple(each.input for each in after.spec.features), found


def test_without_drift_the_time_is_left_out_nearly_always() -> None:
    kept = 0
    for seed in range(10):
        inputs, found = decided(setting_of(), leads(seed))
        assert found is not None
        assert found.kept == ("created" in inputs)
        assert "signal" in inputs
        kept += found.kept
    assert kept <= 2


@pytest.mark.parametrize("seed", range(4))
def test_where_rates_move_and_stay_the_time_is_kept(seed: int) -> None:
    inputs, found = decided(setting_of(), leads(seed, step=2.5, rows=2_000))
    assert found is not None
    assert inputs == ("signal", "created")
    for measured in (found.forward, found.out_of_fold):
        assert measured is not None
        assert measured.value > 0


def gain(value: float) -> Gain:
    return Gain(loss_with=0.5, loss_without=0.5 + value, standard_error=0.01)


@pytest.mark.parametrize(
    ("forward", "out_of_fold", "kept"),
    [
        (0.011, -0.05, True),  # predicts forward
        (-0.03, 0.05, False),  # worse forward beyond chance, whatever the same months say
        (0.0, 0.011, True),  # forward undecided, rates do move
        (-0.02, 0.011, True),
        (0.0, 0.009, False),
        (0.009, 0.0, False),
    ],
)
def test_forward_decides_where_it_is_clear_and_leads_of_the_same_months_otherwise(
    forward: float, out_of_fold: float, kept: bool
) -> None:
    assert TimeFeatures(("created",), gain(forward), gain(out_of_fold)).kept is kept
    assert TimeFeatures(("created",)).kept is False


def test_a_gain_is_of_paired_differences() -> None:
    found = Gain.of(np.array([0.4, 0.6, 0.5, 0.5]), np.array([0.5, 0.7, 0.5, 0.7]))
    assert found.value == pytest.approx(0.1)
    assert found.standard_error == pytest.approx(np.std([0.1, 0.1, 0.0, 0.2], ddof=1) / 2)


def test_what_tells_the_time_is_told_by_its_order() -> None:
    inputs = [each["name"] for each in (*FIELDS, *DERIVED)]
    features = [{"input": name, "encode": "number"} for name in inputs]
    two_years = leads(0, rows=3_000)
    parts = {"derived": DERIVED, "features": features}
    setting = setting_of(**parts)
    assert tell_the_time(setting.spec, two_years) == ("number", "created")
    by_year = two_years.values.assign(created=two_years.values["year"] * 3.15576e10)
    assert "year" in tell_the_time(setting.spec, Rows(by_year, two_years.labels))
    rare = two_years.values["number"].where(np.arange(3_000) < 10)
    assert tell_the_time(setting.spec, Rows(two_years.values.assign(number=rare), two_years.labels)) == (
        "created",
    )
    at_random = setting_of(**parts, training={"holdOut": {"by": "random", "share": 0.2}})
    assert tell_the_time(at_random.spec, two_years) == ()


def test_too_few_leads_to_tell_leave_it_out_and_an_only_feature_stays() -> None:
    inputs, found = decided(setting_of(), leads(0, rows=60))
    assert inputs == ("signal",)
    assert found == TimeFeatures(("created",))
    assert "too few" in found.told()
    alone = setting_of(features=FEATURES[1:])
    assert decided(alone, leads(0)) == (("created",), None)


def test_a_time_that_is_known_too_late_to_be_in_the_model_is_no_question() -> None:
    fields = [*FIELDS[:2], {**FIELDS[2], "knownAt": "after-contact"}]
    assert decided(setting_of(fields=fields), leads(0)) == (("signal", "created"), None)


def test_it_is_decided_for_ordered_classes_too() -> None:
    rows = leads(1, step=2.5, rows=1_500)
    ordered = Rows(rows.values, rows.labels + (rows.values["signal"].to_numpy() > 1) * (rows.labels == 1))
    inputs, found = decided(setting_of(target=ORDERED_TARGET), ordered)
    assert found is not None
    assert inputs == ("signal", "created")


def test_card_and_report_tell_of_the_feature_that_was_left_out(tmp_path: Path) -> None:
    features = [*SPEC["features"], {"input": "created", "encode": "number"}]
    write_spec(tmp_path / "spec.json", features=features, training=BY_TIME)
    write_leads(tmp_path / "leads.csv", lead_rows(900))
    paths = [
        "--spec",
        str(tmp_path / "spec.json"),
        "--data",
        str(tmp_path / "leads.csv"),
        "--out",
        str(tmp_path / "out"),
    ]
    assert main([*paths, "--quick", "--families", "logistic-regression,decision-tree"]) == 0
    card = json.loads((tmp_path / "out" / "card.json").read_text())
    found = card["training"]["timeFeatures"]
    assert found["inputs"] == ["created"]
    assert found["kept"] is False
    assert found["forwardLogLoss"]["gain"] <= found["forwardLogLoss"]["standardError"]
    dropped = {each["column"]: each["reason"] for each in card["data"]["droppedColumns"]}
    assert dropped["created"] == found["told"]
    serving = json.loads((tmp_path / "out" / "serving.json").read_text())
    assert "created" not in {column["input"] for column in serving["columns"]}
    spec = json.loads((tmp_path / "out" / "spec.json").read_text())
    assert {"input": "created", "encode": "number"} in spec["features"]
    assert "Left out: **created**" in (tmp_path / "out" / "card.md").read_text()
    assert "tells when the lead was created" in (tmp_path / "out" / "report.html").read_text()
