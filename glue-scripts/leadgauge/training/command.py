"""`leadgauge train`: arguments, the output folder, errors in one line, and the summary."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from leadgauge.command_line import OutputError, check_out, fail, unexpected
from leadgauge.lead import HeaderError, LabelError
from leadgauge.spec import FAMILIES, METRICS, MOMENTS, Spec, SpecError
from leadgauge.spec_reader import load_spec
from leadgauge.table import TableError
from leadgauge.training.data import TrainingDataError
from leadgauge.training.options import TrainingOptions
from leadgauge.training.progress import Progress
from leadgauge.training.tiers import TierPolicy, parse_capacity
from leadgauge.training.tracking import TrackingError, log_run, require_tracking
from leadgauge.training.train import TrainedModel, train

MOST_DEFAULT_THREADS = 8


class UsageError(OutputError):
    """Arguments that cannot be used; the text says what is allowed."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        raise UsageError(f"{message} (see --help)")


def _number(minimum: float) -> Any:
    def parse(text: str) -> float:
        value = float(text)
        if not minimum < value < float("inf"):
            raise ValueError
        return value

    parse.__name__ = f"number above {minimum:g}"
    return parse


def _count(minimum: int, maximum: int) -> Any:
    def parse(text: str) -> int:
        value = int(text)
        if not minimum <= value <= maximum:
            raise ValueError
        return value

    parse.__name__ = f"whole number from {minimum} to {maximum}"
    return parse


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="leadgauge train",
        description="Trains, compares, calibrates and packages a model of a file of labelled leads.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--spec", required=True, type=Path, metavar="SPEC.json", help="the feature spec")
    add(
        "--data",
        required=True,
        type=Path,
        metavar="FILE",
        help="labelled leads: CSV, JSON Lines or Parquet, also .gz",
    )
    add(
        "--out", required=True, type=Path, metavar="DIR", help="where the model package goes; absent or empty"
    )
    add("--force", action="store_true", help="replace a model package that is in DIR")
    add(
        "--moment",
        choices=MOMENTS,
        default="engagement",
        help="use the fields known by then (default: engagement)",
    )
    add("--quick", action="store_true", help="small grids and 3 folds: a first look in under a minute")
    add("--seed", type=_count(0, 2**31 - 1), default=0, help="of splits, folds and learners (default: 0)")
    add(
        "--threads",
        type=_count(1, 256),
        help="fits that run side by side (default: the processors, at most 8)",
    )
    add("--families", metavar="A,B", help=f"of {', '.join(FAMILIES)} (default: the spec's)")
    add(
        "--metric",
        choices=METRICS,
        help="what the champion is chosen by (default: the spec's, else log-loss)",
    )
    add(
        "--as-of",
        metavar="DATE",
        help="with horizon-elapsed targets: leads whose horizon ends later are left out",
    )
    add("--capacity", metavar="50/day", help="set the highest tier to the leads that can be called")
    add(
        "--leads-per-day",
        type=_number(0),
        metavar="N",
        help="for --capacity, where the file has no time to tell",
    )
    add(
        "--call-cost",
        type=_number(0),
        metavar="COST",
        help="with --conversion-value: set the lowest limit where a call pays",
    )
    add("--conversion-value", type=_number(0), metavar="VALUE", help="what one conversion is worth")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Runs the command; the exit code is 0, or 1 with one line on standard error."""
    try:
        parsed = _parser().parse_args(list(arguments))
        model = _run(parsed)
    except SpecError as error:
        return fail("train", f"the spec {parsed.spec} cannot be used: at {error}")
    except (OutputError, TableError, TrainingDataError, HeaderError, LabelError, TrackingError) as error:
        return fail("train", str(error))
    except KeyboardInterrupt:
        return fail("train", "interrupted; nothing was written")
    except Exception as error:  # a fault of ours: say where, without the leads that its message may quote
        return fail("train", unexpected(error))
    print(_summary(model, parsed.out))
    return 0


def _run(parsed: argparse.Namespace) -> TrainedModel:
    try:
        spec = load_spec(parsed.spec)
    except OSError as error:
        raise UsageError(f"{parsed.spec}: cannot be read ({error.strerror})") from None
    options = TrainingOptions(
        spec=spec,
        data=parsed.data,
        moment=parsed.moment,
        seed=parsed.seed,
        threads=parsed.threads or min(MOST_DEFAULT_THREADS, os.cpu_count() or 1),
        quick=parsed.quick,
        families=_families(parsed.families, spec),
        metric=parsed.metric or spec.training.metric,
        as_of=_as_of(parsed.as_of, spec),
        policy=_policy(parsed),
    )
    check_out(parsed.out, force=parsed.force)
    require_tracking()
    out = parsed.out.resolve()
    partial = out.with_name(f".{out.name}.partial-{os.getpid()}")
    try:
        partial.mkdir(parents=True)
    except OSError as error:
        raise UsageError(f"{parsed.out}: cannot be written ({error.strerror})") from None
    try:
        # The libraries warn of their own futures; what matters to the reader is told by the progress and the card.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = train(options, partial, Progress())
            log_run(options, model, partial)
        if out.exists():
            shutil.rmtree(out)
        partial.rename(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return model


def _families(text: str | None, spec: Spec) -> list[str]:
    if text is None:
        return list(spec.training.families)
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in FAMILIES]
    if unknown or not names:
        raise UsageError(f"--families: {', '.join(unknown) or 'none given'}; choose of {', '.join(FAMILIES)}")
    return list(dict.fromkeys(names))


def _as_of(text: str | None, spec: Spec) -> float | None:
    if text is None:
        return None
    if spec.target.maturity != "horizon-elapsed":
        raise UsageError("--as-of only serves a spec whose target has the maturity horizon-elapsed")
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--as-of {text}: write a date such as 2026-01-31") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return moment.timestamp() * 1000


def _policy(parsed: argparse.Namespace) -> TierPolicy:
    if (parsed.call_cost is None) != (parsed.conversion_value is None):
        raise UsageError("--call-cost and --conversion-value go together")
    if parsed.leads_per_day is not None and parsed.capacity is None:
        raise UsageError("--leads-per-day only serves --capacity")
    try:
        calls = None if parsed.capacity is None else parse_capacity(parsed.capacity)
    except ValueError as error:
        raise UsageError(f"--capacity: {error}") from None
    return TierPolicy(calls, parsed.leads_per_day, parsed.call_cost, parsed.conversion_value)


def _summary(model: TrainedModel, out: Path) -> str:
    card = model.card
    metrics = card["metrics"]

    def told(label: str, name: str) -> str:
        each = metrics[name]
        if each["value"] is None:
            return f"{label} n/a"
        return f"{label} {each['value']:.4f} [{each['low']:.4f}, {each['high']:.4f}]"

    held = card["calibration"]["holdOut"]
    lines = [
        f"{card['model']} {model.version} ({card['family']}, {card['moment']})",
        "Hold-out, before the refit: "
        + ", ".join(
            told(*pair) for pair in (("AUC", "rocAuc"), ("log loss", "logLoss"), ("accuracy", "accuracy"))
        ),
        f"Calibration error {held['expectedCalibrationError']:.4f} (uncalibrated {held['expectedCalibrationErrorUncalibrated']:.4f})",
        "Tiers: "
        + "; ".join(
            f"{tier['name']} {tier['expectedShareOfLeads']:.1%} of leads"
            + (
                f", {tier['expectedConversion']:.1%} convert"
                if tier["expectedConversion"] is not None
                else ""
            )
            for tier in card["tiers"]
        ),
        *(
            f"Fields known {each['moment']}: AUC {each['metrics']['rocAuc']:.4f}, log loss {each['metrics']['logLoss']:.4f}"
            for each in card["moments"]
            if "metrics" in each and each["moment"] != card["moment"]
        ),
        f"Package: {out} (read card.md, report.html and plots/)",
    ]
    return "\n".join(lines)
