"""One training run from end to end: data, search, assessment, refit, package."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from leadgauge.package.build import PackageContent, build_package
from leadgauge.package.write import now, write_package
from leadgauge.report.card import build_card
from leadgauge.spec import Spec
from leadgauge.spec_reader import parse_spec
from leadgauge.training.assessment import (
    assess,
    assess_all,
    compare_moments,
)
from leadgauge.training.data import LeadData, TrainingDataError, load_lead_data, split_hold_out
from leadgauge.training.drift import follow_drift
from leadgauge.training.measurement import HoldOut, hold_out_parts
from leadgauge.training.metrics import SPEC_METRICS
from leadgauge.training.options import TrainingOptions
from leadgauge.training.outputs import dropped_columns, explain, manifest, write_reports
from leadgauge.training.progress import Progress
from leadgauge.training.rows import Rows
from leadgauge.training.search import (
    Candidate,
    Evaluated,
    Fitted,
    Setting,
    evaluate_out_of_fold,
    fit,
    make_encoder,
)
from leadgauge.training.selection import select
from leadgauge.training.tiers import TierPolicy, choose_tiers, expected_tiers
from leadgauge.training.time_features import decide_on_time

Floats = NDArray[np.float64]

QUICK_FOLDS = 3


@dataclass(frozen=True)
class TrainedModel:
    """What a run made."""

    version: str
    card: dict[str, Any]


def train(options: TrainingOptions, folder: Path, progress: Progress) -> TrainedModel:
    """Trains and writes the whole package into an empty folder."""
    with threadpool_limits(limits=1):
        return _train(options, folder, progress)


def _train(options: TrainingOptions, folder: Path, progress: Progress) -> TrainedModel:
    spec = options.spec
    progress.start(f"read {options.data.name}")
    data = load_lead_data(options.data, spec, as_of=options.as_of)
    progress.finish(
        f"{len(data.rows):,} rows, " + ", ".join(f"{k}: {n:,}" for k, n in data.class_counts(spec).items())
    )
    for warning in data.warnings:
        progress.note(f"note: {warning}")
    train_rows, held_rows = split_hold_out(data, spec, options.seed)
    train_part, held = data.rows.take(train_rows), data.rows.take(held_rows)
    setting = Setting(
        spec=spec,
        seed=options.seed,
        threads=options.threads,
        folds=_folds(spec, train_part, quick=options.quick),
        metric=SPEC_METRICS[options.metric],
        progress=progress,
    )
    _check_features(setting, train_part, options)
    selection = select(setting, train_part, options.families, options.moment, quick=options.quick)
    setting, time_features = decide_on_time(setting, selection.champion, train_part)
    if time_features is not None and not time_features.kept:
        progress.note(f"note: {', '.join(time_features.inputs)} left out; the search again, without")
        selection = select(setting, train_part, options.families, options.moment, quick=options.quick)
    champion, drift = follow_drift(setting, selection.champion, train_part)

    progress.start("measure every family on the hold-out", len(selection.by_family))
    results = assess_all(setting, selection.by_family, selection.sample, held)
    own = assess(setting, champion, train_part, held)
    progress.finish(
        f"champion {champion.candidate.family}: log loss {own.figures['logLoss']:.4f}, AUC {own.figures['rocAuc']:.4f}"
    )
    moments = compare_moments(setting, champion, selection.sample, held)

    final, out_of_fold = _refit(setting, champion, data.rows)
    out_of_fold, served_drift = follow_drift(setting, out_of_fold, data.rows)
    served_spec, tier_notes = _tiers(spec, options.policy, out_of_fold, data)
    progress.start("package")
    package = _package(served_spec, options, final, out_of_fold, data)
    serving, version = package.serving, package.version
    progress.finish(
        f"{sum(map(len, package.files.values())) / 1e6:.2f} MB, exported margins equal the library's"
    )

    progress.start("card, report and plots")
    importance = explain(served_spec, serving, final, data, options.seed, folder)
    card = build_card(
        spec=served_spec,
        version=version,
        created_at=now(),
        options={
            "seed": options.seed,
            "threads": options.threads,
            "quick": options.quick,
            "folds": setting.folds,
            "metric": options.metric,
        },
        data=data,
        hold_out_rows=len(held),
        selection=selection,
        families=list(zip(selection.by_family, results, strict=True)),
        hold_out=hold_out_parts(
            served_spec, HoldOut(held.labels, own.probabilities, own.raw), seed=options.seed
        ),
        applied_calibration=champion.calibration,
        served_calibration=out_of_fold.calibration,
        drift=(drift, served_drift),
        time_features=time_features,
        tiers=expected_tiers(served_spec, out_of_fold.probabilities, data.rows.labels),
        tier_notes=tier_notes,
        moments=moments,
        importance=importance,
        unit=serving["explanation"]["unit"],
        dropped=dropped_columns(spec, final, data, time_features),
    )
    write_reports(folder, served_spec, options, data, own, held, card)
    written = write_package(folder, package.files, manifest(options, data, champion, card))
    assert written == version
    progress.finish(f"version {version}")
    return TrainedModel(version, card)


def _check_features(setting: Setting, rows: Rows, options: TrainingOptions) -> None:
    try:
        make_encoder(setting.spec, Candidate(options.families[0], {}, options.moment)).fit(rows.values)
    except ValueError as error:
        raise TrainingDataError(f"{options.data.name}: {error}") from None


def _folds(spec: Spec, rows: Rows, *, quick: bool) -> int:
    """The spec's folds (3 when quick), but no more than the rarest class has rows."""
    rarest = int(np.bincount(rows.labels).min())
    return max(2, min(QUICK_FOLDS if quick else spec.training.folds, rarest))


def _refit(setting: Setting, champion: Evaluated, rows: Rows) -> tuple[Fitted, Evaluated]:
    """The champion on all rows, and its out-of-fold margins on all rows, which its calibration rests on."""
    setting.progress.start(f"refit {champion.candidate.family} on all {len(rows):,} rows", setting.folds)
    (out_of_fold,) = evaluate_out_of_fold(setting, [champion.candidate], rows, keep_rounds=True)
    final = fit(setting, champion.candidate, rows)
    setting.progress.finish(
        f"out-of-fold log loss {out_of_fold.log_loss:.4f}, {out_of_fold.calibration['method']} calibration"
    )
    return final, out_of_fold


def _tiers(spec: Spec, policy: TierPolicy, out_of_fold: Evaluated, data: LeadData) -> tuple[Spec, list[str]]:
    if not policy.chooses:
        return spec, ["as the spec sets them"]
    tiers, notes = choose_tiers(spec, policy, out_of_fold.probabilities[:, 1], data.rows.values)
    return parse_spec(json.dumps({**spec.document, "tiers": tiers})), notes


def _package(
    spec: Spec, options: TrainingOptions, final: Fitted, out_of_fold: Evaluated, data: LeadData
) -> PackageContent:
    return build_package(
        spec,
        family=final.candidate.family,
        estimator=final.estimator,
        encoder=final.encoder,
        leads=replace(data.leads, spec=spec),
        labels=data.rows.labels,
        calibration=out_of_fold.calibration,
        reference_margins=out_of_fold.margins,
        seed=options.seed,
    )
