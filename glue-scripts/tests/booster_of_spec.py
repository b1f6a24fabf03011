"""Trains a booster on made-up leads of a spec, with features named as `leadgauge import` wants them, and saves its file.

booster_of_spec.py --spec NAME --library xgboost|lightgbm --out FILE --data LEADS.csv --answers FILE.json

The answers are the library's own: `[{ "lead": raw cells, "probability": one of the event, or one a class }]`.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import lightgbm as lgb
import numpy as np
import xgboost as xgb

from leadgauge.features import FeatureEncoder
from leadgauge.generate.table import generate_table, write_table
from leadgauge.lead import parse_leads, read_target
from leadgauge.spec import load_spec

ROWS = 3_000
ANSWERS = 200


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--spec", required=True)
    parser.add_argument("--library", required=True, choices=("xgboost", "lightgbm"))
    parser.add_argument("--out", required=True)
    parser.add_argument("--data", required=True, type=Path)
    parser.add_argument("--answers", required=True, type=Path)
    arguments = parser.parse_args()
    spec = load_spec(Path(__file__).parents[2] / "specs" / f"{arguments.spec}.json")
    table = generate_table(spec.name, ROWS, seed=8)
    write_table(spec.name, table, arguments.data)
    leads, labels = parse_leads(spec, table), np.asarray(read_target(spec, table))
    encoder = FeatureEncoder(spec, "engagement").fit(leads.values)
    inputs = encoder.transform(leads.values)
    names = [column["name"] for column in encoder.columns_]
    classes = len(spec.class_names)
    if arguments.library == "xgboost":
        several = {"objective": "multi:softprob", "num_class": classes}
        parameters = {"max_depth": 4, "nthread": 1} | (
            several if classes > 2 else {"objective": "binary:logistic"}
        )
        data = xgb.DMatrix(inputs, labels, feature_names=names)
        booster = xgb.train(parameters, data, num_boost_round=20)
        probabilities = booster.predict(data)
    else:
        several = {"objective": "multiclass", "num_class": classes}
        parameters = {"num_leaves": 15, "num_threads": 1, "verbose": -1} | (
            several if classes > 2 else {"objective": "binary"}
        )
        booster = lgb.train(parameters, lgb.Dataset(inputs, labels, feature_name=names), 20)
        probabilities = booster.predict(inputs)
    booster.save_model(arguments.out)
    rows = np.flatnonzero(leads.accepted)[:ANSWERS]
    told = probabilities.reshape(len(inputs), -1)
    answers = [
        {"lead": table.iloc[row].to_dict(), "probability": [float(each) for each in told[row]]}
        for row in rows
    ]
    arguments.answers.write_text(json.dumps(answers), encoding="utf-8")


if __name__ == "__main__":
    main()
