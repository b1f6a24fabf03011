"""From process start to the first score: ``python first_score.py FOLDER`` prints a probability."""

import json
import sys
from pathlib import Path

import pipeline


def main(folder: str) -> None:
    """Loads the pipeline and scores the first example lead."""
    leads = json.loads((Path(folder) / "leads.json").read_text(encoding="utf-8"))
    print(pipeline.probability(pipeline.load(folder), leads[0]))


if __name__ == "__main__":
    main(*sys.argv[1:])
