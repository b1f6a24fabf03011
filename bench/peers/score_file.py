"""pandas and the pipeline over a whole file: ``python score_file.py FOLDER LEADS.csv SCORED.csv``."""

import sys

import pipeline


def main(folder: str, file: str, out: str) -> None:
    """Reads, scores, appends the probability, writes."""
    # Every core of the machine: a file is not pinned to one, as the servers are.
    model = pipeline.load(folder).set_params(trees__n_jobs=-1)
    leads = pipeline.read(file)
    leads["probability"] = model.predict_proba(leads.drop(columns=[pipeline.TARGET]))[:, 1]
    leads.to_csv(out, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
