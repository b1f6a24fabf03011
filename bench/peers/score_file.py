"""pandas and the pipeline over a whole file: ``python score_file.py FOLDER LEADS.csv SCORED.csv [REASONS]``."""

import sys

import numpy as np
import pandas as pd
import pipeline
import xgboost
from sklearn.pipeline import Pipeline


def main(folder: str, file: str, out: str, reasons: str = "0") -> None:
    """Reads, scores, appends the probability and, if wanted, reasons; writes."""
    # Every core of the machine: a file is not pinned to one, as the servers are.
    model = pipeline.load(folder).set_params(trees__n_jobs=-1)
    leads = pipeline.read(file)
    leads["probability"] = model.predict_proba(leads.drop(columns=[pipeline.TARGET]))[:, 1]
    if int(reasons) > 0:
        leads = pd.concat([leads, reasons_of(model, leads, int(reasons))], axis=1)
    leads.to_csv(out, index=False)


def reasons_of(model: Pipeline, leads: pd.DataFrame, most: int) -> pd.DataFrame:
    """The fields that raise and that lower a lead's score the most: exact contributions, added up over a field's columns."""
    columns, trees = model["columns"], model["trees"]
    contributions = trees.get_booster().predict(
        xgboost.DMatrix(columns.transform(leads), nthread=-1), pred_contribs=True
    )[:, :-1]
    names = [name.split("__", 1)[1] for name in columns.get_feature_names_out()]
    fields = sorted(leads.columns.drop("probability"), key=len, reverse=True)
    field_of = [
        next(field for field in fields if name == field or name.startswith(f"{field}_")) for name in names
    ]
    used = sorted(set(field_of))
    by_field = np.zeros((len(leads), len(used)))
    np.add.at(by_field.T, [used.index(field) for field in field_of], contributions.T)
    order = np.argsort(by_field, axis=1)
    table = {}
    for place in range(most):
        table[f"raise_{place + 1}"] = np.array(used)[order[:, -1 - place]]
        table[f"lower_{place + 1}"] = np.array(used)[order[:, place]]
    return pd.DataFrame(table, index=leads.index)


if __name__ == "__main__":
    main(*sys.argv[1:])
