"""Feature specs: what is read, and what is refused with the pointer of the place."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from spec_samples import BINARY_TARGET, ORDERED_TARGET, ORDERED_TIERS, document, sample_spec

from leadgauge.spec import SpecError
from leadgauge.spec_reader import SCHEMA_FILE, load_spec, parse_spec

SPECS = sorted(
    path
    for path in (Path(__file__).resolve().parents[2] / "specs").glob("*.json")
    if not path.name.endswith("schema.json")
)
NUMBER = {"name": "a", "type": "number"}
CATEGORY = {"name": "c", "type": "category"}


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_shipped_specs_are_read(path: Path) -> None:
    spec = load_spec(path)
    assert spec.name == path.stem
    assert spec.document == json.loads(path.read_text("utf-8"))


def test_defaults_of_the_spec_are_merged_into_its_fields() -> None:
    spec = sample_spec(
        nullTokens=["Select"],
        normalise=["trim"],
        numberFormat={"decimal": ","},
        fields=[NUMBER | {"nullTokens": ["-"]}, CATEGORY | {"normalise": ["case-fold"]}],
    )
    first, second = spec.fields
    assert (first.null_tokens, first.normalise, first.number_format.decimal) == (
        ("Select", "-"),
        ("trim",),
        ",",
    )
    assert (second.null_tokens, second.normalise, second.known_at) == (
        ("Select",),
        ("case-fold",),
        "at-creation",
    )


def test_derived_values_know_their_moment_and_reason_field() -> None:
    spec = sample_spec(
        fields=[NUMBER, {"name": "b", "type": "number", "knownAt": "after-contact"}],
        derived=[
            {"name": "d", "label": "d", "op": "ratio", "numerator": "a", "denominator": "b"},
            {"name": "e", "label": "e", "op": "sum", "fields": ["d", "a"]},
        ],
    )
    assert [(each.reason_field, each.known_at) for each in spec.derived] == [("a", "after-contact")] * 2
    assert spec.derived[0].derivation.sources == ("a", "b")


def at(pointer: str, value: Any, **parts: Any) -> dict[str, Any]:
    """A document with one value replaced."""
    result = copy.deepcopy(document(**(parts or {"fields": [NUMBER, CATEGORY]})))
    node: Any = result
    *path, last = pointer.strip("/").split("/")
    for key in path:
        node = node[int(key) if isinstance(node, list) else key]
    node[int(last) if isinstance(node, list) else last] = value
    return result


BROKEN = [
    ("/specVersion", at("/specVersion", 2)),
    ("/fields", at("/fields", [])),
    ("/fields/0/type", at("/fields/0/type", "text")),
    ("/fields/1/name", at("/fields/1/name", " A ")),
    ("/target/field", at("/fields/1/aliases", ["x", "LABEL"])),
    ("/fields/0/levels", at("/fields/0", {"name": "o", "label": "o", "type": "ordinal", "knownAt": "engagement", "levels": ["x", "x"]})),
    ("/fields/0/groups", at("/fields/1", CATEGORY | {"groups": {"A": ["x"], "B": [" x "]}})),
    ("/fields/0/bounds/min", at("/fields/0/bounds", {"min": 2, "max": 1, "beyond": "clip"})),
    ("/fields/0/missingAs", at("/fields/0/missingAs", "many")),
    ("/fields/0/formats", at("/fields/0", {"name": "t", "label": "t", "type": "timestamp", "knownAt": "engagement", "formats": ["YYYY-MM"]})),
    ("/fields/0/orFrom", at("/fields/0/orFrom", {"op": "sum", "fields": ["nowhere"]})),
    ("/derived/0", at("/derived", [{"name": "d", "label": "d", "op": "difference", "minuend": "c", "subtrahend": "a"}])),
    ("/derived/0", at("/derived", [{"name": "d", "label": "d", "op": "sum", "fields": ["d"]}])),
    ("/features/0/input", at("/features/0/input", "nowhere")),
    ("/features/0/encode", at("/features/0/encode", "one-hot")),
    ("/features/0/impute", at("/features/0/impute", "own-category")),
    ("/target/classes", at("/target/kind", "ordered")),
    ("/target/classes", at("/target/classes", BINARY_TARGET["classes"][:1])),
    ("/target/classes/1/values", at("/target/classes/1/values", ["NO"])),
    ("/tiers/1/minimumProbability", at("/tiers/1/minimumProbability", 0.9)),
    ("/tiers/2/minimumProbability", at("/tiers/2/minimumProbability", 0.1)),
    ("/tiers/0", at("/tiers/0", {"name": "High", "minimumProbability": 0.5, "action": "x"}, fields=[NUMBER], target=ORDERED_TARGET, tiers=ORDERED_TIERS)),
    ("/training/families", at("/training", {"families": ["neural-network"]})),
    ("/training/holdOut/field", at("/training", {"holdOut": {"by": "time", "field": "a"}})),
    ("/training/folds", at("/training", {"folds": 1})),
]  # fmt: skip


@pytest.mark.parametrize(
    ("pointer", "broken"), BROKEN, ids=[f"{pointer} {number}" for number, (pointer, _) in enumerate(BROKEN)]
)
def test_a_broken_spec_is_refused_at_the_place(pointer: str, broken: dict[str, Any]) -> None:
    with pytest.raises(SpecError) as caught:
        parse_spec(json.dumps(broken))
    # The JSON Schema, where it catches the problem first, may point at the enclosing object.
    section = "/".join(pointer.split("/")[:2])
    assert caught.value.pointer.startswith(section)
    assert len(caught.value.problem) < 1000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"a":1,"a":2}',
        '{"specVersion": NaN}',
        "[" * 100_000,
        '{"specVersion":1}',
        "\ud800",
        '"x"',
        '{"name": "\\ud800"}',
        '{"name": 1e400}',
    ],
)
def test_hostile_documents_are_refused_without_a_crash(text: str) -> None:
    with pytest.raises(SpecError):
        parse_spec(text)


def test_a_spec_is_limited_in_size(tmp_path: Path) -> None:
    path = tmp_path / "spec.json"
    path.write_text(" " * 1_000_001, "utf-8")
    with pytest.raises(SpecError, match="larger than"):
        load_spec(path)
    with pytest.raises(SpecError, match=r"at most 1000|too long|fields"):
        parse_spec(json.dumps(document(fields=[{"name": f"f{n}", "type": "number"} for n in range(1001)])))


@pytest.mark.parametrize(
    "key",
    [
        "fields",
        "features",
        "target",
        "tiers",
        "derived",
        "ignored",
        "training",
        "score",
        "leadId",
        "normalise",
        "numberFormat",
    ],
)
@pytest.mark.parametrize("value", [1, "x", True, [1], [None], [[]]])
def test_values_of_the_wrong_kind_are_refused(key: str, value: Any) -> None:
    with pytest.raises(SpecError):
        parse_spec(json.dumps(document(fields=[NUMBER]) | {key: value}))


@pytest.mark.skipif(not SCHEMA_FILE.exists(), reason="specs/feature-spec.schema.json is not there")
def test_a_misspelt_key_is_refused() -> None:
    broken = document(fields=[NUMBER | {"requierd": True}])
    with pytest.raises(SpecError, match="requierd") as caught:
        parse_spec(json.dumps(broken))
    assert caught.value.pointer.startswith("/fields/0")
