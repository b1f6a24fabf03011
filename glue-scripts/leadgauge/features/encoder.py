"""Fits the columns of a model: scikit-learn's transformers find the numbers, `columns` applies them as
serving does.
"""

from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from leadgauge.features.columns import apply_columns, category_texts
from leadgauge.lead.derive import is_missing
from leadgauge.spec import MOMENTS, Derived, Feature, Field, Moment, Spec

Doubles = npt.NDArray[np.float64]

# scikit-learn's histogram boosting takes 255 categories; a missing value and the rare code need room.
MAXIMUM_NATIVE_CATEGORIES = 250


class DroppedColumn(NamedTuple):
    """A feature or column that the model does without: `reason` is `later-moment`, `no-value` or `one-value`."""

    name: str
    input: str
    reason: str


class FeatureEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Typed values of leads to a float64 matrix, as the spec's features say.

    `accepts_missing`: the estimator takes NaN. `scales`: apply the features' scaling (linear models).
    `native_categories`: give category codes where a feature says `native`, instead of one-hot columns.
    After `fit`: `columns_` (the serving package's entries), `dropped_`, `categorical_columns_` (positions of
    code columns).
    """

    def __init__(
        self,
        spec: Spec,
        moment: Moment,
        *,
        accepts_missing: bool = True,
        scales: bool = False,
        native_categories: bool = False,
    ) -> None:
        self.spec = spec
        self.moment = moment
        self.accepts_missing = accepts_missing
        self.scales = scales
        self.native_categories = native_categories

    def fit(self, values: pd.DataFrame, _labels: Any = None) -> Self:
        """Learns imputed values, scales and categories from the frame of `ParsedLeads.values`.

        Raises ValueError when no column is left.
        """
        columns: list[dict[str, Any]] = []
        self.dropped_: list[DroppedColumn] = []
        inputs: dict[str, Field | Derived] = {each.name: each for each in self.spec.fields}
        inputs |= {each.name: each for each in self.spec.derived}
        for feature in self.spec.features:
            source = inputs[feature.input]
            if MOMENTS.index(source.known_at) > MOMENTS.index(self.moment):
                self.dropped_.append(DroppedColumn(feature.input, feature.input, "later-moment"))
            elif is_missing(values[feature.input].to_numpy()).all():
                self.dropped_.append(DroppedColumn(feature.input, feature.input, "no-value"))
            else:
                told_under = source.reason_field if isinstance(source, Derived) else source.name
                columns += [
                    {"name": name, "input": feature.input, "field": told_under, **column}
                    for name, column in self._columns_of(feature, values)
                ]
        _make_names_unique(columns)
        matrix = apply_columns(self.spec, columns, values)
        keep = [_varies(matrix[:, position]) for position in range(len(columns))]
        self.dropped_ += [
            DroppedColumn(column["name"], column["input"], "one-value")
            for column, kept in zip(columns, keep, strict=True)
            if not kept
        ]
        self.columns_ = [column for column, kept in zip(columns, keep, strict=True) if kept]
        if not self.columns_:
            raise ValueError(
                f"no feature of {self.spec.name} has two different values in these {len(values)} rows, known by {self.moment}"
            )
        self.categorical_columns_ = [
            p for p, column in enumerate(self.columns_) if column["op"] == "category-code"
        ]
        return self

    def transform(self, values: pd.DataFrame) -> Doubles:
        """The model inputs, shape (rows, columns)."""
        return apply_columns(self.spec, self.columns_, values)

    def get_feature_names_out(self, _input_features: Any = None) -> npt.NDArray[np.object_]:
        """The columns' names in order."""
        return np.array([column["name"] for column in self.columns_], dtype=object)

    def _columns_of(self, feature: Feature, values: pd.DataFrame) -> list[tuple[str, dict[str, Any]]]:
        if feature.encode in ("number", "ordinal"):
            return self._number_columns(
                feature, values[feature.input].to_numpy(dtype=np.float64).reshape(-1, 1)
            )
        texts = category_texts(self.spec, values, feature.input)
        if feature.encode == "native" and self.native_categories:
            return _code_column(feature, texts)
        return _one_hot_columns(feature, texts)

    def _number_columns(self, feature: Feature, numbers: Doubles) -> list[tuple[str, dict[str, Any]]]:
        impute, was_missing = feature.impute, bool(np.isnan(numbers).any())
        if impute == "none" and not self.accepts_missing:
            impute = "median"
        fill: float | None = None
        if impute != "none":
            imputer = (
                SimpleImputer(strategy=str(impute).replace("-", "_"))
                if isinstance(impute, str)
                else SimpleImputer(strategy="constant", fill_value=impute)
            )
            numbers = imputer.fit_transform(numbers)
            fill = float(imputer.statistics_[0])
        columns = [(feature.input, {"op": "number", "impute": fill, "scale": self._scale(feature, numbers)})]
        if feature.missing_indicator and was_missing:
            columns.append((f"{feature.input} is missing", {"op": "is-missing"}))
        return columns

    def _scale(self, feature: Feature, numbers: Doubles) -> dict[str, Any] | None:
        if not self.scales or feature.scale == "none":
            return None
        if feature.scale == "standard":
            standard = StandardScaler().fit(numbers)
            return {
                "kind": "standard",
                "mean": float(standard.mean_[0]),
                "deviation": float(standard.scale_[0]),
            }
        minmax = MinMaxScaler().fit(numbers)
        return {"kind": "minmax", "multiply": float(minmax.scale_[0]), "add": float(minmax.min_[0])}


def _make_names_unique(columns: list[dict[str, Any]]) -> None:
    taken: set[str] = set()
    for column in columns:
        name, number = column["name"], 2
        while column["name"] in taken:
            column["name"] = f"{name} ({number})"
            number += 1
        taken.add(column["name"])


def _varies(column: Doubles) -> bool:
    missing = np.isnan(column)
    known = column[~missing]
    return bool(known.size and (missing.any() or (known != known[0]).any()))


def _missing_as(feature: Feature, texts: npt.NDArray[np.object_]) -> str | None:
    if feature.impute != "most-frequent":
        return None
    imputer = SimpleImputer(strategy="most_frequent", missing_values=None)
    return str(imputer.fit(texts.reshape(-1, 1)).statistics_[0])


def _frequent_and_rare(texts: npt.NDArray[np.object_], minimum_count: int) -> tuple[list[str], bool]:
    """Categories with a column of their own, in order, and whether others share one."""
    encoder = OneHotEncoder(min_frequency=max(minimum_count, 1), handle_unknown="infrequent_if_exist")
    encoder.fit(texts[[text is not None for text in texts]].reshape(-1, 1))
    infrequent = encoder.infrequent_categories_[0]
    rare = set() if infrequent is None else set(infrequent)
    return [str(category) for category in encoder.categories_[0] if category not in rare], bool(rare)


def _one_hot_columns(feature: Feature, texts: npt.NDArray[np.object_]) -> list[tuple[str, dict[str, Any]]]:
    missing_as = _missing_as(feature, texts)
    known, has_rare = _frequent_and_rare(texts, feature.minimum_count)
    columns: list[tuple[str, dict[str, Any]]] = [
        (
            f"{feature.input} = {category}",
            {"op": "is-category", "category": category, "missingAs": missing_as},
        )
        for category in known
    ]
    if has_rare:
        columns.append(
            (f"{feature.input} is rare", {"op": "is-rare", "known": known, "missingAs": missing_as})
        )
    if feature.impute == "own-category" and is_missing(texts).any():
        columns.append((f"{feature.input} is missing", {"op": "is-missing"}))
    return columns


def _code_column(feature: Feature, texts: npt.NDArray[np.object_]) -> list[tuple[str, dict[str, Any]]]:
    missing_as = _missing_as(feature, texts)
    known, has_rare = _frequent_and_rare(texts, feature.minimum_count)
    if len(known) > MAXIMUM_NATIVE_CATEGORIES:
        counts = {category: int((texts == category).sum()) for category in known}
        frequent = sorted(known, key=lambda category: (-counts[category], category))[
            :MAXIMUM_NATIVE_CATEGORIES
        ]
        known, has_rare = [category for category in known if category in frequent], True
    return [
        (
            feature.input,
            {"op": "category-code", "known": known, "missingAs": missing_as, "rareCode": has_rare},
        )
    ]
