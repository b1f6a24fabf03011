"""Scores leads one by one inside a process: ``lead_loop.py FOLDER SECONDS`` prints leads per second."""

import json
import sys
import time
from pathlib import Path

import pipeline


def main(folder: str, seconds: str) -> None:
    """Scores the example leads in turn until the time is over."""
    leads = json.loads((Path(folder) / "leads.json").read_text(encoding="utf-8"))
    model = pipeline.load(folder)
    pipeline.probability(model, leads[0])
    count, started = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started) < float(seconds):
        pipeline.probability(model, leads[count % len(leads)])
        count += 1
    print(count / elapsed)


if __name__ == "__main__":
    main(*sys.argv[1:])
