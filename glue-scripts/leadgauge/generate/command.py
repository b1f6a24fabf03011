"""`python -m leadgauge generate`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from leadgauge.generate.table import FORMS, generate_table, write_table


def main(arguments: Sequence[str]) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="leadgauge generate",
        description="Writes invented leads as CSV. The same spec, rows and seed give the same bytes.",
    )
    parser.add_argument("--spec", required=True, choices=list(FORMS), help="which kind of lead")
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.csv")
    try:
        options = parser.parse_args(arguments)
    except SystemExit as exit_:
        return 1 if exit_.code else 0  # argparse says 2 where our commands say 1
    try:
        write_table(options.spec, generate_table(options.spec, options.rows, options.seed), options.out)
    except (ValueError, OSError) as error:
        print(f"leadgauge generate: {error}", file=sys.stderr)
        return 1
    print(f"{options.rows:,} leads in {options.out}")
    return 0
