"""Small fitted models of every family, for tests of what is exported from them."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from parity_cases import NATIVE, estimator_of
from spec_samples import BINARY_TARGET, ORDERED_TARGET, sample_spec

from leadgauge.features import FeatureEncoder
from leadgauge.lead import ParsedLeads, parse_lead_records
from leadgauge.package.build import PackageContent, build_package
from leadgauge.package.predictor import PROBABILITY_FAMILIES, native_margins
from leadgauge.spec import Spec

FIELDS: list[dict[str, Any]] = [
    {"name": "time", "type": "number", "unit": "minutes"},
    {"name": "visits", "type": "integer", "bounds": {"min": 0, "max": 50, "beyond": "clip"}},
    {"name": "source", "type": "category"},
    {"name": "city", "type": "category"},
    {"name": "rating", "type": "ordinal", "levels": ["low", "mid", "high"]},
    {"name": "subscribed", "type": "boolean"},
]
DERIVED = [
    {
        "name": "time per visit",
        "label": "time per visit",
        "op": "ratio",
        "numerator": "time",
        "denominator": "visits",
    }
]
FEATURES = [
    {"input": "time", "encode": "number", "impute": "none"},
    {"input": "visits", "encode": "number", "scale": "minmax", "missingIndicator": True},
    {"input": "time per visit", "encode": "number", "impute": {"constant": 0}},
    {"input": "source", "encode": "native"},
    {"input": "city", "encode": "one-hot", "minimumCount": 5},
    {"input": "rating", "encode": "ordinal", "impute": "most-frequent", "scale": "none"},
    {"input": "subscribed", "encode": "one-hot", "impute": "none"},
]


@dataclass(frozen=True)
class Fitted:
    """A fitted model and the leads it was fitted on."""

    spec: Spec
    family: str
    estimator: Any
    encoder: FeatureEncoder
    leads: ParsedLeads
    labels: npt.NDArray[np.int64]
    inputs: npt.NDArray[np.float64]

    def margins(self) -> npt.NDArray[np.float64]:
        return native_margins(self.family, self.estimator, self.inputs)


@cache
def sample_leads(ordered: bool, rows: int = 500) -> tuple[Spec, ParsedLeads, npt.NDArray[np.int64]]:
    """Leads with signal in numbers and categories, a fifth of every field missing."""
    spec = sample_spec(
        fields=FIELDS, derived=DERIVED, features=FEATURES, target=ORDERED_TARGET if ordered else BINARY_TARGET
    )
    random = np.random.default_rng(7)
    sources = [f"source {number}" for number in range(12)]
    leads, signal = [], []
    for _ in range(rows):
        lead: dict[str, Any] = {
            "time": float(np.round(random.exponential(10), 3)),
            "visits": int(random.integers(0, 12)),
            "source": sources[int(random.integers(12) * random.random())],
            "city": ["Pune", "Thane", "Mumbai", "Nagpur", "Rare"][min(4, int(random.exponential(1)))],
            "rating": ["low", "mid", "high"][int(random.integers(3))],
            "subscribed": bool(random.random() < 0.5),
        }
        signal.append(
            lead["time"] / 10 + lead["visits"] / 6 + (sources.index(lead["source"]) % 3) + 2 * (lead["city"] == "Pune")
            + lead["subscribed"] * (lead["rating"] == "high") * 2 + random.normal(0, 1)
        )  # fmt: skip
        leads.append({name: value for name, value in lead.items() if random.random() > 0.2})
    cuts = [0.55, 0.85] if ordered else [0.6]
    return (
        spec,
        parse_lead_records(spec, leads),
        np.searchsorted(np.quantile(signal, cuts), signal).astype(np.int64),
    )


@cache
def fitted(family: str, ordered: bool) -> Fitted:
    """A small model of the family."""
    spec, leads, labels = sample_leads(ordered)
    encoder = FeatureEncoder(
        spec,
        "at-creation",
        accepts_missing=family not in ("logistic-regression", "gradient-boosting"),
        scales=family == "logistic-regression",
        native_categories=family in NATIVE,
    )
    inputs = encoder.fit_transform(leads.values)
    estimator = estimator_of(family, encoder, seed=3)
    extra = {"categorical_feature": encoder.categorical_columns_} if family == "lightgbm" else {}
    estimator.fit(inputs, labels, **extra)
    return Fitted(spec, family, estimator, encoder, leads, labels, inputs)


@cache
def package(family: str, ordered: bool) -> PackageContent:
    """The package of that model, calibrated with made-up numbers."""
    model = fitted(family, ordered)
    kind = "probability" if family in PROBABILITY_FAMILIES else "margin"
    calibration: dict[str, Any] = (
        {"method": "temperature", "input": kind, "temperature": 1.2}
        if ordered
        else {"method": "platt", "input": kind, "slope": 0.9, "intercept": 0.1}
    )
    return build_package(
        model.spec,
        family=family,
        estimator=model.estimator,
        encoder=model.encoder,
        leads=model.leads,
        labels=model.labels,
        calibration=calibration,
        reference_margins=model.margins(),
        seed=0,
        golden_rows=150,
    )
