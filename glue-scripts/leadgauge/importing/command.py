"""The Python half of `leadgauge import`: from a predictor document, which the other half has made of a model file."""

from __future__ import annotations

import argparse
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path

from leadgauge.command_line import OutputError, check_out, fail, unexpected
from leadgauge.importing.columns import ColumnError
from leadgauge.importing.origin import Origin
from leadgauge.importing.package import ImportedModel, ImportingError, import_model
from leadgauge.lead import HeaderError, LabelError
from leadgauge.package.predictor_file import read_predictor
from leadgauge.spec import SpecError
from leadgauge.spec_reader import load_spec
from leadgauge.table import TableError
from leadgauge.training.data import TrainingDataError, load_lead_data

_MAXIMUM_FEATURE_BYTES = 64 << 20


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="leadgauge import", add_help=False, allow_abbrev=False)
    add = parser.add_argument
    add("--spec", required=True, type=Path)
    add("--predictor", required=True, type=Path)
    add("--origin", required=True, nargs=3, metavar=("FILE", "SHA256", "BYTES"))
    add("--out", required=True, type=Path)
    add("--data", type=Path)
    add("--features", type=Path)
    add("--seed", type=int, default=0)
    add("--force", action="store_true")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Runs the command; the exit code is 0, or 1 with one line on standard error."""
    parsed = _parser().parse_args(list(arguments))
    try:
        model = _run(parsed)
    except SpecError as error:
        return fail("import", f"the spec {parsed.spec} cannot be used: at {error}")
    except (
        OutputError, ColumnError, ImportingError, TableError, TrainingDataError, HeaderError, LabelError,
    ) as error:  # fmt: skip
        return fail("import", str(error))
    except KeyboardInterrupt:
        return fail("import", "interrupted; nothing was written")
    except Exception as error:  # a fault of ours: say where, without the leads that its message may quote
        return fail("import", unexpected(error))
    print(_summary(model, parsed.out))
    return 0


def _run(parsed: argparse.Namespace) -> ImportedModel:
    try:
        spec = load_spec(parsed.spec)
        names = None if parsed.features is None else _names(parsed.features)
    except OSError as error:
        raise OutputError(f"{error.filename}: cannot be read ({error.strerror})") from None
    check_out(parsed.out, force=parsed.force)
    document = read_predictor(parsed.predictor)
    data = None if parsed.data is None else load_lead_data(parsed.data, spec, as_of=None)
    name, sha256, size = parsed.origin
    origin = Origin(name, sha256, int(size), parsed.seed)
    out = parsed.out.resolve()
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
    except OSError as error:
        raise OutputError(f"{parsed.out}: cannot be written ({error.strerror})") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = import_model(spec, document, data, origin, partial, feature_names=names)
        if out.exists():
            shutil.rmtree(out)
        partial.rename(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return model


def _names(path: Path) -> list[str]:
    if path.stat().st_size > _MAXIMUM_FEATURE_BYTES:
        raise OutputError(f"{path} is larger than 64 MB, which a list of features may be")
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return lines[:-1] if lines and not lines[-1] else lines


def _summary(model: ImportedModel, out: Path) -> str:
    card = model.card
    metrics = {name: each["value"] for name, each in card["metrics"].items()}
    return "\n".join(
        [
            f"{card['model']} {model.version} ({card['family']}, {card['moment']})",
            f"On the labelled leads: AUC {metrics['rocAuc']:.4f}, log loss {metrics['logLoss']:.4f}"
            if metrics
            else "Without --data: the model's own probabilities; percentiles and profile of leads made up from the spec",
            f"Package: {out} (read card.md)",
        ]
    )
