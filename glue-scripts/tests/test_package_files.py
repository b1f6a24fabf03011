"""A written package: bytes, version id, manifest; golden rows and profile inside it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from package_samples import fitted, package

from leadgauge.canonical import canonical_json
from leadgauge.lead import parse_lead_records
from leadgauge.package.arrays import decode_array, encode_array
from leadgauge.package.build import build_package
from leadgauge.package.golden import build_golden
from leadgauge.package.scorer import score_rows
from leadgauge.package.serving import read_serving, serving_document
from leadgauge.package.write import VERSIONED_FILES, version_of, write_package
from leadgauge.spec import FAMILIES
from leadgauge.spec_reader import parse_spec

MANIFEST = {
    "model": "sample", "createdAt": "2026-01-01T00:00:00Z", "family": "lightgbm", "task": "binary",
    "moment": "at-creation", "data": {"sha256": "0" * 64, "rows": 500, "columns": 6}, "libraries": {}, "seed": 0,
    "threads": 1, "parent": None, "metrics": {}, "metricsNote": "",
}  # fmt: skip


@pytest.mark.parametrize(
    ("numbers", "name"),
    [
        ([0, 255], "uint8"), ([0, 256], "uint16"), ([-1, 3], "int8"), ([-1, 300], "int16"), ([70_000], "int32"), ([0.5, 2.0**100], "float32"),
        ([0.1], "float64"), ([2**40], "float32"), ([2**40 + 1], "float64"), ([-0.0], "float32"), ([], "uint8"), ([5e-324], "float64"),
    ],
)  # fmt: skip
def test_arrays_take_the_smallest_type_that_loses_nothing(numbers: list[float], name: str) -> None:
    packed = encode_array(np.array(numbers))
    assert packed["type"] == name
    assert decode_array(packed).tobytes() == np.array(numbers, dtype=np.float64).tobytes()


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_arrays_read_back_to_the_bit(numbers: list[float]) -> None:
    assert (
        decode_array(encode_array(np.array(numbers))).tobytes()
        == np.array(numbers, dtype=np.float64).tobytes()
    )


def test_an_array_with_what_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        encode_array(np.array([1.0, np.nan]))


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("family", FAMILIES)
def test_golden_rows_hold_for_the_files_as_they_are_read(family: str, ordered: bool) -> None:
    files = package(family, ordered).files
    spec = parse_spec(files["spec.json"])
    serving = read_serving(json.loads(files["serving.json"]))
    rows = [json.loads(line) for line in files["golden.jsonl"].splitlines()]
    answers = score_rows(serving, parse_lead_records(spec, [row["lead"] for row in rows]))
    for row, answer in zip(rows, answers, strict=True):
        if "rejected" in row:
            assert answer == {"rejected": row["rejected"]}
            continue
        told = row.pop("contributions")
        assert set(told) <= set(answer["contributions"])
        for name, values in answer.pop("contributions").items():
            assert told.get(name, [0.0] * len(values)) == pytest.approx(values, abs=1e-9)
        assert row == {"lead": row["lead"], **answer}


def test_golden_rows_cover_what_goes_wrong() -> None:
    content = package("lightgbm", False)
    rows = build_golden(fitted("lightgbm", False).spec, content.serving, content.profile, seed=5)
    assert len(rows) == 500
    assert {row["rejected"] for row in rows if "rejected" in row} >= {
        "invalid_number",
        "invalid_integer",
        "duplicate_field",
    }
    codes = {code for row in rows for code in row.get("warnings", [])}
    assert codes == {"missing_fields", "out_of_bounds", "unknown_fields", "unseen_categories"}
    assert 0.5 < np.mean(["rejected" not in row for row in rows]) < 0.97
    thresholds = set(content.serving["predictor"]["threshold"].tolist())
    used = [row["features"][0] for row in rows if "features" in row]
    assert thresholds & set(used), "no row lies on a threshold"
    assert len({row["tier"] for row in rows if "tier" in row}) == 3
    assert rows == build_golden(fitted("lightgbm", False).spec, content.serving, content.profile, seed=5)


def test_the_version_is_the_hash_of_what_serves(tmp_path: Path) -> None:
    content = package("lightgbm", False)
    lines = "".join(
        f"{name}\0{hashlib.sha256(content.files[name]).hexdigest()}\n" for name in sorted(VERSIONED_FILES)
    )
    assert content.version == version_of(content.files) == hashlib.sha256(lines.encode()).hexdigest()[:32]
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "roc.png").write_bytes(b"plot")
    (tmp_path / "card.json").write_bytes(b"{}\n")
    assert write_package(tmp_path, content.files, MANIFEST) == content.version
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    assert manifest["version"] == content.version
    assert set(manifest["files"]) == {*VERSIONED_FILES, "card.json", "plots/roc.png"}
    for name, entry in manifest["files"].items():
        written = (tmp_path / name).read_bytes()
        assert entry == {"bytes": len(written), "sha256": hashlib.sha256(written).hexdigest()}
    for path in (*VERSIONED_FILES, "manifest.json"):
        for line in (tmp_path / path).read_text("utf-8").splitlines():
            assert canonical_json(json.loads(line)) == line


def test_card_plots_and_time_do_not_change_the_version(tmp_path: Path) -> None:
    files = package("lightgbm", False).files
    (tmp_path / "card.md").write_text("another", "utf-8")
    assert write_package(tmp_path, files, MANIFEST | {"createdAt": "2027-01-01T00:00:00Z"}) == version_of(
        files
    )
    assert version_of(files | {"profile.json": b"{}\n"}) != version_of(files)


def test_the_same_model_gives_the_same_bytes() -> None:
    model, content = fitted("xgboost", True), package("xgboost", True)
    again = build_package(
        model.spec, family="xgboost", estimator=model.estimator, encoder=model.encoder, leads=model.leads,
        labels=model.labels, calibration=content.serving["calibration"], reference_margins=model.margins(), seed=0, golden_rows=150,
    )  # fmt: skip
    assert again.files == content.files


def test_serving_of_an_ordered_model_and_of_limits_that_were_chosen() -> None:
    serving = package("random-forest", True).serving
    assert serving["prediction"] == {}
    assert serving["score"] == {"scale": "probability", "weights": [0.0, 50.0, 100.0]}
    assert serving["tiers"][-1] == {
        "name": "Low",
        "action": "wait",
        "class": None,
        "minimumProbability": None,
    }
    assert serving["explanation"]["unit"] == "probability"
    model, content = fitted("lightgbm", False), package("lightgbm", False)
    chosen = build_package(
        model.spec, family="lightgbm", estimator=model.estimator, encoder=model.encoder, leads=model.leads, labels=model.labels,
        calibration=content.serving["calibration"], reference_margins=model.margins(), seed=0, tier_limits=[0.9, 0.2, None], golden_rows=20,
    )  # fmt: skip
    cuts = [tier["cut"] for tier in chosen.serving["tiers"]]
    assert cuts[0] > content.serving["tiers"][0]["cut"] > cuts[1]
    assert cuts[2] is None
    assert [tier["minimumProbability"] for tier in chosen.serving["tiers"]] == [0.9, 0.2, None]
    assert serving_document(chosen.serving)["predictor"]["value"]["type"] == "float64"


def test_the_profile_describes_the_leads_without_showing_one() -> None:
    content, model = package("lightgbm", False), fitted("lightgbm", False)
    profile: dict[str, Any] = content.profile
    assert profile["rows"] == 500
    assert profile["target"]["classes"] == {"lost": 300, "won": 200}
    assert sum(profile["score"]["histogram"]) == 500
    assert len(profile["score"]["histogram"]) == len(profile["score"]["quantiles"]) == 101
    assert sum(each["count"] for each in profile["calibration"]) == 500
    time = profile["fields"]["time"]
    values = model.leads.values["time"].dropna()
    assert time["missing"] == 500 - len(values)
    assert values.min() < time["quantiles"][0] < time["quantiles"][50] < time["quantiles"][100] < values.max()
    assert profile["fields"]["visits"]["integer"] is True
    for field in profile["fields"].values():
        assert field["rows"] == 500
        counts = field.get("counts", {})
        assert all(count >= 10 for count in counts.values())
        if counts:
            assert sum(counts.values()) + field["rare"] + field["missing"] == 500
    assert set(profile["fields"]["rating"]["counts"]) == {"low", "mid", "high"}
    assert set(profile["fields"]["subscribed"]["counts"]) == {"true", "false"}
