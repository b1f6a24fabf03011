"""pandas and the pipeline over a whole file: ``python score_file.py FOLDER LEADS.csv SCORED.csv``."""

import sys

import pipeline


def main(folder: str, file: str, out: str) -> None:
    """Reads, scores, appends the probability, writes."""
    model = pipeline.load(folder)
    leads = pipeline.read(file)
    leads["probability"] = model.predict_proba(leads.drop(columns=[pipeline.TARGET]))[:, 1]
    leads.to_csv(out, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
