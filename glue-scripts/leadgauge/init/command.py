"""`python -m leadgauge init`: proposes a feature spec for a file of leads."""

import argparse
import contextlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from leadgauge.init.propose import ProposedSpec, model_name, propose_spec
from leadgauge.init.summary import summarise
from leadgauge.init.target import TargetError
from leadgauge.spec import SpecError
from leadgauge.spec_reader import load_spec
from leadgauge.table import TableError, read_table

_ENDINGS = (".gz", ".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet")


def main(arguments: Sequence[str]) -> int:
    """Runs the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="leadgauge init",
        description="Proposes a feature spec for a file of leads with known outcomes. Read it before you rely on it.",
    )
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FILE", help="CSV, JSON Lines or Parquet, also .gz"
    )
    parser.add_argument("--target", required=True, metavar="COLUMN", help="the column with the outcome")
    classes = parser.add_mutually_exclusive_group()
    classes.add_argument(
        "--positive", metavar="VALUE", help="the outcome that is a conversion; default: by its text"
    )
    classes.add_argument(
        "--order", nargs="+", metavar="VALUE", help="three or more outcomes, from worst to best"
    )
    parser.add_argument("--name", help="the model's name; default: from the file's")
    parser.add_argument("--out", type=Path, metavar="SPEC.json", help="default: NAME.json, in this folder")
    parser.add_argument("--force", action="store_true", help="write over an existing spec")
    try:
        options = parser.parse_args(arguments)
    except SystemExit as exit_:
        return 1 if exit_.code else 0  # argparse says 2 where our commands say 1
    try:
        name = model_name(options.name if options.name is not None else _stem(options.data))
        if options.name is not None and options.name != name:
            raise TargetError(f'--name "{options.name}" cannot be a model\'s name; "{name}" can')
        out: Path = options.out or Path(f"{name}.json")
        if out.exists() and not options.force:
            raise TargetError(f"{out} exists; name another with --out, or add --force")
        proposed = propose_spec(
            read_table(options.data), options.target, name, options.positive, options.order
        )
        _write(proposed, out)
    except (TableError, TargetError, SpecError, OSError) as error:
        print(f"leadgauge init: {error}", file=sys.stderr)
        return 1
    print(summarise(proposed, options.data.name, str(out), str(options.data)))
    return 0


def _stem(path: Path) -> str:
    name = path.name
    for ending in _ENDINGS:
        if name.lower().endswith(ending):
            name = name[: -len(ending)]
    return name


def _write(proposed: ProposedSpec, path: Path) -> None:
    """Writes the spec if it is a valid one; SpecError would be a mistake of ours, and is told rather than hidden."""
    draft = path.with_name(path.name + ".part")
    try:
        draft.write_text(json.dumps(proposed.document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        load_spec(draft)
        draft.replace(path)
    except OSError as error:
        raise TargetError(f"{path} cannot be written ({error.strerror}); name another with --out") from None
    finally:
        # Where nothing could be written there may be no folder to look in either.
        with contextlib.suppress(OSError):
            draft.unlink()
