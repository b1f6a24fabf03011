"""The encoder: what each rule of a feature gives, and that serving's operations are scikit-learn's to the bit."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from package_samples import sample_leads
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from spec_samples import sample_spec

from leadgauge.features import FeatureEncoder
from leadgauge.lead import ParsedLeads, parse_lead_records


def leads_of(values: list[Any], field: dict[str, Any], feature: dict[str, Any]) -> ParsedLeads:
    spec = sample_spec(fields=[{"name": "x", **field}], features=[{"input": "x", **feature}])
    return parse_lead_records(spec, [{"x": value} for value in values])


def encoded(leads: ParsedLeads, **options: Any) -> tuple[FeatureEncoder, npt.NDArray[np.float64]]:
    encoder = FeatureEncoder(leads.spec, "at-creation", **options)
    return encoder, encoder.fit_transform(leads.values)


def assert_same_bits(found: npt.NDArray[np.float64], expected: npt.NDArray[np.float64]) -> None:
    assert found.shape == expected.shape
    assert found.tobytes() == np.ascontiguousarray(expected, dtype=np.float64).tobytes()


@pytest.mark.parametrize("impute", ["median", "mean", "most-frequent"])
@pytest.mark.parametrize(
    ("scale", "scaler"), [("standard", StandardScaler()), ("minmax", MinMaxScaler()), ("none", None)]
)
def test_numbers_are_those_of_scikit_learn_to_the_bit(impute: str, scale: str, scaler: Any) -> None:
    random = np.random.default_rng(1)
    values = [None if random.random() < 0.2 else float(random.lognormal(3, 2)) for _ in range(501)]
    leads = leads_of(values, {"type": "number"}, {"encode": "number", "impute": impute, "scale": scale})
    encoder, matrix = encoded(leads, scales=True)
    steps = [SimpleImputer(strategy=impute.replace("-", "_")), *([scaler] if scaler else [])]
    assert_same_bits(matrix, make_pipeline(*steps).fit_transform(leads.values[["x"]].to_numpy()))
    assert_same_bits(encoder.transform(leads.values), matrix)


def test_one_hot_columns_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(2)
    values = [str(int(random.exponential(3))) for _ in range(400)]
    leads = leads_of(values, {"type": "category"}, {"encode": "one-hot", "minimumCount": 20})
    encoder, matrix = encoded(leads)
    theirs = OneHotEncoder(min_frequency=20, handle_unknown="infrequent_if_exist", sparse_output=False)
    train = leads.values[["x"]].to_numpy(dtype=object)
    assert_same_bits(matrix, theirs.fit_transform(train))
    other = leads_of(["0", "1", "never seen", "9"], {"type": "category"}, {"encode": "one-hot"})
    assert_same_bits(
        encoder.transform(other.values), theirs.transform(other.values[["x"]].to_numpy(dtype=object))
    )
    assert [column["op"] for column in encoder.columns_][-1] == "is-rare"


def test_missing_is_a_category_of_its_own_by_default() -> None:
    values = ["a"] * 10 + ["b"] * 10 + [None] * 3
    encoder, matrix = encoded(leads_of(values, {"type": "category"}, {"encode": "one-hot"}))
    assert list(encoder.get_feature_names_out()) == ["x = a", "x = b", "x is missing"]
    assert matrix[[0, 10, 22]].tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_missing_can_be_the_most_frequent_category_or_none() -> None:
    values = ["a"] * 10 + ["b"] * 11 + [None] * 3
    _, matrix = encoded(
        leads_of(values, {"type": "category"}, {"encode": "one-hot", "impute": "most-frequent"})
    )
    assert matrix[22].tolist() == [0, 1]
    _, matrix = encoded(leads_of(values, {"type": "category"}, {"encode": "one-hot", "impute": "none"}))
    assert matrix[22].tolist() == [0, 0]


def test_native_codes() -> None:
    values = ["b"] * 10 + ["a"] * 12 + ["rare"] + [None]
    leads = leads_of(values, {"type": "category"}, {"encode": "native"})
    encoder, matrix = encoded(leads, native_categories=True)
    assert encoder.columns_ == [
        {
            "name": "x",
            "input": "x",
            "field": "x",
            "op": "category-code",
            "known": ["a", "b"],
            "missingAs": None,
            "rareCode": True,
        }
    ]
    assert encoder.categorical_columns_ == [0]
    assert matrix[[0, 10, 22]].ravel().tolist() == [1, 0, 2]
    assert np.isnan(matrix[23, 0])
    without_rare, _ = encoded(
        leads_of(values[:-2], {"type": "category"}, {"encode": "native"}), native_categories=True
    )
    assert np.isnan(without_rare.transform(leads.values)[22, 0])
    one_hot, _ = encoded(leads)
    assert [column["op"] for column in one_hot.columns_] == [
        "is-category",
        "is-category",
        "is-rare",
        "is-missing",
    ]


def test_native_codes_stay_within_what_libraries_take() -> None:
    values = [f"city {number % 400}" for number in range(4400)]
    encoder, matrix = encoded(
        leads_of(values, {"type": "category"}, {"encode": "native"}), native_categories=True
    )
    assert matrix.max() == 250
    assert encoder.columns_[0]["rareCode"] is True


def test_ordinals_booleans_and_indicators() -> None:
    levels = {"type": "ordinal", "levels": ["lo", "mid", "hi"]}
    values = ["hi", "lo", None, "mid", "mid"]
    encoder, matrix = encoded(
        leads_of(values, levels, {"encode": "ordinal", "impute": {"constant": -1}, "missingIndicator": True})
    )
    assert matrix.tolist() == [[2, 0], [0, 0], [-1, 1], [1, 0], [1, 0]]
    assert list(encoder.get_feature_names_out()) == ["x", "x is missing"]
    _, matrix = encoded(leads_of(values, levels, {"encode": "one-hot", "minimumCount": 1}))
    assert matrix.sum(axis=1).tolist() == [1, 1, 1, 1, 1]
    encoder, _ = encoded(
        leads_of([True, False, None], {"type": "boolean"}, {"encode": "one-hot", "minimumCount": 1})
    )
    assert [column.get("category") for column in encoder.columns_] == ["false", "true", None]


def test_a_missing_number_stays_missing_only_where_the_family_takes_it() -> None:
    leads = leads_of([1, 2, 4, None], {"type": "number"}, {"encode": "number", "impute": "none"})
    assert np.isnan(encoded(leads, accepts_missing=True)[1][3, 0])
    encoder, matrix = encoded(leads, accepts_missing=False)
    assert matrix[3, 0] == 2 == encoder.columns_[0]["impute"]


def test_features_known_later_and_columns_of_one_value_are_left_out_with_the_reason() -> None:
    spec = sample_spec(
        fields=[
            {"name": "good", "type": "number"},
            {"name": "late", "type": "number", "knownAt": "after-contact"},
            {"name": "same", "type": "number"},
            {"name": "empty", "type": "number"},
            {"name": "one", "type": "category"},
        ],
        derived=[{"name": "sum", "label": "sum", "op": "sum", "fields": ["good", "late"]}],
        features=[
            {"input": name, "encode": "one-hot" if name == "one" else "number"}
            for name in ("good", "late", "same", "empty", "one", "sum")
        ],
    )
    leads = parse_lead_records(spec, [{"good": n, "late": n, "same": 1, "one": "x"} for n in range(20)])
    encoder = FeatureEncoder(spec, "engagement").fit(leads.values)
    assert [column["name"] for column in encoder.columns_] == ["good"]
    assert [tuple(each) for each in encoder.dropped_] == [
        ("late", "late", "later-moment"),
        ("empty", "empty", "no-value"),
        ("sum", "sum", "later-moment"),
        ("same", "same", "one-value"),
        ("one = x", "one", "one-value"),
    ]
    after_contact = FeatureEncoder(spec, "after-contact").fit(leads.values)
    assert [(column["name"], column["field"]) for column in after_contact.columns_] == [
        ("good", "good"), ("late", "late"), ("sum", "good"),
    ]  # fmt: skip


@pytest.mark.parametrize("values", [[], [None] * 5, [3] * 5, [3]])
def test_leads_without_any_difference_are_refused_clearly(values: list[Any]) -> None:
    with pytest.raises(ValueError, match="no feature of sample has two different values"):
        encoded(leads_of(values, {"type": "number"}, {"encode": "number"}))


def test_column_names_are_unique() -> None:
    spec = sample_spec(
        fields=[{"name": "a", "type": "category"}, {"name": "a = x", "type": "number"}],
        features=[
            {"input": "a", "encode": "one-hot", "minimumCount": 1},
            {"input": "a = x", "encode": "number"},
        ],
    )
    leads = parse_lead_records(spec, [{"a": "x", "a = x": 1}, {"a": "y", "a = x": 2}])
    assert list(FeatureEncoder(spec, "at-creation").fit(leads.values).get_feature_names_out()) == [
        "a = x",
        "a = y",
        "a = x (2)",
    ]


def test_the_encoder_is_a_scikit_learn_transformer() -> None:
    spec, leads, labels = sample_leads(ordered=False)
    encoder = clone(FeatureEncoder(spec, "at-creation", scales=True, accepts_missing=False))
    assert encoder.spec == spec
    matrix = encoder.fit_transform(leads.values, labels)
    assert matrix.dtype == np.float64
    assert matrix.shape == (len(labels), len(encoder.columns_))
    assert not np.isnan(matrix).any()
