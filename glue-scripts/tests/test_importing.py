"""The features of an existing model as columns of a spec."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from leadgauge.importing.columns import ColumnError, bind_columns, moment_of
from leadgauge.importing.origin import Origin
from leadgauge.importing.package import ImportingError, import_model
from leadgauge.package.trees import Tree, tree_predictor
from leadgauge.spec import Spec
from leadgauge.spec_reader import parse_spec

DOCUMENT: dict[str, Any] = {
    "specVersion": 1,
    "name": "shop",
    "title": "Will the lead buy?",
    "fields": [
        {"name": "Visits", "type": "number", "knownAt": "engagement", "aliases": ["visit count"]},
        {"name": "Lead Source", "type": "category", "normalise": ["trim", "collapse-spaces", "case-fold"]},
        {"name": "City", "type": "category", "groups": {"Big": ["Rome", "Paris"], "Small": ["Bray"]}},
        {"name": "Interest", "type": "ordinal", "levels": ["Low", "High"]},
        {"name": "Mail", "type": "boolean"},
        {"name": "Created", "type": "timestamp"},
    ],
    "derived": [{"name": "Hour", "op": "date-part", "field": "Created", "part": "hour"}],
    "features": [{"input": "Visits", "encode": "number"}],
    "target": {
        "field": "Bought",
        "kind": "binary",
        "classes": [
            {"name": "0", "label": "No", "values": ["0"]},
            {"name": "1", "label": "Yes", "values": ["1"]},
        ],
    },
    "tiers": [
        {"name": "Hot", "minimumProbability": 0.5, "action": "Call"},
        {"name": "Cold", "action": "Wait"},
    ],
}


for _field in DOCUMENT["fields"]:
    _field.setdefault("knownAt", "at-creation")


@pytest.fixture(scope="module")
def spec() -> Spec:
    return parse_spec(json.dumps(DOCUMENT))


def bound(
    spec: Spec,
    *names: str,
    by_codes: tuple[str, ...] = (),
    categories: dict[str, list[str]] | None = None,
    mangles: bool = False,
    seen: tuple[str, ...] = (),
) -> list[dict[str, Any]]:
    return bind_columns(
        spec,
        names,
        is_categorical=[name in by_codes for name in names],
        categories=[(categories or {}).get(name) for name in names],
        mangles_spaces=mangles,
        seen=lambda _: seen,
    )


def test_numbers_by_name_alias_and_derivation(spec: Spec) -> None:
    columns = bound(spec, "visit count", "Interest", "Mail", "Hour")
    assert [column["input"] for column in columns] == ["Visits", "Interest", "Mail", "Hour"]
    assert {column["op"] for column in columns} == {"number"}
    assert all(column["impute"] is None and column["scale"] is None for column in columns)
    assert columns[3]["field"] == "Created"


@pytest.mark.parametrize(
    ("name", "source", "category"),
    [
        ("Lead Source=Web Site", "Lead Source", "web site"),
        ("Lead Source = Web Site", "Lead Source", "web site"),
        ("Lead Source_Web_Site", "Lead Source", "web_site"),
        ("City=Rome", "City", "Big"),
        ("Interest=High", "Interest", "High"),
        ("Mail=yes", "Mail", "true"),
    ],
)
def test_one_hot_columns_take_a_category_as_a_lead_has_it(
    spec: Spec, name: str, source: str, category: str
) -> None:
    (column,) = bound(spec, name)
    assert (column["op"], column["input"], column["category"]) == ("is-category", source, category)


def test_a_rare_column_stands_for_what_has_no_column(spec: Spec) -> None:
    rare = bound(spec, "Lead Source=a", "Lead Source=b", "Lead Source is rare", "Lead Source is missing")
    assert rare[2]["known"] == ["a", "b"]
    assert rare[3]["op"] == "is-missing"


def test_lightgbm_writes_an_underscore_for_a_space(spec: Spec) -> None:
    columns = bound(
        spec, "visit_count", "Lead_Source_=_web_site", "City_=_Big", mangles=True, seen=("web site",)
    )
    assert [column.get("category") for column in columns] == [None, "web site", "Big"]
    with pytest.raises(ColumnError, match="writes _ for a space"):
        bound(spec, "Lead_Source=web_site", mangles=True)


def test_codes_need_to_be_told(spec: Spec) -> None:
    (column,) = bound(
        spec, "Lead Source", by_codes=("Lead Source",), categories={"Lead Source": ["Ad", "Web"]}
    )
    assert (column["op"], column["known"]) == ("category-code", ["ad", "web"])
    with pytest.raises(ColumnError, match="does not tell which category has which code"):
        bound(spec, "Lead Source", by_codes=("Lead Source",))
    with pytest.raises(ColumnError, match="one category of several"):
        bound(spec, "City", by_codes=("City",), categories={"City": ["Rome", "Paris"]})


def test_all_that_is_unknown_is_told_at_once(spec: Spec) -> None:
    with pytest.raises(
        ColumnError,
        match=r'3 of the model.s 4 features .*: "f0"; "Interest=Middle" .*; "Created" is a timestamp',
    ):
        bound(spec, "Visits", "f0", "Interest=Middle", "Created")
    with pytest.raises(ColumnError, match="two features of the name"):
        bound(spec, "Visits", "Visits")


def test_the_moment_is_that_of_the_latest_field(spec: Spec) -> None:
    assert moment_of(spec, bound(spec, "Mail")) == "at-creation"
    assert moment_of(spec, bound(spec, "Mail", "Visits")) == "engagement"


def test_margins_that_are_never_finite_are_told(spec: Spec, tmp_path: Path) -> None:
    greatest = Tree(
        feature=np.array([0]),
        threshold=np.array([0.0]),
        left=np.array([-1]),
        right=np.array([-1]),
        missing_left=np.array([False]),
        values=np.array([[1e308]]),
        cover=np.array([1.0]),
    )
    predictor = tree_predictor(
        [greatest, greatest], outputs=1, base=[0.0], input_type="float64", accumulate="float64"
    )
    document = {
        "family": "gradient-boosting",
        "features": 1,
        "featureNames": ["Visits"],
        "categories": None,
        "link": {"name": "sigmoid", "slope": 1},
        "predictor": {"outputs": 1} | predictor,
    }
    with pytest.raises(ImportingError, match="finite number for none of the leads"):
        import_model(spec, document, None, Origin("model.json", "0" * 64, 1, 0), tmp_path, feature_names=None)
