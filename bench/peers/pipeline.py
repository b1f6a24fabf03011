"""The usual Python way to the same answer: a scikit-learn pipeline around XGBoost, fitted on generated leads.

``python pipeline.py LEADS.csv OUT`` writes ``pipeline.pickle``, and ``leads.json``: 500 leads as a caller
sends them, with null where a value is missing.
"""

import json
import math
import pickle
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from xgboost import XGBClassifier

TARGET = "Converted"
NOT_FEATURES = ["Prospect ID", "Lead Number", TARGET]
MISSING = ["Select"]


def read(path: str) -> pd.DataFrame:
    """Reads leads with "not chosen" as missing, as every tutorial for this file does."""
    return pd.read_csv(path, na_values=MISSING)


def fit(leads: pd.DataFrame) -> Pipeline:
    """Fits imputation, scaling, one-hot encoding and 200 trees of depth 6."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    texts = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"),
        OneHotEncoder(handle_unknown="ignore"),
    )
    columns = ColumnTransformer(
        [
            ("numbers", numbers, make_column_selector(dtype_include="number")),
            ("texts", texts, make_column_selector(dtype_exclude="number")),
        ]
    )
    features, target = leads.drop(columns=NOT_FEATURES), leads[TARGET]
    trees = XGBClassifier(n_estimators=200, max_depth=6, learning_rate=0.1, n_jobs=1, random_state=0)
    return Pipeline([("columns", columns), ("trees", trees)]).fit(features, target)


def load(folder: str) -> Pipeline:
    """Loads what ``main`` wrote."""
    return pickle.loads((Path(folder) / "pipeline.pickle").read_bytes())


def probability(pipeline: Pipeline, fields: dict[str, Any]) -> float:
    """Scores one lead given as a mapping of column to value, None for a missing one."""
    lead = pd.DataFrame([{name: math.nan if value is None else value for name, value in fields.items()}])
    return float(pipeline.predict_proba(lead)[0, 1])


def main(file: str, out: str) -> None:
    """Fits on a file and writes the pipeline and example leads."""
    leads = read(file)
    (Path(out) / "pipeline.pickle").write_bytes(pickle.dumps(fit(leads)))
    examples = leads.head(500).drop(columns=[TARGET]).astype(object)
    records = examples.where(examples.notna(), None).to_dict("records")
    (Path(out) / "leads.json").write_text(json.dumps(records), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
